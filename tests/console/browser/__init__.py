"""The console in a real browser: every screen, every job by keyboard, faults and lives.

`cases` is the table of screens. Whoever adds a route adds a case there.
"""
