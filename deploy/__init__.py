"""Runs SER: on one machine without containers, in containers, and with the `ser` command."""
