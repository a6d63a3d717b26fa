"""Delivered sessions against prescribed minutes, for each service and month.

Prescribed are the minutes of the terms of each day, spread evenly over the days on which the service can be
given: the state's school days, or the business days for a service of the extended school year.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import assert_never

from pydantic import Field

from contracts.codes import ServiceCode
from contracts.counting import Calendars, Clock
from contracts.message import Value
from contracts.provision import MissedBecause, Service, ServiceTerms, Session
from contracts.terms import Frequency
from contracts.types import Day, LeaCode, OrBlank, ServiceId

_ONE_DAY = timedelta(days=1)
_DAYS_OF = {Frequency.WEEK: 5, Frequency.SIX_WEEKS: 30, Frequency.SEMESTER: 90, Frequency.YEAR: 180}


class Missed(Value):
    """Sessions that did not take place, for one reason."""

    because: MissedBecause
    sessions: int
    minutes: int


class Delivered(Value):
    """What was prescribed, delivered and missed."""

    prescribed_minutes: int = Field(description="By the terms; rounded to whole minutes.")
    delivered_minutes: int = Field(description="Of given and make-up sessions.")
    delivered_sessions: int
    missed: tuple[Missed, ...] = Field(description="By reason.")


class DeliveredMonth(Delivered):
    """A month, or the part of it within the period."""

    month: str = Field(description="2018-03")


class DeliveredService(Delivered):
    """A service within a period, as a whole and by month."""

    service_id: ServiceId
    service_code: ServiceCode
    lea: LeaCode
    begin_on: Day
    end_on: OrBlank[Day | None] = None
    months: tuple[DeliveredMonth, ...] = Field(description="Those in which the service was open.")


def delivered(
    service: Service, sessions: Iterable[Session], calendars: Calendars, first: date, last: date
) -> DeliveredService:
    """The service from the first day through the last, both included. `sessions`: its own, none removed."""
    within = [one for one in sessions if first <= one.given_on <= last]
    months = []
    for begin, end in _months(max(first, service.begin_on), min(last, service.end_on or last)):
        given = [one for one in within if begin <= one.given_on <= end]
        minutes = prescribed(service, calendars, begin, end)
        months.append(DeliveredMonth(month=f"{begin:%Y-%m}", prescribed_minutes=minutes, **_given(given)))
    return DeliveredService(
        service_id=service.service_id,
        service_code=service.terms.service_code,
        lea=service.lea,
        begin_on=service.begin_on,
        end_on=service.end_on,
        prescribed_minutes=sum(one.prescribed_minutes for one in months),
        months=tuple(months),
        **_given(within),
    )


def prescribed(service: Service, calendars: Calendars, first: date, last: date) -> int:
    """The minutes that the terms prescribe from the first day through the last, which lie in one month."""
    parts = (
        _minutes(terms, calendars, max(first, since), min(last, through))
        for terms, since, through in _terms_over_time(service, last)
    )
    return round(sum(parts, Fraction()))


def _terms_over_time(service: Service, last: date) -> Iterator[tuple[ServiceTerms, date, date]]:
    """The terms, each with its first and its last day."""
    since = service.begin_on
    for one in service.earlier_terms:
        yield one.terms, since, one.last_day
        since = one.last_day + _ONE_DAY
    yield service.terms, since, last


def _minutes(terms: ServiceTerms, calendars: Calendars, first: date, last: date) -> Fraction:
    clock = Clock.BUSINESS_DAYS if terms.extended_school_year else Clock.SCHOOL_DAYS
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


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The months from the first day through the last; the outer ones as far as they lie between."""
    while first <= last:
        _, end = _month_of(first)
        yield first, min(end, last)
        first = end + _ONE_DAY


def _given(sessions: Sequence[Session]) -> dict[str, object]:
    took_place = [one for one in sessions if one.delivered]
    return {
        "delivered_minutes": sum(one.minutes for one in took_place),
        "delivered_sessions": len(took_place),
        "missed": tuple(_missed(sessions)),
    }


def _missed(sessions: Sequence[Session]) -> Iterator[Missed]:
    for because in MissedBecause:
        if some := [one for one in sessions if one.missed_because is because]:
            yield Missed(because=because, sessions=len(some), minutes=sum(one.minutes for one in some))
