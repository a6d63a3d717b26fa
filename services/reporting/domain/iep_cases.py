"""The team meetings that are due in a period: for the first IEP after an evaluation, and for each review."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from contracts.counting import Calendars
from contracts.deadlines import iep_review_due, initial_iep_due
from services.reporting.domain import rules
from services.reporting.domain.life import Evaluation, Life, Plan
from services.reporting.domain.periods import Period
from services.reporting.domain.tables import Column, Judged, Kind
from services.reporting.domain.timeliness import Case, judged, left_out

INITIAL, REVIEW = "initial IEP", "IEP review"

COLUMNS = (
    Column("block", "Kind"),
    Column("lea", "LEA", Kind.CODE),
    Column("school", "School", Kind.CODE),
    Column("coordinator", "Coordinator", Kind.CODE),
    Column("day_0", "Report, or meeting before", Kind.DAY),
    Column("due_on", "Due", Kind.DAY),
    Column("completed_on", "Team meeting", Kind.DAY),
    Column("begin_on", "IEP begins", Kind.DAY),
    Column("signed_on", "Signed", Kind.DAY),
    Column("submitted", "Submitted"),
    Column("plan_kind", "Kind of plan"),
    Column("days_late", "Days late", Kind.NUMBER),
    Column("delay_reason", "Reason of the delay"),
    Column("exited_on", "Exited", Kind.DAY),
)


def iep_cases(life: Life, period: Period, as_of: date, calendars: Calendars) -> Iterator[Judged]:
    """The rows of one student."""
    found = [*_initial(life, period, as_of, calendars), *_reviews(life, period, as_of, calendars)]
    found += [*_no_cases(life, period, as_of)]
    if not found and (life.plan_on(as_of) or life.determination_on(as_of)):
        found.append(left_out(life, rules.DUE_OUTSIDE.code, as_of))
    yield from found


def _initial(life: Life, period: Period, as_of: date, calendars: Calendars) -> Iterator[Judged]:
    for one in life.evaluations:
        if not one.initial or one.reported_on is None or one.determined_on is None:
            continue
        due_on = initial_iep_due(one.reported_on).due_on
        if max(one.reported_on, one.determined_on) > as_of or due_on not in period:
            continue
        if one.primary is None:
            key_on = min(due_on, as_of)
            yield left_out(life, rules.NOT_FOUND_ELIGIBLE.code, key_on, block=INITIAL, due_on=due_on)
        else:
            yield judged(life, _initial_case(life, one, one.reported_on, due_on, as_of), as_of, calendars)


def _initial_case(life: Life, one: Evaluation, reported_on: date, due_on: date, as_of: date) -> Case:
    met = next((plan for plan in life.years_opened(as_of) if plan.meeting_on >= reported_on), None)
    refused = [day for day in life.refusals if reported_on <= day <= as_of]
    excluded, ended_on, exited_on = None, None, None
    if met is None and refused:
        excluded, ended_on = rules.SERVICES_REFUSED.code, refused[0]
    elif met is None and (gone_on := life.gone_by(min(due_on, as_of))):
        excluded, ended_on = rules.EXITED_BEFORE_DUE.code, gone_on
    elif met is None and (left := life.exit_between(reported_on, as_of)):
        ended_on = exited_on = left.exited_on
        excluded = rules.EXITED_BEFORE_DUE.code if ended_on and ended_on < due_on else None
    return _case(INITIAL, reported_on, due_on, met, excluded, ended_on, exited_on)


def _reviews(life: Life, period: Period, as_of: date, calendars: Calendars) -> Iterator[Judged]:
    opened = life.years_opened(as_of)
    for plan, after in zip(opened, [*opened[1:], None], strict=False):
        due_on = iep_review_due(plan.meeting_on).due_on
        if due_on in period:
            yield judged(life, _review_case(life, plan, after, due_on, as_of), as_of, calendars)


def _review_case(life: Life, plan: Plan, after: Plan | None, due_on: date, as_of: date) -> Case:
    left = life.exit_between(plan.begin_on, min(as_of, after.meeting_on if after else as_of))
    exited_on = left.exited_on if left else None
    met = None if left else after
    excluded = rules.EXITED_BEFORE_DUE.code if exited_on and exited_on < due_on else None
    return _case(REVIEW, plan.meeting_on, due_on, met, excluded, exited_on, exited_on)


def _case(
    block: str,
    day_0: date,
    due_on: date,
    met: Plan | None,
    excluded: str | None,
    ended_on: date | None,
    exited_on: date | None,
) -> Case:
    return Case(
        block,
        due_on,
        met.meeting_on if met else None,
        excluded=excluded,
        ended_on=ended_on,
        more={
            "day_0": day_0,
            "begin_on": met.begin_on if met else None,
            "signed_on": met.signed_on if met else None,
            "submitted": met.stage == "submitted" if met else None,
            "plan_kind": met.kind if met else None,
            "delay_reason": met.late_reason if met else None,
            "exited_on": exited_on,
        },
    )


def _no_cases(life: Life, period: Period, as_of: date) -> Iterator[Judged]:
    """Plans that are no cases: amendments, interim IEPs, and a first IEP on an old evaluation."""
    opened = life.years_opened(as_of)
    for plan in life.plans:
        if not plan.official or plan.begin_on not in period or plan.begin_on > as_of:
            continue
        if plan.amendment:
            yield left_out(life, rules.IS_AMENDMENT.code, plan.begin_on, plan_kind=plan.kind)
        elif plan.iep_type == "interim":
            yield left_out(life, rules.IS_INTERIM.code, plan.begin_on, plan_kind=plan.kind)
        elif plan.iep_type == "initial" and _rests_on_old(life, plan, opened):
            yield left_out(life, rules.OLD_EVALUATION.code, plan.begin_on, plan_kind=plan.kind)


def _rests_on_old(life: Life, plan: Plan, opened: Sequence[Plan]) -> bool:
    """Whether an earlier IEP rests on the newest evaluation before this one, with an exit in between."""
    reports = [one.evaluated_on for one in life.evaluated_on(plan.meeting_on) if one.evaluated_on]
    earlier = [one for one in opened if one.meeting_on < plan.meeting_on]
    if not reports or not earlier or earlier[-1].meeting_on < reports[-1]:
        return False
    return life.exit_between(earlier[-1].begin_on, plan.begin_on - timedelta(days=1)) is not None
