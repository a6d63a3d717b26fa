"""Extended school year services of a summer."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import Field

from contracts.forms import ESYSCriterion
from services.reporting.domain import rules
from services.reporting.domain.deliveries import deliveries_of
from services.reporting.domain.life import Life
from services.reporting.domain.periods import FORM, read_period
from services.reporting.domain.summers import (
    COLUMNS,
    NO_SERVICE,
    NOT_ELIGIBLE,
    NOT_SCREENED,
    NOT_YET_SERVED,
    SERVED,
    SUMS,
    Screening,
    summer_of,
    summers,
)
from services.reporting.domain.tables import Column, Judged, Kind, Row, Table, Tally
from services.reporting.domain.timeliness import LEVEL_COLUMNS, counts, groups_of, place_of, reasons_table
from services.reporting.queries.deliveries import DELIVERIES
from services.reporting.reports.cases import GROUPS, OfPeriod, judging_rows, period_of, reasons
from services.reporting.reports.report import Asked, Report

_FACTS = f"""
SELECT found.*, plan.* FROM ({DELIVERIES}) AS found LEFT JOIN LATERAL (
    SELECT meeting_on, plan_kind, screened_on, eligible, criterion, decided_on, parent_notified_on
    FROM ieps LEFT JOIN summers USING (iep_id)
    WHERE ieps.subject = found.subject AND submitted AND begin_on <= CAST(:last AS date)
    ORDER BY begin_on DESC, meeting_on DESC, amendment DESC, submission DESC NULLS LAST, iep_id LIMIT 1
) AS plan ON true
"""
_COUNTED = (
    Column("students", "Students", Kind.COUNT, {"reason": None}),
    Column("screened", "Screened", Kind.COUNT, {"screened": True}),
    Column("unscreened", "Not screened", Kind.COUNT, {"verdict": NOT_SCREENED}),
    Column("not eligible", "Not eligible", Kind.COUNT, {"verdict": NOT_ELIGIBLE}),
    *(Column(str(one), f"Eligible by {one}", Kind.COUNT, {"criterion": str(one)}) for one in ESYSCriterion),
    Column("late", "Decided late", Kind.COUNT, {"late": True}),
    Column("no service", "Eligible, no service", Kind.COUNT, {"verdict": NO_SERVICE}),
    Column("recorded", "Service recorded, not served", Kind.COUNT, {"verdict": NOT_YET_SERVED}),
    Column("served", "Served", Kind.COUNT, {"verdict": SERVED}),
)
_MINUTES = (
    Column("prescribed", "Prescribed minutes", Kind.NUMBER),
    Column("delivered", "Delivered minutes", Kind.NUMBER),
)


class OfSummers(OfPeriod):
    """The parameters of a report about a summer."""

    period: str | None = Field(
        default=None,
        pattern=FORM,
        title="Period",
        description="The days of the services, such as 2025-06-01..2025-07-31. Blank: June through August of"
        " the year; from September on, of the next year.",
    )


def _days(parameters: OfSummers, as_of: date) -> Mapping[str, date]:
    period = read_period(parameters.period) if parameters.period else summer_of(as_of)
    return {"first": period.first, "last": min(period.last, as_of)}


def _course(row: Mapping[str, Any], life: Life, asked: Asked[OfSummers]) -> Iterable[Judged]:
    period = period_of(asked, summer_of)
    services = list(deliveries_of(row))
    return summers(life, _screening(row), services, period, asked.as_of, asked.calendars)


def _screening(row: Mapping[str, Any]) -> Screening | None:
    if row["meeting_on"] is None:
        return None
    return Screening(
        row["meeting_on"],
        row["plan_kind"],
        row["screened_on"],
        row["eligible"],
        ESYSCriterion(row["criterion"]) if row["criterion"] else None,
        row["decided_on"],
        row["parent_notified_on"],
    )


def _tables(tally: Tally, asked: Asked[OfSummers]) -> Sequence[Table]:
    rows = [
        Row(
            (
                label,
                *place_of(where),
                *counts(tally, where, _COUNTED),
                *(tally.sum(name, where) for name in SUMS),
            ),
            where,
        )
        for label, where in groups_of(tally, asked.parameters.by)
    ]
    title = "Extended school year services"
    return (
        Table("summer", title, (*LEVEL_COLUMNS, *_COUNTED, *_MINUTES), tuple(rows)),
        reasons_table(tally, list(SUMMERS.reasons)),
    )


SUMMERS = Report(
    name="extended-school-year",
    title="Extended school year services",
    answers="Who was screened for the summer, who is eligible by which criterion, and who was served?",
    version=1,
    parameters=OfSummers,
    facts=_FACTS,
    values=_days,
    judge=judging_rows(_course),
    columns=COLUMNS,
    dimensions=(*GROUPS, "screened", "criterion", "late"),
    sums=SUMS,
    tables=_tables,
    reasons=reasons(rules.NOT_IN_SPECIAL_EDUCATION, rules.NO_PLAN, rules.NO_SUMMER_IN_PLAN),
)
