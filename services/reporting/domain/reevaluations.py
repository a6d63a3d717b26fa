"""The re-evaluations of an LEA's students: what is overdue, and what the next three months bring."""

from collections.abc import Iterator
from datetime import date

from contracts.counting import Calendars
from contracts.deadlines import reevaluation_due
from services.reporting.domain import rules
from services.reporting.domain.evaluation_cases import reevaluations
from services.reporting.domain.life import Life
from services.reporting.domain.periods import Period, months_later
from services.reporting.domain.tables import Column, Judged, Kind, Value
from services.reporting.domain.timeliness import Case, judged, left_out, placed

OVERDUE, BEFORE, IN_PERIOD = "overdue", "overdue from before", "in the period"
MONTHS = ("month 1", "month 2", "month 3")

COLUMNS = (
    Column("bucket", "When"),
    Column("lea", "LEA", Kind.CODE),
    Column("school", "School", Kind.CODE),
    Column("coordinator", "Coordinator", Kind.CODE),
    Column("primary", "Primary exceptionality", Kind.CODE),
    Column("waiver_unlikely", "Waiver unlikely"),
    Column("day_0", "Last evaluation", Kind.DAY),
    Column("evaluation_kind", "Its kind"),
    Column("due_on", "Due", Kind.DAY),
    Column("completed_on", "Evaluated again", Kind.DAY),
    Column("days_to_due", "Days to the due date", Kind.NUMBER),
    Column("days_late", "Days late", Kind.NUMBER),
    Column("under_way_since", "Re-evaluation under way since", Kind.DAY),
    Column("not_required", "Not required"),
)
_WAIVER_UNLIKELY = ("DD", "DEAF", "HH", "TBI", "VI")
_ENDS = ("GRD", "AGE")


def due_soon(life: Life, as_of: date, calendars: Calendars) -> Iterator[Judged]:
    """The student's next re-evaluation: overdue, or in which of the three months from the day. One row."""
    done = list(life.evaluated_on(as_of))
    found = life.determination_on(as_of)
    if not life.in_special_education(as_of) or (done and (found is None or found.primary is None)):
        yield left_out(life, rules.NOT_IN_SPECIAL_EDUCATION.code, as_of)
        return
    if not done or done[-1].evaluated_on is None:
        yield left_out(life, rules.NO_EVALUATION_DATE.code, as_of)
        return
    begun = next((one for one in life.evaluations if one.stage == "begun"), None)
    due_on = reevaluation_due(done[-1].evaluated_on, calendars, begun.extensions if begun else ()).due_on
    bucket = bucket_of(due_on, as_of)
    if bucket is None:
        yield left_out(life, rules.DUE_OUTSIDE.code, as_of, due_on=due_on)
        return
    values = {
        **placed(life, as_of),
        "bucket": bucket,
        "day_0": done[-1].evaluated_on,
        "due_on": due_on,
        "days_to_due": (due_on - as_of).days,
        **about(life, as_of),
    }
    yield Judged(life.student_id, "due", None, values)


def bucket_of(due_on: date, as_of: date) -> str | None:
    """`overdue`, or the month from the day in which it is due; None: later."""
    if due_on < as_of:
        return OVERDUE
    return next((name for n, name in enumerate(MONTHS, 1) if due_on < months_later(as_of, n)), None)


def due_in(life: Life, period: Period, as_of: date, calendars: Calendars) -> Iterator[Judged]:
    """The student's cases that are due in a period, and one that is overdue from before it."""
    some = False
    for case in reevaluations(life, as_of, calendars):
        before = case.due_on < period.first and (case.completed_on or as_of) >= period.first
        if case.due_on in period or before:
            some = True
            row = judged(life, case, as_of, calendars)
            more = {"bucket": BEFORE if before else IN_PERIOD, **about(life, as_of), **_timely(case)}
            yield row._replace(values={**row.values, **more})
    if not some:
        inside = life.in_special_education(as_of)
        reason = rules.DUE_OUTSIDE if inside else rules.NOT_IN_SPECIAL_EDUCATION
        yield left_out(life, reason.code, as_of)


def _timely(case: Case) -> dict[str, Value]:
    return {"primary": case.more["primary"]}


def about(life: Life, as_of: date) -> dict[str, Value]:
    """What a list says of the student beside the dates."""
    done = list(life.evaluated_on(as_of))
    found = life.determination_on(as_of)
    begun = next((one for one in life.evaluations if one.stage == "begun"), None)
    exits = [one for one in life.activities if one.exit_reason in _ENDS and one.exited_on]
    codes = found.exceptionalities if found else ()
    waived = bool(done) and done[-1].evaluation_type == "triennial waiver"
    return {
        "primary": found.primary if found else None,
        "waiver_unlikely": any(code in _WAIVER_UNLIKELY for code in codes),
        "evaluation_kind": ("waiver" if waived else "evaluation") if done else None,
        "under_way_since": begun.begun_on if begun else None,
        "not_required": "graduates or ages out" if exits else None,
    }
