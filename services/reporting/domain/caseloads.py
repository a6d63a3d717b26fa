"""Caseloads: the students of each coordinator, and what is due for them in a period."""

from collections.abc import Iterator
from datetime import date

from contracts.counting import Calendars
from contracts.deadlines import iep_review_due, reevaluation_due
from services.reporting.domain import rules
from services.reporting.domain.life import Life
from services.reporting.domain.periods import Period
from services.reporting.domain.tables import Column, Judged, Kind
from services.reporting.domain.timeliness import left_out, placed

ON_THE_CASELOAD = "on the caseload"
OVERDUE, DUE, LATER, NONE = "overdue", "due", "later", "none"

COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("school", "School", Kind.CODE),
    Column("coordinator", "Coordinator", Kind.CODE),
    Column("primary", "Primary exceptionality", Kind.CODE),
    Column("plan_kind", "Kind of plan"),
    Column("iep_due_on", "IEP due", Kind.DAY),
    Column("iep", "IEP"),
    Column("evaluation_due_on", "Evaluation due", Kind.DAY),
    Column("evaluation", "Evaluation"),
    Column("teachers", "Teachers of record"),
    Column("services", "Open services", Kind.NUMBER),
)


def caseload(life: Life, period: Period, as_of: date, calendars: Calendars) -> Iterator[Judged]:
    """The student's row, under the LEA, school and coordinator of the day."""
    if life.owner_on(as_of) is None:
        return
    if not life.in_special_education(as_of):
        yield left_out(life, rules.NOT_IN_SPECIAL_EDUCATION.code, as_of)
        return
    opened, plan, found = life.years_opened(as_of), life.plan_on(as_of), life.determination_on(as_of)
    evaluated = [one.evaluated_on for one in life.evaluated_on(as_of) if one.evaluated_on]
    iep_due_on = iep_review_due(opened[-1].meeting_on).due_on if opened else None
    evaluation_due_on = reevaluation_due(evaluated[-1], calendars).due_on if evaluated else None
    yield Judged(
        life.student_id,
        ON_THE_CASELOAD,
        None,
        {
            **placed(life, as_of),
            "primary": found.primary if found else None,
            "plan_kind": plan.kind if plan else None,
            "iep_due_on": iep_due_on,
            "iep": _when(iep_due_on, period, as_of),
            "evaluation_due_on": evaluation_due_on,
            "evaluation": _when(evaluation_due_on, period, as_of),
            "teachers": life.teachers_on(as_of),
            "services": life.services_on(as_of),
        },
    )


def _when(due_on: date | None, period: Period, as_of: date) -> str:
    if due_on is None:
        return NONE
    if due_on < as_of:
        return OVERDUE
    return DUE if due_on <= period.last else LATER
