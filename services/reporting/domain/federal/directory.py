"""The education units of the state: which the federal files report, and when they are open.

The schools are the sites that the state has registered, each open in its time. `data/directory.csv` has a
line for each unit that differs: an LEA (a blank `school`) or a school. All others are reported, always open,
and offer every grade.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from contracts.codes import LEAS
from contracts.jurisdiction import SchoolDirectory, SchoolSite
from services.reporting.domain.federal.rows import Unit

_FILE = Path(__file__).parent / "data" / "directory.csv"
_ALWAYS = (date.min, date.max)


@dataclass(frozen=True, slots=True)
class Listed:
    """A unit of the directory. `grades`: those it offers, as the code list names them; blank: every grade."""

    unit: Unit
    reported: bool = True
    open_from: date = _ALWAYS[0]
    open_through: date = _ALWAYS[1]
    grades: frozenset[str] = frozenset()

    def open_on(self, day: date) -> bool:
        """Whether the unit is open on the day."""
        return self.open_from <= day <= self.open_through

    def offers(self, *grades: str) -> bool:
        """Whether the unit offers one of the grades."""
        return not self.grades or bool(self.grades.intersection(grades))

    def offers_only(self, grade: str) -> bool:
        """Whether the unit offers this grade and no other."""
        return self.grades == {grade}


class Directory:
    """The units of the state by their codes."""

    def __init__(self, listed: Iterable[Listed] = ()) -> None:
        self._listed: Mapping[Unit, Listed] = {one.unit: one for one in listed}

    def of(self, unit: Unit) -> Listed:
        """What the directory says of a unit."""
        return self._listed.get(unit) or Listed(unit)

    def knows(self, unit: Unit) -> bool:
        """Whether an LEA is in the state's code list, or a school has the code of its LEA."""
        return unit.lea in LEAS and (not unit.school or unit.school.startswith(unit.lea))

    def leas(self, day: date) -> Iterator[Listed]:
        """The reported LEAs that are open on the day, by code."""
        for code in sorted(LEAS):
            found = self.of(Unit(code))
            if found.reported and found.open_on(day):
                yield found

    def schools(self, day: date) -> Iterator[Listed]:
        """The listed schools that are reported and open on the day."""
        for unit, found in sorted(self._listed.items()):
            if unit.school and found.reported and found.open_on(day):
                yield found


def directory(registered: Iterable[SchoolDirectory] = ()) -> Directory:
    """The state's directory: the registered school sites, and what `directory.csv` says of its units."""
    return read(_differing(), (_school(one.lea, site) for one in registered for site in one.sites))


@cache
def _differing() -> str:
    return _FILE.read_text(encoding="utf-8")


def read(text: str, schools: Iterable[Listed] = ()) -> Directory:
    """The directory of these schools. What the text says of a unit goes before. ValueError: a line cannot be
    read."""
    return Directory((*schools, *map(_listed, csv.DictReader(text.splitlines()))))


def _school(lea: str, site: SchoolSite) -> Listed:
    return Listed(Unit(lea, site.school), open_from=site.open_on, open_through=site.closed_on or _ALWAYS[1])


def _listed(row: Mapping[str, str]) -> Listed:
    first, last = _ALWAYS
    if row["reported"] not in ("yes", "no"):
        raise ValueError(f"reported is {row['reported']!r}; it must be yes or no")
    return Listed(
        Unit(row["lea"], row["school"]),
        row["reported"] == "yes",
        date.fromisoformat(row["open_from"]) if row["open_from"] else first,
        date.fromisoformat(row["open_through"]) if row["open_through"] else last,
        frozenset(row["grades"].split()),
    )
