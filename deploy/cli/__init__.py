"""The `ser` command."""
