"""Values that a spreadsheet changed when it opened and saved a file of cells.

Excel takes `6-21` for a date and saves `21-Jun`. If counts are formatted, it saves 1234 as `1,234`.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from deploy.population.codes import GROUPS
from deploy.population.csv_rows import Row
from deploy.population.findings import CHANGED_BY_SPREADSHEET, Finding

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RANGES: Final = frozenset(GROUPS) | {band for codes in GROUPS.values() for band in codes.bands}

_DAY_MONTH: Final = re.compile(r"(?P<day>\d{1,2})[-./ ]+(?P<name>[A-Za-z]{3,9})\.?([-./ ]+\d{2,4})?")
_MONTH_DAY: Final = re.compile(r"(?P<name>[A-Za-z]{3,9})\.?[-./ ]+(?P<day>\d{1,2})(,? +\d{4})?")
_NUMBERS: Final = re.compile(r"(?P<first>\d{1,2})[-./](?P<second>\d{1,2})([-./]\d{2,4})?")
_YEAR_FIRST: Final = re.compile(r"\d{4}[-./](?P<first>\d{1,2})[-./](?P<second>\d{1,2})")
_DAY_NUMBER: Final = re.compile(r"[1-9]\d{4}")
_FIRST_DAY: Final = date(1899, 12, 30)
"""Day 0 of the numbers by which spreadsheets keep dates."""

_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[,.'\u00a0\u202f ]\d{3})+(?:[.,]0+)?")
_DECIMALS: Final = re.compile(r"\d+[.,]0+")
_SCIENTIFIC: Final = re.compile(r"\d(?:\.\d+)?[eE]\+\d{1,2}")

_AGE_GROUP, _BREAKDOWN, _VALUE, _CHILDREN = 0, 3, 4, 5
_MOST_SHOWN: Final = 8


class Change(NamedTuple):
    """A value as the spreadsheet saved it, and the value it was made of."""

    column: str
    saved: str
    original: str
    line: int


def restore(row: Row) -> tuple[Row, list[Change]]:
    """The row as it was before a spreadsheet changed it, and each change."""
    values = list(row.values)
    values[_AGE_GROUP] = original_range(values[_AGE_GROUP], GROUPS)
    if values[_BREAKDOWN] == "ageband":
        values[_VALUE] = original_range(values[_VALUE], _RANGES)
    values[_CHILDREN] = original_count(values[_CHILDREN])
    columns = {_AGE_GROUP: "age_group", _VALUE: "value", _CHILDREN: "children"}
    changes = [
        Change(column, row.values[place], values[place], row.line)
        for place, column in columns.items()
        if row.values[place] != values[place]
    ]
    return Row(row.line, tuple(values)), changes


def describe(changes: Sequence[Change]) -> Finding:
    """One finding about all changes: most frequent first, each with its number of rows."""
    counts = Counter((change.column, change.saved, change.original) for change in changes)
    shown = [
        f"{column} {saved} was {original} ({rows:,} {'row' if rows == 1 else 'rows'})"
        for (column, saved, original), rows in counts.most_common(_MOST_SHOWN)
    ]
    more = f"; and {len(counts) - _MOST_SHOWN:,} other values" if len(counts) > _MOST_SHOWN else ""
    lines = tuple(sorted({change.line for change in changes}))
    return Finding(CHANGED_BY_SPREADSHEET, f"{'; '.join(shown)}{more}.", lines)


def original_range(saved: str, ranges: Collection[str]) -> str:
    """The one of the ranges of ages that a spreadsheet took for this date; else the text as it is."""
    if saved in ranges:
        return saved
    return next((text for text in _readings(saved) if text in ranges), saved)


def original_count(saved: str) -> str:
    """The digits of a count that a spreadsheet formatted; else the text as it is."""
    if _THOUSANDS.fullmatch(saved):
        whole = re.sub(r"[.,]0{1,2}$", "", saved)
        return re.sub(r"\D", "", whole)
    if _DECIMALS.fullmatch(saved):
        return re.split(r"[.,]", saved)[0]
    if _SCIENTIFIC.fullmatch(saved) and float(saved).is_integer():
        return str(int(float(saved)))
    return saved


def _readings(saved: str) -> Iterable[str]:
    """Both ways to read a date as a range: month first, as in Louisiana, and day first."""
    for month, day in _dates(saved):
        yield f"{month}-{day}"
        yield f"{day}-{month}"


def _dates(saved: str) -> Iterable[tuple[int, int]]:
    """The month and the day that the text names."""
    for pattern in (_DAY_MONTH, _MONTH_DAY):
        found = pattern.fullmatch(saved)
        if found and found["name"].lower()[:3] in _MONTHS:
            yield _MONTHS.index(found["name"].lower()[:3]) + 1, int(found["day"])
    for pattern in (_NUMBERS, _YEAR_FIRST):
        if found := pattern.fullmatch(saved):
            yield int(found["first"]), int(found["second"])
    if _DAY_NUMBER.fullmatch(saved):
        day = _FIRST_DAY + timedelta(days=int(saved))
        yield day.month, day.day
