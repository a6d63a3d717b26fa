"""The minutes of a service that its terms prescribe.

The minutes are spread evenly over the days on which the service can be given: the state's school days, or the
business days for a service of the extended school year.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Protocol, assert_never

from contracts.counting import Calendars, Clock
from contracts.provision import EarlierTerms, ServiceTerms
from contracts.terms import Frequency

_ONE_DAY = timedelta(days=1)
_DAYS_OF = {Frequency.WEEK: 5, Frequency.SIX_WEEKS: 30, Frequency.SEMESTER: 90, Frequency.YEAR: 180}


class OnTerms(Protocol):
    """A service with its last terms and those before, earliest first."""

    @property
    def begin_on(self) -> date:
        """The first day of the service."""

    @property
    def terms(self) -> ServiceTerms:
        """The last terms."""

    @property
    def earlier_terms(self) -> Sequence[EarlierTerms]:
        """The terms before."""


def prescribed(service: OnTerms, calendars: Calendars, first: date, last: date) -> int:
    """The minutes that the terms prescribe from the first day through the last, which lie in one month."""
    parts = (
        _minutes(terms, calendars, max(first, since), min(last, through))
        for terms, since, through in _terms_over_time(service, last)
    )
    return round(sum(parts, Fraction()))


def clock_of(terms: ServiceTerms) -> Clock:
    """The days on which a service can be given."""
    return Clock.BUSINESS_DAYS if terms.extended_school_year else Clock.SCHOOL_DAYS


def months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The months from the first day through the last; the outer ones as far as they lie between."""
    while first <= last:
        _, end = _month_of(first)
        yield first, min(end, last)
        first = end + _ONE_DAY


def _terms_over_time(service: OnTerms, last: date) -> Iterator[tuple[ServiceTerms, date, date]]:
    """The terms, each with its first and its last day."""
    since = service.begin_on
    for one in service.earlier_terms:
        yield one.terms, since, one.last_day
        since = one.last_day + _ONE_DAY
    yield service.terms, since, last


def _minutes(terms: ServiceTerms, calendars: Calendars, first: date, last: date) -> Fraction:
    clock = clock_of(terms)
    days, minutes = _count(calendars, clock, first, last), terms.sessions * terms.minutes_per_session
    match terms.frequency:
        case Frequency.DAY:
            return Fraction(minutes * days)
        case Frequency.MONTH:
            whole = _count(calendars, clock, *_month_of(first))
            return Fraction(minutes * days, whole) if whole else Fraction()
        case Frequency.WEEK | Frequency.SIX_WEEKS | Frequency.SEMESTER | Frequency.YEAR:
            return Fraction(minutes * days, _DAYS_OF[terms.frequency])
        case _:
            assert_never(terms.frequency)


def _count(calendars: Calendars, clock: Clock, first: date, last: date) -> int:
    """The counted days from the first through the last."""
    return calendars.days_left(clock, first - _ONE_DAY, last) if first <= last else 0


def _month_of(day: date) -> tuple[date, date]:
    """The first and the last day of the month of a day."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - _ONE_DAY
