"""Shows a population: `python -m deploy.population FILE --as-of 2017-10-01 --only DB,HI --ages 6-21`."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from deploy.population.cells import Cells, compare
from deploy.population.cells_file import read_cells
from deploy.population.children import count_cells
from deploy.population.codes import DISABILITIES, GROUPS, AgeGroup, Disability
from deploy.population.findings import FileRefused
from deploy.population.leas import read_leas
from deploy.population.population import (
    LOUISIANA_2017,
    LOUISIANA_2017_AS_OF,
    LOUISIANA_LEAS,
    Population,
    Selection,
    populate,
    select_cells,
    select_pupils,
)
from deploy.population.pupils import Pupil


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0: every cell is as published; 1: a cell differs; 2: a file cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        return _show(options, Selection(options.only, options.ages))
    except (FileRefused, OSError) as unusable:
        print(unusable, file=sys.stderr)
        return 2


def _show(options: argparse.Namespace, selection: Selection) -> int:
    started = time.monotonic()
    cells = read_cells(options.file)
    population = populate(cells, read_leas(options.leas), options.as_of, options.seed)
    seconds = time.monotonic() - started
    pupils = select_pupils(population.pupils, selection)
    if options.json:
        _write(options.json, pupils)
    print(f"{len(population.pupils):,} children in {seconds:.1f} s; {len(pupils):,} selected.")
    return _report(population, pupils, select_cells(cells, selection))


def _report(population: Population, pupils: Sequence[Pupil], cells: Cells) -> int:
    for concession in population.concessions:
        print(concession)
    counts = count_cells(pupil.child for pupil in pupils)
    comparison = compare(cells, lambda key: counts[key])
    for difference in comparison.differences:
        print(difference)
    print(f"{comparison.matched:,} of {comparison.total:,} published cells reproduced.")
    return 0 if comparison.equal else 1


def _write(path: Path, pupils: Sequence[Pupil]) -> None:
    """Writes one JSON object a line, with the fields of the pupil and of the child."""
    with path.open("w", encoding="utf-8") as file:
        for pupil in pupils:
            child = pupil.child
            record = {name: getattr(pupil, name) for name in Pupil.__slots__ if name != "child"}
            record |= {name: getattr(child, name) for name in child.__slots__}
            print(json.dumps(record, default=date.isoformat, ensure_ascii=False), file=file)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.population", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=LOUISIANA_2017, help="published cells, CSV")
    parser.add_argument("--as-of", type=_day, default=LOUISIANA_2017_AS_OF, help="YYYY-MM-DD")
    parser.add_argument("--leas", type=Path, default=LOUISIANA_LEAS, help="school systems, CSV")
    parser.add_argument("--only", type=_disabilities, default=frozenset(DISABILITIES), metavar="CODE,CODE")
    parser.add_argument("--ages", type=_age_groups, default=frozenset(GROUPS), metavar="GROUP,GROUP")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--json", type=Path, metavar="OUT", help="write the selected children here, one a line"
    )
    return parser


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; write YYYY-MM-DD") from error
    if day.year < 1900:
        raise argparse.ArgumentTypeError(f"{text}: no child count is as old as that")
    return day


def _disabilities(text: str) -> frozenset[Disability]:
    return frozenset(Disability(code) for code in _among(DISABILITIES, text))


def _age_groups(text: str) -> frozenset[AgeGroup]:
    return frozenset(AgeGroup(code) for code in _among(tuple(GROUPS), text))


def _among(allowed: Sequence[str], text: str) -> list[str]:
    codes = text.split(",")
    unknown = [code for code in codes if code not in allowed]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not among {', '.join(allowed)}")
    return codes


if __name__ == "__main__":
    sys.exit(main())
