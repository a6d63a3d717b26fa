"""The students of an LEA with the anniversaries of their IEPs and evaluations."""

from collections.abc import Iterator
from datetime import date

from contracts.counting import Calendars
from contracts.deadlines import iep_review_due, reevaluation_due
from services.reporting.domain import rules
from services.reporting.domain.life import Life
from services.reporting.domain.periods import Period
from services.reporting.domain.tables import Column, Judged, Kind, Value
from services.reporting.domain.timeliness import left_out, placed

COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("school", "School", Kind.CODE),
    Column("coordinator", "Coordinator", Kind.CODE),
    Column("age", "Age", Kind.NUMBER),
    Column("grade", "Grade", Kind.CODE),
    Column("exceptionalities", "Exceptionalities", Kind.CODE),
    Column("plan_kind", "Kind of plan"),
    Column("met_on", "IEP meeting", Kind.DAY),
    Column("begin_on", "IEP begins", Kind.DAY),
    Column("iep_due_on", "IEP due", Kind.DAY),
    Column("evaluated_on", "Evaluation or waiver", Kind.DAY),
    Column("evaluation_due_on", "Evaluation due", Kind.DAY),
    Column("in_the_year", "Due in the school year"),
    Column("environment", "Environment", Kind.CODE),
    Column("teachers", "Teachers of record"),
    Column("services", "Open services", Kind.NUMBER),
    Column("iep_month", "Month of the IEP"),
    Column("evaluation_month", "Month of the evaluation"),
    Column("warnings", "Warnings"),
)
NONE = "none"


def roster(
    life: Life, year: Period | None, everybody: bool, as_of: date, calendars: Calendars
) -> Iterator[Judged]:
    """The student's row. `year`: only students with an anniversary in it. `everybody`: also students who are
    not in special education."""
    if life.owner_on(as_of) is None:
        return
    inside = life.in_special_education(as_of)
    if not inside and not everybody:
        yield left_out(life, rules.NOT_IN_SPECIAL_EDUCATION.code, as_of)
        return
    values = {**placed(life, as_of), **_plan(life, as_of), **_evaluation(life, as_of, calendars)}
    due = [name for name in ("iep_due_on", "evaluation_due_on") if year and values[name] in year]
    if year and not due:
        yield left_out(life, rules.DUE_OUTSIDE.code, as_of)
        return
    words = {"iep_due_on": "IEP", "evaluation_due_on": "evaluation"}
    values |= {"in_the_year": ", ".join(words[name] for name in due) or None, **_person(life, as_of)}
    warned = [rules.NO_PLAN.code] * (values["met_on"] is None and inside)
    warned += [rules.NO_EVALUATION_DATE.code] * (values["evaluated_on"] is None and inside)
    yield Judged(life.student_id, "listed", None, values | {"warnings": ", ".join(warned) or None})


def _plan(life: Life, as_of: date) -> dict[str, Value]:
    plan, opened = life.plan_on(as_of), life.years_opened(as_of)
    due_on = iep_review_due(opened[-1].meeting_on).due_on if opened and plan else None
    return {
        "plan_kind": plan.kind if plan else None,
        "met_on": opened[-1].meeting_on if opened and plan else None,
        "begin_on": plan.begin_on if plan else None,
        "iep_due_on": due_on,
        "iep_month": f"{due_on:%Y-%m}" if due_on else NONE,
        "environment": plan.environment if plan else None,
    }


def _evaluation(life: Life, as_of: date, calendars: Calendars) -> dict[str, Value]:
    days = [one.evaluated_on for one in life.evaluated_on(as_of) if one.evaluated_on]
    due_on = reevaluation_due(days[-1], calendars).due_on if days else None
    return {
        "evaluated_on": days[-1] if days else None,
        "evaluation_due_on": due_on,
        "evaluation_month": f"{due_on:%Y-%m}" if due_on else NONE,
    }


def _person(life: Life, as_of: date) -> dict[str, Value]:
    found = life.determination_on(as_of)
    codes = list(found.exceptionalities) if found else []
    first = [found.primary] if found and found.primary else []
    return {
        "age": age_on(life.birth_on, as_of) if life.birth_on else None,
        "grade": life.grade_on(as_of),
        "exceptionalities": ", ".join([*first, *(code for code in codes if code not in first)]) or None,
        "services": life.services_on(as_of),
        "teachers": life.teachers_on(as_of),
    }


def age_on(birth_on: date, day: date) -> int:
    """The age in completed years. A child born on 29 February gets older on 1 March of a common year."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))
