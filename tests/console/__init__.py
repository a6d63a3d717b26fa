"""The console: dates, forms and words; every screen in a real browser; sign-in, security and faults.

- `running`, `children`, `people`: the system of the session, its students, and who is signed in.
- `browser`: the tests in a real browser.
"""
