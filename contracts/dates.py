"""The calendar day of an instant, and the checks of dates that all services share."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from contracts.errors import BEFORE_BIRTH, IN_THE_FUTURE, TOO_FAR_AHEAD, Finding

FURTHEST_AHEAD = 366
"""A date in a command is at most this many days after today."""

CHILD_COUNT = (10, 1)
"""Month and day of the yearly child count."""

ZONE = "America/Chicago"
"""The time zone of all calendar days: Louisiana's."""

_ZONE = ZoneInfo(ZONE)


def day_at(instant: datetime) -> date:
    """The calendar day in Louisiana at an instant."""
    return instant.astimezone(_ZONE).date()


def begin_of(day: date) -> datetime:
    """The instant at which a calendar day begins in Louisiana."""
    return datetime.combine(day, time.min, _ZONE)


def child_counts(first: date, last: date) -> Sequence[date]:
    """The days of child counts from `first` through `last`, earliest first."""
    days = (date(year, *CHILD_COUNT) for year in range(first.year, last.year + 1))
    return [day for day in days if first <= day <= last]


def before_birth(day: date, birth_on: date, *, at: str) -> Iterator[Finding]:
    """The finding that `day` is before the student was born."""
    if day < birth_on:
        yield BEFORE_BIRTH.broken(at=at, day=day)


def too_far_ahead(day: date, today: date, *, at: str) -> Iterator[Finding]:
    """The finding that `day` is more than a year after today."""
    if (day - today).days > FURTHEST_AHEAD:
        yield TOO_FAR_AHEAD.broken(at=at, day=day)


def in_the_future(day: date, today: date, *, at: str) -> Iterator[Finding]:
    """The finding that `day`, on which something was done, is after today."""
    if day > today:
        yield IN_THE_FUTURE.broken(at=at, day=day)
