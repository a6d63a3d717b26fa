"""Transition: students of 16 and older, and those who turn 16 in a period, with what their IEP lacks."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from contracts.deadlines import anniversary
from contracts.forms import Transition
from contracts.ieps import PlanKind
from services.reporting.domain import rules
from services.reporting.domain.indicators.rules import SERVICES_PLAN, TOO_YOUNG
from services.reporting.domain.indicators.transition import FROM_AGE, Answer, elements
from services.reporting.domain.life import Life
from services.reporting.domain.periods import Period
from services.reporting.domain.tables import Column, Judged, Kind
from services.reporting.domain.timeliness import left_out, placed

WHOLE, LACKING = "has every element", "lacks elements"

COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("school", "School", Kind.CODE),
    Column("coordinator", "Coordinator", Kind.CODE),
    Column("sixteen_on", "Sixteenth birthday", Kind.DAY),
    Column("turns", "Turns 16 in the period"),
    Column("met_on", "IEP meeting", Kind.DAY),
    Column("lacks", "Lacks"),
)


class InForce(NamedTuple):
    """The submitted IEP in force on the day. `form`: its transition form; None: it has none."""

    met_on: date
    plan_kind: str
    form: Transition | None


def transition_plans(life: Life, plan: InForce | None, period: Period, as_of: date) -> Iterator[Judged]:
    """The student's row. `plan` None: no IEP is in force on the day."""
    if life.owner_on(as_of) is None or life.birth_on is None:
        return
    sixteen_on = anniversary(life.birth_on, FROM_AGE)
    if not life.in_special_education(as_of):
        yield left_out(life, rules.NOT_IN_SPECIAL_EDUCATION.code, as_of)
    elif sixteen_on > max(as_of, period.last):
        yield left_out(life, TOO_YOUNG.code, as_of)
    elif plan is None:
        yield left_out(life, rules.NO_PLAN.code, as_of)
    elif plan.plan_kind == PlanKind.SERVICES_PLAN:
        yield left_out(life, SERVICES_PLAN.code, as_of)
    else:
        yield _row(life, plan, sixteen_on, period, as_of)


def _row(life: Life, plan: InForce, sixteen_on: date, period: Period, as_of: date) -> Judged:
    answers = elements(plan.form, plan.met_on, as_of)
    lacks = [str(one) for one, answer in answers.items() if answer is Answer.NO]
    return Judged(
        life.student_id,
        LACKING if lacks else WHOLE,
        None,
        {
            **placed(life, as_of),
            "sixteen_on": sixteen_on,
            "turns": sixteen_on in period,
            "met_on": plan.met_on,
            "lacks": ", ".join(lacks) or None,
        },
    )
