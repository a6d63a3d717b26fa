"""Indicator 11, child find: initial evaluations that were complete within the state's time.

Denominator: children with a parent's consent to an initial evaluation in the year. Numerator: those whose
report was disseminated through the due date, with the extensions of the state's calendar. In neither: a child
who was not produced, and a child in another LEA with an agreed date (34 CFR 300.301(d)).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.calendars import Extension
from contracts.counting import Calendars, Clock
from contracts.deadlines import evaluation_due
from contracts.errors import Rule
from services.reporting.domain.indicators import rules
from services.reporting.domain.indicators.year import SchoolYear


class Found(StrEnum):
    """The verdict on an evaluation. All but `in time` and `left out` are in the denominator alone."""

    IN_TIME = "in time"
    LATE = "late"
    OPEN = "open"
    CLOSED = "closed without a report"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An evaluation as far as the indicator needs it."""

    initial: bool
    consented_on: date | None
    reported_on: date | None
    extensions: Sequence[Extension] = ()
    agreed_due_on: date | None = None
    not_produced: bool = False
    delay_reason: str | None = None
    closed_on: date | None = None
    in_error: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, or the rule that leaves the evaluation out. `days_late`: in business days."""

    found: Found
    key_on: date
    rule: Rule | None = None
    due_on: date | None = None
    days_late: int | None = None


def judge(evaluation: Evaluation, year: SchoolYear, as_of: date, calendars: Calendars) -> Judgement:
    """The verdict on an evaluation as of a day. What is dated after the day has not happened yet.

    The key date, whose owner the case belongs to: the earlier of the due date and the day of the report, or
    the day asked about.
    """
    rule = _left_out(evaluation, year, as_of)
    if rule is not None:
        return Judgement(Found.LEFT_OUT, min(evaluation.consented_on or as_of, as_of), rule)
    assert evaluation.consented_on is not None, "an evaluation without consent is left out"
    due_on = evaluation_due(evaluation.consented_on, calendars, evaluation.extensions).due_on
    reported_on, closed_on = _by(evaluation.reported_on, as_of), _by(evaluation.closed_on, as_of)
    ended_on = reported_on or closed_on or as_of
    late = max(0, -calendars.days_left(Clock.BUSINESS_DAYS, ended_on, due_on))
    found = _found(reported_on, closed_on, due_on)
    return Judgement(found, min(due_on, ended_on), None, due_on, late or None)


def _found(reported_on: date | None, closed_on: date | None, due_on: date) -> Found:
    if reported_on is not None:
        return Found.IN_TIME if reported_on <= due_on else Found.LATE
    return Found.CLOSED if closed_on is not None else Found.OPEN


def _by(day: date | None, as_of: date) -> date | None:
    return day if day is not None and day <= as_of else None


def _left_out(evaluation: Evaluation, year: SchoolYear, as_of: date) -> Rule | None:
    """The first rule that leaves the evaluation out."""
    consented_on = _by(evaluation.consented_on, as_of)
    reasons = (
        (not evaluation.initial, rules.NOT_INITIAL),
        (evaluation.in_error, rules.IN_ERROR),
        (consented_on is None, rules.NO_CONSENT),
        (consented_on not in year, rules.CONSENT_OUTSIDE),
        (evaluation.not_produced, rules.NOT_PRODUCED),
        (evaluation.agreed_due_on is not None, rules.AGREED_ELSEWHERE),
    )
    return next((rule for applies, rule in reasons if applies), None)
