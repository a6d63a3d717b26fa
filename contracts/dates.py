"""Days as every service tells them, and what is wrong with a date of a command."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from contracts.errors import BEFORE_BIRTH, TOO_FAR_AHEAD, Finding

FURTHEST_AHEAD = 366
"""Days after today: no command reaches further."""

ZONE = "America/Chicago"
"""Where days are told: Louisiana."""


def day_at(instant: datetime) -> date:
    """Louisiana's day at an instant."""
    return instant.astimezone(ZoneInfo(ZONE)).date()


def before_birth(day: date, birth_on: date, *, at: str) -> Iterator[Finding]:
    """The finding that `day` is before the student was born."""
    if day < birth_on:
        yield BEFORE_BIRTH.broken(at=at, day=day)


def too_far_ahead(day: date, today: date, *, at: str) -> Iterator[Finding]:
    """The finding that `day` is more than a year after today."""
    if (day - today).days > FURTHEST_AHEAD:
        yield TOO_FAR_AHEAD.broken(at=at, day=day)
