"""The IEPs and services plans of a school year, and whether each review is in its timeline."""

from collections.abc import Iterator
from datetime import date, timedelta

from contracts.counting import Calendars
from contracts.deadlines import iep_review_due, last_day_of_iep
from services.reporting.domain import rules
from services.reporting.domain.life import Life, Plan
from services.reporting.domain.periods import Period
from services.reporting.domain.tables import Column, Judged, Kind, Value
from services.reporting.domain.timeliness import Case as Review
from services.reporting.domain.timeliness import days_late, left_out, placed, status_of

COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("school", "School", Kind.CODE),
    Column("coordinator", "Coordinator", Kind.CODE),
    Column("plan_kind", "Kind of plan"),
    Column("iep_type", "Type"),
    Column("stage", "Stage"),
    Column("met_on", "Meeting", Kind.DAY),
    Column("begin_on", "Begins", Kind.DAY),
    Column("last_on", "Last day", Kind.DAY),
    Column("amendments", "Amendments", Kind.NUMBER),
    Column("amended_on", "Last amendment", Kind.DAY),
    Column("due_on", "Next review due", Kind.DAY),
    Column("status", "Status of the review due in the year"),
    Column("status_due_on", "It was due", Kind.DAY),
    Column("days_late", "Days late", Kind.NUMBER),
    Column("submitted", "Submitted"),
    Column("services", "Recorded services", Kind.NUMBER),
    Column("open_services", "Open services", Kind.NUMBER),
    Column("environment", "Environment", Kind.CODE),
    Column("due_month", "Month of the review"),
    Column("old_draft", "Draft older than 30 days"),
    Column("warnings", "Warnings"),
)
NOT_SUBMITTED = "official, not submitted"
_OLD = timedelta(days=30)


def plans(life: Life, year: Period, as_of: date, calendars: Calendars) -> Iterator[Judged]:
    """The student's row: the plan in force in the year, and the review that is due in it."""
    if life.owner_on(as_of) is None:
        return
    day = min(as_of, year.last)
    plan, opened = life.plan_on(day), life.years_opened(as_of)
    review = next((one for one in opened if iep_review_due(one.meeting_on).due_on in year), None)
    if plan is None and not opened:
        inside = life.in_special_education(as_of)
        reason = rules.NO_PLAN if inside else rules.NOT_IN_SPECIAL_EDUCATION
        yield left_out(life, reason.code, as_of)
    elif review is None and (plan is None or day < year.first):
        yield left_out(life, rules.DUE_OUTSIDE.code, as_of)
    else:
        yield _row(life, plan or opened[-1], review, as_of, calendars)


def _row(life: Life, plan: Plan, review: Plan | None, as_of: date, calendars: Calendars) -> Judged:
    opened = life.years_opened(as_of)
    amendments = [
        one
        for one in life.plans
        if one.official and one.amendment and one.meeting_on == plan.meeting_on and one.begin_on <= as_of
    ]
    due_on = iep_review_due(opened[-1].meeting_on).due_on if opened else None
    open_services = [
        one for one in life.services if one.begin_on <= as_of and (one.end_on is None or one.end_on >= as_of)
    ]
    drafts = [one for one in life.plans if one.stage == "draft" and one.meeting_on < as_of - _OLD]
    return Judged(
        life.student_id,
        "listed",
        None,
        {
            **placed(life, as_of),
            "plan_kind": plan.kind,
            "iep_type": plan.iep_type,
            "stage": plan.stage,
            "met_on": plan.meeting_on,
            "begin_on": plan.begin_on,
            "last_on": last_day_of_iep(plan.begin_on),
            "amendments": len(amendments),
            "amended_on": max((one.begin_on for one in amendments), default=None),
            "due_on": due_on,
            **_reviewed(life, review, as_of, calendars),
            "submitted": plan.stage == "submitted",
            "services": len(life.services),
            "open_services": len(open_services),
            "environment": plan.environment,
            "old_draft": bool(drafts),
            "warnings": NOT_SUBMITTED if any(one.stage == "official" for one in life.plans) else None,
        },
    )


def _reviewed(life: Life, review: Plan | None, as_of: date, calendars: Calendars) -> dict[str, Value]:
    """The status of the review that is due in the year."""
    if review is None:
        return {"status": None, "status_due_on": None, "days_late": None, "due_month": None}
    due_on = iep_review_due(review.meeting_on).due_on
    later = [one.meeting_on for one in life.years_opened(as_of) if one.meeting_on > review.meeting_on]
    completed_on = min(later, default=None)
    status = status_of(due_on, completed_on, as_of)
    late = days_late(Review("review", due_on, completed_on), as_of, calendars)
    return {
        "status": str(status),
        "status_due_on": due_on,
        "days_late": late if str(status).startswith("OUT") else None,
        "due_month": f"{due_on:%Y-%m}",
    }
