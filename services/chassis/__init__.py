"""The runtime every service shares.

It handles subjects, records, commands and events, and knows nothing of their content.
"""
