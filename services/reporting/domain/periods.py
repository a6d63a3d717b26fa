"""Periods of a report: a month, a quarter, a school year, or any range of days. Both ends are included."""

import re
from datetime import date, timedelta
from typing import NamedTuple

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")
_RANGE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2}-[0-9]{2})")
_YEAR_BEGINS = 7
FORM = r"^([0-9]{4}-[0-9]{2}|[0-9]{4}-Q[1-4]|[0-9]{4}-[0-9]{2}-[0-9]{2}\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})$"


class Period(NamedTuple):
    """The days from the first through the last."""

    first: date
    last: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last


def read_period(written: str, *, of_years: bool = False) -> Period:
    """The period that a text names. ValueError: it names none.

    `2024-12`: December 2024. `2025-Q1`: January through March 2025. `2024-25`: the school year from 1 July
    2024. `2024-12-01..2025-01-31`: these days. `2011-12` names a month and a school year: it is the school
    year if `of_years`, else December 2011.
    """
    if found := _QUARTER.fullmatch(written):
        first = date(int(found[1]), 3 * int(found[2]) - 2, 1)
        return Period(first, months_later(first, 3) - timedelta(days=1))
    if found := _RANGE.fullmatch(written):
        period = Period(date.fromisoformat(found[1]), date.fromisoformat(found[2]))
        if period.last < period.first:
            raise ValueError("the last day is before the first")
        return period
    if found := _MONTH.fullmatch(written):
        year, number = int(found[1]), int(found[2])
        next_year = number == (year + 1) % 100
        return school_year(year) if next_year and (of_years or number > 12) else _month(year, number)
    raise ValueError(f"{written} is no period")


def _month(year: int, number: int) -> Period:
    first = date(year, number, 1)
    return Period(first, months_later(first, 1) - timedelta(days=1))


def school_year(begins: int) -> Period:
    """The school year that begins on 1 July of a year."""
    return Period(date(begins, _YEAR_BEGINS, 1), date(begins + 1, _YEAR_BEGINS, 1) - timedelta(days=1))


def school_year_of(day: date) -> Period:
    """The school year of a day."""
    return school_year(day.year - (day.month < _YEAR_BEGINS))


def month_of(day: date) -> Period:
    """The month of a day."""
    return _month(day.year, day.month)


def months_later(day: date, months: int) -> date:
    """The same day some months later, or the last day of that month if it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))
