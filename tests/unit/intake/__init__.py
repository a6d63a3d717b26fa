"""Batch files: record types, and reading them."""
