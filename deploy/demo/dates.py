"""The dates of a student's first year in special education, counted back from the first day of the IEP."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from contracts.deadlines import anniversary

_LONGEST_IN_EFFECT = 330
"""The most days that an IEP has been in effect on the day of the count. An IEP is reviewed within a year."""

_FIRST_SERVED_AGE = 3
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class HistoryDates:
    """The dates of a history in their order. Each is on or after the one before."""

    claimed_on: date
    referred_on: date
    requested_on: date
    consented_on: date
    reported_on: date
    determined_on: date
    met_on: date
    begins_on: date


def draw_dates(birth_on: date, as_of: date, draw: Random, *, found_from_age: int = 0) -> HistoryDates:
    """The dates of a child who is served on `as_of` under an initial IEP.

    The IEP begins at three at the earliest (34 CFR 300.101), and the team meets within 30 days of the report
    (LAC 28:XCVII.105.A). `found_from_age`: the age from which the disability may be found.
    """
    found_from = anniversary(birth_on, found_from_age)
    third_birthday = anniversary(birth_on, _FIRST_SERVED_AGE)
    served_from = max(third_birthday, found_from, as_of - timedelta(days=_LONGEST_IN_EFFECT))
    begins_on = school_day(as_of - days(draw, 0, (as_of - served_from).days), served_from)
    met_on = school_day(begins_on - days(draw, 0, 10), found_from)
    determined_on = school_day(met_on - days(draw, 0, 14), found_from)
    reported_on = school_day(determined_on - days(draw, 0, 7))
    consented_on = school_day(reported_on - days(draw, 50, 80))
    requested_on = school_day(consented_on - days(draw, 2, 10))
    referred_on = school_day(requested_on - days(draw, 2, 10))
    claimed_on = school_day(referred_on - days(draw, 10, 60))
    return HistoryDates(
        claimed_on, referred_on, requested_on, consented_on, reported_on, determined_on, met_on, begins_on
    )


def days(draw: Random, fewest: int, most: int) -> timedelta:
    """So many days, drawn at random; both limits are included."""
    return timedelta(days=draw.randint(fewest, most))


def school_day(day: date, earliest: date = date.min) -> date:
    """The day itself, or the Friday before a weekend; never before `earliest`."""
    friday = day - timedelta(days=max(0, day.weekday() - _SATURDAY + 1))
    return max(friday, earliest)
