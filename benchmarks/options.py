"""What to measure, and how large."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PARTS = ("commands", "rebuild", "latency", "history", "state", "count", "search", "projection", "deciding")
RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class Options:
    """Sizes; None leaves it to the part."""

    parts: tuple[str, ...]
    results: Path | None
    commands: int
    few: int
    some: int
    children: int | None
    students: int | None
    searches: int
    seconds: int
    rate: int
    histories: int
    explain: bool


def options(words: list[str] | None = None) -> Options:
    """What the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure SER beside floors. All parts take three quarters of an hour on a machine that"
        " does nothing else.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all if none is named")
    parser.add_argument(
        "--results", type=Path, help=f"where the results are written; of all parts to {RESULTS.name} beside"
    )
    for name, kind, default, what in _SIZES:
        parser.add_argument(f"--{name}", type=kind, default=default, help=what)
    parser.add_argument("--explain", action="store_true", help="show where the time of a child count goes")
    chosen = parser.parse_args(words)
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    results = chosen.results or (None if chosen.parts else RESULTS)
    if results and not results.parent.is_dir():
        parser.error(f"there is no folder {results.parent}")
    return Options(**vars(chosen) | {"parts": tuple(chosen.parts) or PARTS, "results": results})


def _at_least(least: int) -> Callable[[str], int]:
    """A whole number, which is not less."""

    def read(word: str) -> int:
        number = int(word)
        if number < least:
            raise argparse.ArgumentTypeError(f"{number} is too small: {least:,} at least")
        return number

    return read


_SIZES: tuple[tuple[str, Callable[[str], int], int | None, str], ...] = (
    ("commands", _at_least(1000), 130_000, "commands: how many for SER and the floor"),
    ("few", _at_least(100), 3_000, "commands: how many for the idiomatic service alone"),
    ("some", _at_least(100), 10_000, "commands: how many for it with 32 workers"),
    (
        "children",
        _at_least(100),
        None,
        "children of rebuild (else 12,000), projection (all there are) and deciding (2,000)",
    ),
    ("students", _at_least(100), None, "students of count (else 84,473) and of search (100,000)"),
    ("searches", _at_least(10), 500, "search: how many of each kind"),
    ("seconds", _at_least(5), 30, "latency: how long each turn is"),
    ("rate", _at_least(1), 50, "latency: commands a second"),
    ("histories", _at_least(2), 30, "history: students of each kind and turn"),
)
"""Name, kind, default and what it is for."""
