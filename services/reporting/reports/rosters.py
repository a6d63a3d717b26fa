"""Rosters: the students of an LEA, with the anniversaries of their IEPs and evaluations."""

from collections.abc import Iterable, Sequence

from pydantic import Field

from services.reporting.domain import rules
from services.reporting.domain.life import Life
from services.reporting.domain.periods import FORM, read_period
from services.reporting.domain.rosters import COLUMNS, NONE, roster
from services.reporting.domain.tables import Column, Judged, Kind, Row, Table, Tally, Value
from services.reporting.domain.timeliness import by_level, reasons_table
from services.reporting.queries.lives import LIVES
from services.reporting.reports.cases import GROUPS, OfPeriod, judging, reasons
from services.reporting.reports.report import Asked, Report

_LISTED: dict[str, Value] = {"verdict": "listed"}
_COUNTED = (
    Column("students", "Students", Kind.COUNT, _LISTED),
    Column("no IEP", "No IEP", Kind.COUNT, {**_LISTED, "iep_month": NONE}),
    Column("no evaluation", "No evaluation", Kind.COUNT, {**_LISTED, "evaluation_month": NONE}),
)


class OfRosters(OfPeriod):
    """The parameters of a roster."""

    period: str | None = Field(
        default=None,
        pattern=FORM,
        title="School year",
        description="2024-25: only students with an anniversary in it. Blank: every student.",
    )
    everybody: bool = Field(
        default=False,
        title="Also students not in special education",
        description="Students whom the LEA has claimed, whether they are in special education or not.",
    )


def _course(life: Life, asked: Asked[OfRosters]) -> Iterable[Judged]:
    year = read_period(asked.parameters.period, of_years=True) if asked.parameters.period else None
    return roster(life, year, asked.parameters.everybody, asked.as_of, asked.calendars)


def _tables(tally: Tally, asked: Asked[OfRosters]) -> Sequence[Table]:
    return (
        by_level(tally, asked.parameters.by, "students", "Students", _COUNTED),
        _by_month(tally, "iep_month", "IEPs due, by month"),
        _by_month(tally, "evaluation_month", "Evaluations due, by month"),
        reasons_table(tally, list(ROSTERS.reasons)),
    )


def _by_month(tally: Tally, name: str, title: str) -> Table:
    months = [month for month in tally.values(name) if month not in (None, NONE)]
    columns = (Column("month", "Month", Kind.CODE), Column("students", "Students", Kind.COUNT, _LISTED))
    rows = [Row((month, tally.count({**_LISTED, name: month})), {name: month}) for month in months]
    return Table(name, title, columns, tuple(rows))


ROSTERS = Report(
    name="rosters",
    title="Rosters",
    answers="Who are the students of an LEA on the day, and when are their IEPs and evaluations due?",
    version=2,
    parameters=OfRosters,
    facts=LIVES,
    judge=judging(_course),
    columns=COLUMNS,
    dimensions=(*GROUPS, "iep_month", "evaluation_month"),
    tables=_tables,
    reasons=reasons(rules.NOT_IN_SPECIAL_EDUCATION, rules.DUE_OUTSIDE),
)
