"""Re-Eval Management: the re-evaluations of the next three months, or of a period."""

from collections.abc import Iterable, Sequence

from pydantic import Field

from services.reporting.domain import rules
from services.reporting.domain.life import Life
from services.reporting.domain.periods import FORM, read_period
from services.reporting.domain.reevaluations import (
    BEFORE,
    COLUMNS,
    IN_PERIOD,
    MONTHS,
    OVERDUE,
    due_in,
    due_soon,
)
from services.reporting.domain.tables import Column, Judged, Kind, Row, Table, Tally
from services.reporting.domain.timeliness import (
    LEVEL_COLUMNS,
    Status,
    by_level,
    groups_of,
    percent,
    place_of,
    reasons_table,
)
from services.reporting.queries.lives import LIVES
from services.reporting.reports.cases import GROUPS, OfPeriod, judging, reasons
from services.reporting.reports.report import Asked, Report

_IN_FORCE = (Status.IN, Status.LATE, Status.OVERDUE, Status.PENDING)


class OfReevaluations(OfPeriod):
    """The parameters of Re-Eval Management."""

    period: str | None = Field(
        default=None,
        pattern=FORM,
        title="Period",
        description="Blank: what is overdue, and the next three months from the day. 2024-25 is a school"
        " year, 2024-12 a month, and 2024-12-01..2025-01-31 a range of days.",
    )


def _course(life: Life, asked: Asked[OfReevaluations]) -> Iterable[Judged]:
    if asked.parameters.period:
        return due_in(life, read_period(asked.parameters.period), asked.as_of, asked.calendars)
    return due_soon(life, asked.as_of, asked.calendars)


def _tables(tally: Tally, asked: Asked[OfReevaluations]) -> Sequence[Table]:
    table = _of_period if asked.parameters.period else _of_months
    return (table(tally, asked), reasons_table(tally, list(REEVALUATIONS.reasons)))


def _of_months(tally: Tally, asked: Asked[OfReevaluations]) -> Table:
    buckets = (OVERDUE, *MONTHS)
    counted = [Column(one, one.capitalize(), Kind.COUNT, {"bucket": one}) for one in buckets]
    title = "Overdue, and due in the next three months"
    return by_level(tally, asked.parameters.by, "months", title, counted)


def _of_period(tally: Tally, asked: Asked[OfReevaluations]) -> Table:
    inside = {"bucket": IN_PERIOD}
    columns = (
        *LEVEL_COLUMNS,
        *(Column(str(one), str(one), Kind.COUNT, {**inside, "verdict": str(one)}) for one in _IN_FORCE),
        Column("percent", "Percent in", Kind.PERCENT),
        Column("before", "Overdue from before", Kind.COUNT, {"bucket": BEFORE}),
    )
    rows = []
    for label, where in groups_of(tally, asked.parameters.by):
        numbers = [tally.count({**where, **inside, "verdict": str(one)}) for one in _IN_FORCE]
        before = tally.count({**where, "bucket": BEFORE})
        rows.append(
            Row((label, *place_of(where), *numbers, percent(numbers[0], sum(numbers[:3])), before), where)
        )
    return Table("period", "Re-evaluations due in the period", columns, tuple(rows))


REEVALUATIONS = Report(
    name="reevaluations",
    title="Re-Eval Management",
    answers="Which re-evaluations are overdue, and which are due in the next three months or in a period?",
    version=1,
    parameters=OfReevaluations,
    facts=LIVES,
    judge=judging(_course),
    columns=COLUMNS,
    dimensions=("bucket", *GROUPS),
    tables=_tables,
    reasons=reasons(rules.NOT_IN_SPECIAL_EDUCATION, rules.NO_EVALUATION_DATE, rules.DUE_OUTSIDE),
)
