"""The number of examples: few in `make test`, EXAMPLES in `make fuzz`."""

import os
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from deploy.local.home import TREE

EXAMPLES = int(os.environ.get("SER_FUZZ_EXAMPLES") or 0)
"""Examples of each target. 0 is the small size, with the same examples in every run."""

_REMEMBERED = TREE / ".ser" / "fuzz"
_EVERY_SECONDS = 5.0


def amount(small: int) -> int:
    """The number of examples; `small` in `make test`."""
    return EXAMPLES or small


def trying(small: int, at_once: int = 1, *, exactly: bool = False) -> settings:
    """Settings of hypothesis for one target, of which each example is several tries at once; `exactly` so
    many, whatever was asked for.

    A campaign draws anew each time and remembers what failed.
    """
    return settings(
        max_examples=max(1, (small if exactly else amount(small)) // at_once),
        derandomize=not EXAMPLES,
        database=DirectoryBasedExampleDatabase(Path(_REMEMBERED)) if EXAMPLES else None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


class Progress:
    """Prints the progress of `make fuzz`; prints nothing in `make test`."""

    def __init__(self, target: str, total: int) -> None:
        self._target, self._total = target, total
        self._done, self._began = 0, time.monotonic()
        self._said = self._began

    def step(self, tries: int = 1) -> None:
        """Counts tried examples."""
        self._done += tries
        now = time.monotonic()
        if EXAMPLES and now > self._said + _EVERY_SECONDS:
            self._said = now
            say(f"{self._target}: {self._done:,} of {self._total:,}, {now - self._began:,.0f} s")


def say(line: str) -> None:
    """Prints a line past pytest's capture."""
    if EXAMPLES:
        print(f"  {line}", file=sys.__stderr__, flush=True)
