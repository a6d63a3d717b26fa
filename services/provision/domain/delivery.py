"""Delivered sessions against prescribed minutes, for each service and month."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from pydantic import Field

from contracts.codes import ServiceCode
from contracts.counting import Calendars
from contracts.message import Value
from contracts.prescribed import months, prescribed
from contracts.provision import MissedBecause, Service, Session
from contracts.types import Day, LeaCode, OrBlank, ServiceId


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
    found = []
    for begin, end in months(max(first, service.begin_on), min(last, service.end_on or last)):
        given = [one for one in within if begin <= one.given_on <= end]
        minutes = prescribed(service, calendars, begin, end)
        found.append(DeliveredMonth(month=f"{begin:%Y-%m}", prescribed_minutes=minutes, **_given(given)))
    return DeliveredService(
        service_id=service.service_id,
        service_code=service.terms.service_code,
        lea=service.lea,
        begin_on=service.begin_on,
        end_on=service.end_on,
        prescribed_minutes=sum(one.prescribed_minutes for one in found),
        months=tuple(found),
        **_given(within),
    )


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
