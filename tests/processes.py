"""Finds the processes that a test or a benchmark has started."""

from contextlib import suppress

import psutil


def children_running(module: str) -> list[psutil.Process]:
    """The children of this process that run a module. Left out is a child that has ended, read or not."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # a zombie, too
            if module in child.cmdline():
                found.append(child)
    return found
