"""Services prescribed beside delivered: the minutes of each service in each month, and missed ones by reason.

The minutes that the terms prescribe are those of `contracts/prescribed.py`. A make-up session counts as
delivered; the missed session in whose place it was given stays missed.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from contracts.counting import Calendars
from contracts.prescribed import clock_of, months, prescribed
from contracts.provision import EarlierTerms, MissedBecause, ServiceTerms
from services.reporting.domain.life import Life
from services.reporting.domain.periods import Period
from services.reporting.domain.tables import Column, Judged, Kind, Value
from services.reporting.domain.timeliness import placed

IN_FULL, IN_PART, NOTHING, NOT_DUE = "in full", "in part", "nothing", "nothing prescribed"

MISSED: Mapping[MissedBecause, str] = {because: f"missed: {because}" for because in MissedBecause}
"""For each reason the name of the column with its minutes."""
SUMS = ("prescribed", "delivered", "missed", *MISSED.values())
"""The columns of minutes, which summaries add up."""

MINUTES = (
    Column("prescribed", "Prescribed minutes", Kind.NUMBER),
    Column("delivered", "Delivered minutes", Kind.NUMBER),
    Column("missed", "Missed minutes", Kind.NUMBER),
    *(Column(name, f"Missed minutes: {because}", Kind.NUMBER) for because, name in MISSED.items()),
)
COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("school", "School", Kind.CODE),
    Column("coordinator", "Coordinator", Kind.CODE),
    Column("service_code", "Service", Kind.CODE),
    Column("month", "Month", Kind.CODE),
    Column("begin_on", "Service begins", Kind.DAY),
    Column("end_on", "Service ends", Kind.DAY),
    Column("summer", "Extended school year"),
    *MINUTES,
    Column("sessions", "Delivered sessions", Kind.NUMBER),
    Column("missed_sessions", "Missed sessions", Kind.NUMBER),
    Column("provisional", "By a calendar that is not published"),
)


class Session(NamedTuple):
    """A session, or one that was missed for a reason."""

    given_on: date
    minutes: int
    missed_because: MissedBecause | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A service with its terms, and its sessions of a period."""

    code: str
    lea: str
    begin_on: date
    end_on: date | None
    terms: ServiceTerms
    earlier_terms: Sequence[EarlierTerms]
    sessions: Sequence[Session]


def deliveries_of(row: Mapping[str, object]) -> Iterator[Delivery]:
    """The services in a row of `queries/deliveries.py`."""
    written = row["deliveries"]
    for code, lea, begin_on, end_on, terms, earlier, sessions in json.loads(str(written)) if written else ():
        yield Delivery(
            code,
            lea,
            date.fromisoformat(begin_on),
            date.fromisoformat(end_on) if end_on else None,
            ServiceTerms.model_validate(terms),
            [EarlierTerms.model_validate(one) for one in earlier],
            [
                Session(date.fromisoformat(day), minutes, MissedBecause(because) if because else None)
                for day, minutes, because in sessions or ()
            ],
        )


def deliveries(
    life: Life, services: Sequence[Delivery], period: Period, as_of: date, calendars: Calendars
) -> Iterator[Judged]:
    """A row for each service and each month of the period, through the day. LEA and school are those of the
    last day of the service in the month."""
    for service in services:
        last = min(day for day in (period.last, as_of, service.end_on) if day is not None)
        for begin, end in months(max(period.first, service.begin_on), last):
            yield _month(life, service, begin, end, calendars)


def minutes(service: Delivery, first: date, last: date, calendars: Calendars) -> dict[str, int]:
    """The prescribed, delivered and missed minutes from the first day through the last, in one month."""
    sessions = [one for one in service.sessions if first <= one.given_on <= last]
    by_reason = {name: _sum(sessions, because) for because, name in MISSED.items()}
    return {
        "prescribed": prescribed(service, calendars, first, last),
        "delivered": _sum(sessions, None),
        "missed": sum(by_reason.values()),
        **by_reason,
    }


def _sum(sessions: Sequence[Session], because: MissedBecause | None) -> int:
    return sum(one.minutes for one in sessions if one.missed_because is because)


def _month(life: Life, service: Delivery, begin: date, end: date, calendars: Calendars) -> Judged:
    given = minutes(service, begin, end, calendars)
    missed = [one.missed_because is not None for one in service.sessions if begin <= one.given_on <= end]
    values: dict[str, Value] = {
        **placed(life, end),
        "service_code": service.code,
        "month": f"{begin:%Y-%m}",
        "begin_on": service.begin_on,
        "end_on": service.end_on,
        "summer": service.terms.extended_school_year,
        **given,
        "sessions": missed.count(False),
        "missed_sessions": missed.count(True),
        "provisional": calendars.provisional(clock_of(service.terms), begin, end),
    }
    return Judged(life.student_id, _verdict(given["prescribed"], given["delivered"]), None, values)


def _verdict(due: int, given: int) -> str:
    if given >= due:
        return IN_FULL if due else NOT_DUE
    return IN_PART if given else NOTHING
