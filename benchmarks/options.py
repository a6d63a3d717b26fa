"""The command line: which parts to measure, and their sizes."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PARTS = (
    "commands",
    "rebuild",
    "latency",
    "history",
    "state",
    "count",
    "due",
    "reports",
    "search",
    "projection",
    "deciding",
    "validation",
    "console",
)
RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class Options:
    """The chosen parts and sizes. None: the part's own size."""

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
    people: int
    pages: int
    explain: bool


def options(words: list[str] | None = None) -> Options:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure SER beside floors. All parts take 45 minutes on an idle machine.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all if none is named")
    parser.add_argument(
        "--results", type=Path, help=f"the file for the results; of all parts: {RESULTS.name}"
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
    """A parser of whole numbers from `least` on."""

    def read(word: str) -> int:
        number = int(word)
        if number < least:
            raise argparse.ArgumentTypeError(f"{number} is too small; the least is {least:,}")
        return number

    return read


_SIZES: tuple[tuple[str, Callable[[str], int], int | None, str], ...] = (
    ("commands", _at_least(1000), 130_000, "commands: the number for SER and the floor"),
    ("few", _at_least(100), 3_000, "commands: the number for the idiomatic service with one worker"),
    ("some", _at_least(100), 10_000, "commands: the number for the idiomatic service with 32 workers"),
    (
        "children",
        _at_least(100),
        None,
        "children of rebuild (default 12,000), projection (default all) and deciding (default 2,000)",
    ),
    (
        "students",
        _at_least(100),
        None,
        "students of count and reports (default 84,473), due (default 5,000) and search (default 100,000)",
    ),
    ("searches", _at_least(10), 500, "search: searches of each kind"),
    ("seconds", _at_least(5), 30, "latency: seconds of each turn; console: a twentieth of deadline day"),
    ("rate", _at_least(1), 50, "latency: commands a second"),
    ("histories", _at_least(2), 30, "history: students of each kind and turn"),
    ("people", _at_least(2), 1_000, "console: signed-in people on deadline day"),
    ("pages", _at_least(1), 50, "console: pages a second on deadline day; three times as many parts"),
)
"""Name, parser, default and help of each size."""
