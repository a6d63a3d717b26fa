"""The runtime every service shares.

It knows subjects, things, commands and events, and nothing of what they are about.
"""
