"""IEP/SP Mgt: the IEPs and services plans of a school year."""

from collections.abc import Iterable, Sequence

from services.reporting.domain import rules
from services.reporting.domain.life import Life
from services.reporting.domain.periods import school_year_of
from services.reporting.domain.plans import COLUMNS, NOT_SUBMITTED, plans
from services.reporting.domain.tables import Column, Judged, Kind, Row, Table, Tally, Value
from services.reporting.domain.timeliness import (
    LEVEL_COLUMNS,
    Status,
    counts,
    groups_of,
    place_of,
    reasons_table,
)
from services.reporting.queries.lives import LIVES
from services.reporting.reports.cases import GROUPS, OfSchoolYear, judging, period_of, reasons
from services.reporting.reports.report import Asked, Report

_LISTED: dict[str, Value] = {"verdict": "listed"}
_REVIEWED = (Status.IN, Status.LATE, Status.OVERDUE, Status.PENDING)
_COUNTED = (
    Column("in force", "In force", Kind.COUNT, _LISTED),
    *(
        Column(f"review {one}", f"Review {one}", Kind.COUNT, {**_LISTED, "status": str(one)})
        for one in _REVIEWED
    ),
    Column("old drafts", "Drafts older than 30 days", Kind.COUNT, {**_LISTED, "old_draft": True}),
    Column("not submitted", "Official, not submitted", Kind.COUNT, {**_LISTED, "warnings": NOT_SUBMITTED}),
)


def _course(life: Life, asked: Asked[OfSchoolYear]) -> Iterable[Judged]:
    return plans(life, period_of(asked, school_year_of), asked.as_of, asked.calendars)


def _tables(tally: Tally, asked: Asked[OfSchoolYear]) -> Sequence[Table]:
    return (_by_kind(tally, asked), _by_month(tally), reasons_table(tally, list(PLANS.reasons)))


def _by_kind(tally: Tally, asked: Asked[OfSchoolYear]) -> Table:
    columns = (*LEVEL_COLUMNS, Column("plan_kind", "Kind of plan"), *_COUNTED)
    kinds = [kind for kind in tally.values("plan_kind") if kind is not None]
    rows = [
        Row((label, *place_of(where), kind, *counts(tally, of_kind, _COUNTED)), of_kind)
        for label, where in groups_of(tally, asked.parameters.by)
        for kind in kinds
        if (of_kind := {**where, "plan_kind": kind})
    ]
    return Table("plans", "Plans of the school year", columns, tuple(rows))


def _by_month(tally: Tally) -> Table:
    months = [month for month in tally.values("due_month") if month is not None]
    columns = (Column("month", "Month", Kind.CODE), Column("plans", "Reviews due", Kind.COUNT, _LISTED))
    rows = [Row((one, tally.count({**_LISTED, "due_month": one})), {"due_month": one}) for one in months]
    return Table("months", "Reviews due, by month", columns, tuple(rows))


PLANS = Report(
    name="plans",
    title="IEP/SP Mgt",
    answers="Which IEPs and services plans are in force in a school year, and was each review in time?",
    version=2,
    parameters=OfSchoolYear,
    facts=LIVES,
    judge=judging(_course),
    columns=COLUMNS,
    dimensions=(*GROUPS, "plan_kind", "status", "old_draft", "warnings", "due_month"),
    tables=_tables,
    reasons=reasons(rules.NOT_IN_SPECIAL_EDUCATION, rules.NO_PLAN, rules.DUE_OUTSIDE),
)
