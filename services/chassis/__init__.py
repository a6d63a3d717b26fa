"""The runtime every service shares.

It knows subjects, records, commands and events, and nothing of what they are about.
"""
