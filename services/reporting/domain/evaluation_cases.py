"""The evaluations that are due in a period: the initial ones with a parent's consent, and re-evaluations."""

from collections.abc import Iterator
from datetime import date

from contracts.calendars import Extension
from contracts.counting import Calendars, Clock
from contracts.deadlines import evaluation_due, reevaluation_due
from services.reporting.domain import rules
from services.reporting.domain.life import Evaluation, Life
from services.reporting.domain.periods import Period
from services.reporting.domain.tables import Column, Judged, Kind, Value
from services.reporting.domain.timeliness import Case, judged, left_out

INITIAL, REEVALUATION = "initial evaluation", "re-evaluation"

COLUMNS = (
    Column("block", "Kind"),
    Column("lea", "LEA", Kind.CODE),
    Column("school", "School", Kind.CODE),
    Column("coordinator", "Coordinator", Kind.CODE),
    Column("requested_on", "Permission requested", Kind.DAY),
    Column("day_0", "Consent, or last evaluation", Kind.DAY),
    Column("extensions", "Extensions"),
    Column("due_on", "Due", Kind.DAY),
    Column("completed_on", "Report disseminated", Kind.DAY),
    Column("days_used", "Business days used", Kind.NUMBER),
    Column("days_late", "Days late", Kind.NUMBER),
    Column("delay_reason", "Reason of the delay"),
    Column("determined_on", "Determined", Kind.DAY),
    Column("eligible", "Eligible"),
    Column("primary", "Primary exceptionality", Kind.CODE),
)


def evaluation_cases(life: Life, period: Period, as_of: date, calendars: Calendars) -> Iterator[Judged]:
    """The rows of one student."""
    for one in life.evaluations:
        if one.initial and one.decided_on and one.decided_on <= as_of:
            yield from _initial(life, one, period, as_of, calendars)
    for case in reevaluations(life, as_of, calendars):
        if case.due_on in period:
            yield judged(life, case, as_of, calendars)


def _initial(
    life: Life, one: Evaluation, period: Period, as_of: date, calendars: Calendars
) -> Iterator[Judged]:
    assert one.decided_on is not None, "the caller asks only about decided ones"
    if one.decision != "consented":
        if one.decided_on in period:
            yield left_out(life, rules.NO_CONSENT.code, one.decided_on, block=INITIAL, day_0=one.decided_on)
        return
    due_on = evaluation_due(one.decided_on, calendars, one.extensions, one.agreed_due_on).due_on
    if one.agreed_due_on is not None:
        yield from _moved(life, one, period, as_of, calendars)
    if due_on in period:
        yield judged(life, _case(life, one, due_on, as_of, calendars), as_of, calendars)
    elif one.decided_on in period:
        yield left_out(life, rules.DUE_OUTSIDE.code, min(due_on, as_of), block=INITIAL, due_on=due_on)


def _moved(
    life: Life, one: Evaluation, period: Period, as_of: date, calendars: Calendars
) -> Iterator[Judged]:
    """The case of the LEA that began, if the student enrolled in another one and a day was agreed."""
    assert one.decided_on is not None, "it has a consent"
    due_on = evaluation_due(one.decided_on, calendars, one.extensions).due_on
    before, now = life.owner_on(one.decided_on), life.owner_on(min(one.agreed_due_on or as_of, as_of))
    if due_on in period and before and now and before.lea != now.lea:
        ended_on = before.end_on or one.decided_on
        case = Case(
            INITIAL,
            due_on,
            None,
            Clock.BUSINESS_DAYS,
            rules.AGREED_ELSEWHERE.code,
            min(ended_on, due_on),
            _more(one, as_of, calendars),
        )
        yield judged(life, case, as_of, calendars)


def _case(life: Life, one: Evaluation, due_on: date, as_of: date, calendars: Calendars) -> Case:
    completed_on = one.reported_on if one.reported_on and one.reported_on <= as_of else None
    excluded, ended_on = (None, None) if completed_on else _excluded(life, one, due_on, as_of)
    return Case(
        INITIAL, due_on, completed_on, Clock.BUSINESS_DAYS, excluded, ended_on, _more(one, as_of, calendars)
    )


def _excluded(life: Life, one: Evaluation, due_on: date, as_of: date) -> tuple[str | None, date | None]:
    """Why a case without a report is excluded, and the day on which it ended."""
    withdrawn_on = one.withdrawn_on()
    closed_on = one.closed_on if one.close_reason in ("left the state", "died") else None
    gone_on = life.gone_by(min(due_on, as_of)) or closed_on
    if one.not_produced:
        return rules.NOT_PRODUCED.code, None
    if withdrawn_on and withdrawn_on <= as_of:
        return rules.CONSENT_WITHDRAWN.code, withdrawn_on
    if gone_on and gone_on <= due_on:
        return rules.GONE_BEFORE_DUE.code, gone_on
    return None, None


def _more(one: Evaluation, as_of: date, calendars: Calendars) -> dict[str, Value]:
    determined = one.determined_on is not None and one.determined_on <= as_of
    used_to = min(one.reported_on or as_of, as_of)
    start = one.decided_on or one.begun_on
    return {
        "requested_on": one.requested_on,
        "day_0": one.decided_on,
        "extensions": _worded(one.extensions),
        "days_used": calendars.days_left(Clock.BUSINESS_DAYS, start, used_to) if start else None,
        "delay_reason": one.delay_reason,
        "determined_on": one.determined_on if determined else None,
        "eligible": one.primary is not None if determined else None,
        "primary": one.primary if determined else None,
    }


def _worded(extensions: tuple[Extension, ...] | object) -> str:
    """`10 days, 2025-01-07`."""
    found = extensions if isinstance(extensions, tuple) else ()
    return ", ".join(f"{one.business_days} days" if one.business_days else f"{one.until}" for one in found)


def reevaluations(life: Life, as_of: date, calendars: Calendars) -> Iterator[Case]:
    """Every case of a re-evaluation of a student in special education: due three years after each report or
    signed waiver, and done by the next one."""
    done = list(life.evaluated_on(as_of))
    for one, after in zip(done, [*done[1:], None], strict=False):
        assert one.evaluated_on is not None, "each is a report or a waiver"
        completed_on = after.evaluated_on if after else None
        under_way = after or _under_way(life)
        extensions = under_way.extensions if under_way else ()
        due_on = reevaluation_due(one.evaluated_on, calendars, extensions).due_on
        key_on = min(day for day in (due_on, completed_on, as_of) if day is not None)
        if life.in_special_education(key_on) and _found_something(life, key_on):
            yield Case(
                REEVALUATION,
                due_on,
                completed_on,
                more={
                    "day_0": one.evaluated_on,
                    "extensions": _worded(extensions),
                    "delay_reason": after.delay_reason if after else None,
                    "primary": _found_something(life, key_on),
                },
            )


def _under_way(life: Life) -> Evaluation | None:
    return next((one for one in life.evaluations if one.stage == "begun"), None)


def _found_something(life: Life, day: date) -> str | None:
    """The primary exceptionality of the newest determination."""
    found = life.determination_on(day)
    return found.primary if found else None
