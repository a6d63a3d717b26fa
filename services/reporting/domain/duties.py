"""The calendar of duties: on which day what is to be done in special education reporting, year by year.

`duties.csv` has them. A line holds for the school years `first_year` through `last_year`, each by the year in
which it begins. `day` is a month and day (`10-01`), a weekday (`first Wednesday of April`), one date, or
`unknown`. `official` says that the day itself stands in the source; every other day is this project's.
"""

import csv
from calendar import day_name, month_name
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, partial
from pathlib import Path

from services.reporting.domain.indicators.year import SchoolYear, read_year, year_of

_FILE = Path(__file__).with_suffix(".csv")
PROJECT = "project"
"""The source of a duty that no law and no federal document has."""
_UNKNOWN = "unknown"
_WEEK = timedelta(days=7)


class Whose(StrEnum):
    """Who has a duty."""

    LEA = "LEA"
    STATE = "state"
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Duty:
    """What is to be done in a school year. `due_on`: blank if SER does not know the day.

    `where`: the path of the console's screen that does it. `recorded_on`: since when SER has the line.
    """

    name: str
    title: str
    whose: Whose
    year: SchoolYear
    due_on: date | None
    official: bool
    source: str
    do: str
    where: str
    recorded_on: date

    def concerns(self, whose: Whose) -> bool:
        """Whether it is a duty of these. Everybody's duties concern all, and everybody is asked for all."""
        return Whose.EVERYBODY in (whose, self.whose) or whose is self.whose


def duties_of(year: SchoolYear, whose: Whose = Whose.EVERYBODY) -> Sequence[Duty]:
    """The duties of a school year, by day, those without a known day last. Empty: no calendar of the year."""
    return [duty for duty in _all() if duty.year == year and duty.concerns(whose)]


def duties_between(first: date, last: date, whose: Whose = Whose.EVERYBODY) -> Sequence[Duty]:
    """The duties whose day is known and lies from `first` through `last`, by day."""
    found = (duty for duty in _all() if duty.concerns(whose))
    return [duty for duty in found if duty.due_on and first <= duty.due_on <= last]


def known_years() -> Sequence[str]:
    """The school years that have a calendar, earliest first: `2019-20`."""
    return list(dict.fromkeys(duty.year.name for duty in _all()))


def unknown_years(first: date, last: date) -> Sequence[str]:
    """The school years from `first` through `last` that have no calendar."""
    begins = range(year_of(first).first.year, year_of(last).first.year + 1)
    return [year for begun in begins if (year := _year(begun).name) not in known_years()]


@cache
def _all() -> Sequence[Duty]:
    """Every duty of every year, by year and day."""
    lines = csv.DictReader(_FILE.read_text(encoding="utf-8").splitlines())
    return sorted((duty for line in lines for duty in _of(line)), key=_order)


def _order(duty: Duty) -> tuple[SchoolYear, bool, date, str]:
    return duty.year, duty.due_on is None, duty.due_on or duty.year.last, duty.name


def _of(line: dict[str, str]) -> Iterator[Duty]:
    day = day_rule(line["day"])
    for begins in range(int(line["first_year"]), int(line["last_year"]) + 1):
        year = _year(begins)
        yield Duty(
            line["duty"],
            line["title"],
            Whose(line["whose"]),
            year,
            day(year),
            line["official"] == "yes",
            line["source"],
            line["do"],
            line["where"],
            date.fromisoformat(line["recorded_on"]),
        )


def _year(begins: int) -> SchoolYear:
    return read_year(f"{begins}-{(begins + 1) % 100:02d}")


def day_rule(written: str) -> Callable[[SchoolYear], date | None]:
    """The day in a school year, by the text of a line. ValueError: the text is none of the four forms."""
    if written == _UNKNOWN:
        return lambda year: None
    if " " in written:
        return partial(_first_weekday, *_read_weekday(written))
    if len(written) == len("10-01"):
        month, day = map(int, written.split("-"))
        return lambda year: date(_calendar_year(year, month), month, day)
    fixed = date.fromisoformat(written)
    return lambda year: fixed


def _read_weekday(written: str) -> tuple[int, int]:
    first, weekday, of, month = written.split()
    if (first, of) != ("first", "of"):
        raise ValueError(f"no day: {written}")
    return list(day_name).index(weekday), list(month_name).index(month)


def _first_weekday(weekday: int, month: int, year: SchoolYear) -> date:
    first = date(_calendar_year(year, month), month, 1)
    return first + (timedelta(days=weekday - first.weekday()) % _WEEK)


def _calendar_year(year: SchoolYear, month: int) -> int:
    """The calendar year in which a month of the school year lies."""
    return year.first.year if month >= year.first.month else year.last.year
