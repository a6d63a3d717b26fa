"""Extended school year services: who was screened, who is eligible by which criterion, and who was served."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from contracts.counting import Calendars
from contracts.forms import ESYSCriterion
from contracts.ieps import PlanKind
from contracts.prescribed import months
from services.reporting.domain import rules
from services.reporting.domain.deliveries import Delivery, minutes
from services.reporting.domain.life import Life
from services.reporting.domain.periods import Period
from services.reporting.domain.tables import Column, Judged, Kind
from services.reporting.domain.timeliness import left_out, placed

NOT_SCREENED, NOT_ELIGIBLE = "not screened", "not eligible"
NO_SERVICE, NOT_YET_SERVED, SERVED = "eligible, no service", "service recorded", "served"

_FIRST_MONTH, _LAST_MONTH, _LAST_DAY = 6, 8, 31
SUMS = ("prescribed", "delivered")
COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("school", "School", Kind.CODE),
    Column("coordinator", "Coordinator", Kind.CODE),
    Column("primary", "Primary exceptionality", Kind.CODE),
    Column("met_on", "IEP meeting", Kind.DAY),
    Column("screened_on", "Screened", Kind.DAY),
    Column("screened", "Was screened"),
    Column("criterion", "Eligible by"),
    Column("decided_on", "Decided", Kind.DAY),
    Column("parent_notified_on", "Parent notified", Kind.DAY),
    Column("late", "Decided late"),
    Column("services", "Services"),
    Column("begin_on", "First service begins", Kind.DAY),
    Column("prescribed", "Prescribed minutes", Kind.NUMBER),
    Column("delivered", "Delivered minutes", Kind.NUMBER),
)


class Screening(NamedTuple):
    """The submitted IEP in force, and what its form ESY says."""

    met_on: date
    plan_kind: str
    screened_on: date | None
    eligible: bool | None
    criterion: ESYSCriterion | None
    decided_on: date | None
    parent_notified_on: date | None


def summer_of(day: date) -> Period:
    """June through August of the day's year; from September on, of the next year."""
    year = day.year + (day.month > _LAST_MONTH)
    return Period(date(year, _FIRST_MONTH, 1), date(year, _LAST_MONTH, _LAST_DAY))


def summers(
    life: Life,
    plan: Screening | None,
    services: Sequence[Delivery],
    period: Period,
    as_of: date,
    calendars: Calendars,
) -> Iterator[Judged]:
    """The student's row on the day, or on the last day of the period if that is earlier. `plan` None: no IEP
    is in force on that day."""
    day = min(as_of, period.last)
    if life.owner_on(day) is None:
        return
    if not life.in_special_education(day):
        yield left_out(life, rules.NOT_IN_SPECIAL_EDUCATION.code, day)
    elif plan is None:
        yield left_out(life, rules.NO_PLAN.code, day)
    elif plan.plan_kind != PlanKind.IEP:
        yield left_out(life, rules.NO_SUMMER_IN_PLAN.code, day)
    else:
        yield _row(
            life, plan, [one for one in services if one.terms.extended_school_year], period, day, calendars
        )


def _row(
    life: Life,
    plan: Screening,
    services: Sequence[Delivery],
    period: Period,
    day: date,
    calendars: Calendars,
) -> Judged:
    given = [one for service in services for one in _minutes(service, period, day, calendars)]
    delivered = sum(one["delivered"] for one in given)
    begin_on = min((max(one.begin_on, period.first) for one in services), default=None)
    found = life.determination_on(day)
    values = {
        **placed(life, day),
        "primary": found.primary if found else None,
        "met_on": plan.met_on,
        "screened_on": plan.screened_on,
        "screened": plan.screened_on is not None,
        "criterion": str(plan.criterion) if plan.eligible and plan.criterion else None,
        "decided_on": plan.decided_on,
        "parent_notified_on": plan.parent_notified_on,
        "late": bool(plan.eligible) and _late(plan.decided_on, begin_on or period.first, day),
        "services": ", ".join(sorted({one.code for one in services})) or None,
        "begin_on": begin_on,
        "prescribed": sum(one["prescribed"] for one in given),
        "delivered": delivered,
    }
    return Judged(life.student_id, _verdict(plan, services, delivered), None, values)


def _verdict(plan: Screening, services: Sequence[Delivery], delivered: int) -> str:
    if plan.screened_on is None:
        return NOT_SCREENED
    if not plan.eligible:
        return NOT_ELIGIBLE
    if not services:
        return NO_SERVICE
    return SERVED if delivered else NOT_YET_SERVED


def _late(decided_on: date | None, begin_on: date, day: date) -> bool:
    """Whether the decision came on the first day of the services or later, or is not there by then."""
    return begin_on <= (decided_on or day)


def _minutes(service: Delivery, period: Period, day: date, calendars: Calendars) -> Iterator[dict[str, int]]:
    last = min(service.end_on or day, day)
    for begin, end in months(max(period.first, service.begin_on), last):
        yield minutes(service, begin, end, calendars)
