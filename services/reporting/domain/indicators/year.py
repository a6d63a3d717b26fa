"""The year of an indicator: a school year. Federal fiscal year 2024 is the school year 2024-25."""

from datetime import date
from typing import NamedTuple

FORM = r"^[0-9]{4}-[0-9]{2}$"
_BEGINS = (7, 1)


class SchoolYear(NamedTuple):
    """The days from 1 July through 30 June."""

    first: date
    last: date

    @property
    def name(self) -> str:
        """As people write it: `2024-25`."""
        return f"{self.first.year}-{self.last.year % 100:02d}"

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last


def read_year(written: str) -> SchoolYear:
    """The school year of a text such as `2024-25`. ValueError: the second number is not the next year."""
    begins, ends = int(written[:4]), int(written[5:])
    if (begins + 1) % 100 != ends:
        raise ValueError(f"a school year is written {begins}-{(begins + 1) % 100:02d}")
    return _beginning(begins)


def year_of(day: date) -> SchoolYear:
    """The school year of a day."""
    return _beginning(day.year - ((day.month, day.day) < _BEGINS))


def year_before(year: SchoolYear) -> SchoolYear:
    """The school year before a year."""
    return _beginning(year.first.year - 1)


def _beginning(year: int) -> SchoolYear:
    return SchoolYear(date(year, 7, 1), date(year + 1, 6, 30))
