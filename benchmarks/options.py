"""What to measure, and how large."""

import argparse
from dataclasses import dataclass
from pathlib import Path

PARTS = ("commands", "rebuild", "latency", "count", "search", "intake", "deciding")
_RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class Options:
    """Sizes; None leaves it to the part."""

    parts: tuple[str, ...]
    results: Path
    commands: int
    few: int
    some: int
    children: int | None
    students: int | None
    searches: int
    seconds: float
    rate: float
    explain: bool


def options(words: list[str] | None = None) -> Options:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all if none is named")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where the results are written")
    parser.add_argument("--commands", type=int, default=120_000, help="commands for SER and the floor")
    parser.add_argument("--few", type=int, default=3_000, help="commands for the idiomatic service alone")
    parser.add_argument("--some", type=int, default=10_000, help="commands for it with 32 workers")
    parser.add_argument(
        "--children", type=int, help="of rebuild (20,000), of intake (all there are) and of deciding (2,000)"
    )
    parser.add_argument("--students", type=int, help="of count (84,473) and of search (100,000)")
    parser.add_argument("--searches", type=int, default=500, help="searches of each kind")
    parser.add_argument("--seconds", type=float, default=60, help="how long latency is measured")
    parser.add_argument("--rate", type=float, default=50, help="commands a second while it is")
    parser.add_argument("--explain", action="store_true", help="show where the time of a child count goes")
    chosen = parser.parse_args(words)
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return Options(**vars(chosen) | {"parts": tuple(chosen.parts) or PARTS})
