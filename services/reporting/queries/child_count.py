"""The child count: every cell, and a reconciliation of all considered students."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.errors import Rule, Severity
from contracts.types import LeaCode
from services.chassis.answering.http import Problem
from services.reporting.domain.definitions import AgeGroup, age_groups, disabilities, school_year
from services.reporting.domain.layout import TABLES, Breakdown, Cell, cells, disagreements
from services.reporting.domain.race import MISSING
from services.reporting.domain.rules import (
    NO_SUCH_CODE,
    NOT_COUNTED,
    PARTS_DISAGREE,
    PLAN_EXPIRED,
    RACE_MISSING,
    SEX_MISSING,
    Reason,
)
from services.reporting.queries.completeness import certificate
from services.reporting.queries.judged import judged_numbers
from services.reporting.queries.moment import in_order, one_moment, today
from services.reporting.queries.scope import lea_in_scope


class CountedCell(BaseModel):
    """One cell, as in the published file. A blank disability or environment means all."""

    age_group: str
    disability: str | None
    environment: str | None
    breakdown: Breakdown
    value: str | None
    children: int


class NotCounted(BaseModel):
    """The students not counted for one reason. Severity `error`: an LEA must correct the record."""

    reason: Reason
    code: str
    severity: Severity
    message: str
    solution: str
    students: int


class ToMend(BaseModel):
    """The counted students whose record an LEA must mend all the same.

    A value is missing for the federal files (`MISSING` in the cells), or the year of the IEP is over.
    """

    code: str
    severity: Severity
    message: str
    solution: str
    students: int


class Reconciliation(BaseModel):
    """All considered students, counted or not: `considered` = `counted` + all of `not_counted`.

    `to_mend`: the counted students with a record to mend. One student may be in it several times.
    """

    considered: int
    counted: int
    not_counted: list[NotCounted]
    to_mend: list[ToMend]


class ChildCount(BaseModel):
    """The federal child count as of a day, by the definitions of its school year.

    `complete`: no event that the services published through `read_through` is missing. `events`: the number
    of their events in reporting, each once. `to_come`: the day is in the future, so the count is a forecast
    from the present records. `lea` is blank for the whole state.
    """

    as_of: date
    to_come: bool
    school_year: str
    lea: LeaCode | None
    disabilities: list[str]
    complete: bool
    read_through: datetime | None
    events: int
    reconciliation: Reconciliation
    cells: list[CountedCell]


_MISSING = {Breakdown.SEX: SEX_MISSING, Breakdown.RACE: RACE_MISSING}
_COLUMNS = ("disability", "environment", "age", "ageband", "race", "sex")


def _grouping_sets() -> str:
    sides = [
        (
            "age_group",
            *(("disability",) if table.disability else ()),
            *(("environment",) if table.environment else ()),
            *((table.breakdown.value,) if table.breakdown is not Breakdown.TOTAL else ()),
        )
        for table in TABLES
    ]
    return ", ".join(f"({', '.join(columns)})" for columns in sides)


TALLIED = f"""
, tallied AS MATERIALIZED (
    SELECT reason, age_group, {", ".join(_COLUMNS)}, sum(children) AS children,
        sum(expired) AS expired
    FROM judged GROUP BY reason, age_group, {", ".join(_COLUMNS)}
)
SELECT reason, NULL AS age_group, NULL AS disability, NULL AS environment, NULL AS breakdown, NULL AS value,
    sum(children)::bigint AS children, sum(expired)::bigint AS expired
FROM tallied GROUP BY reason
UNION ALL
SELECT NULL, age_group, disability, environment,
    CASE 0
        WHEN GROUPING(age) THEN 'age'
        WHEN GROUPING(ageband) THEN 'ageband'
        WHEN GROUPING(race) THEN 'race'
        WHEN GROUPING(sex) THEN 'sex'
        ELSE 'total'
    END, coalesce(age, ageband, race, sex), sum(children)::bigint, NULL
FROM tallied WHERE reason = 'counted'
GROUP BY GROUPING SETS ({_grouping_sets()})
"""


async def child_count(
    viewer: Actor,
    database: AsyncConnection,
    as_of: date,
    lea: LeaCode | None = None,
    requested: Sequence[str] = (),
) -> ChildCount:
    """Count the children of the state or of one LEA. Forbidden: another LEA. Problem: unknown disability."""
    lea, known = lea_in_scope(viewer, lea), disabilities()
    for unknown in (disability for disability in requested if disability not in known):
        finding = NO_SUCH_CODE.broken(
            at="disabilities", value=unknown, field="disabilities", known=", ".join(known)
        )
        raise Problem(422, (finding,))
    wanted = [disability for disability in known if disability in requested or not requested]
    await one_moment(database)
    await in_order(database)
    numbers, values = await judged_numbers(database, as_of, wanted, lea)
    rows = (await database.execute(text(numbers + TALLIED), values)).all()
    basis = await certificate(database)
    counted = _cells(age_groups(as_of), wanted, [row for row in rows if not row.reason])
    return ChildCount(
        as_of=as_of,
        to_come=as_of > today(),
        school_year=school_year(as_of),
        lea=lea,
        disabilities=wanted,
        complete=basis.certified,
        read_through=basis.read_through,
        events=basis.events,
        reconciliation=_reconciled([row for row in rows if row.reason], counted),
        cells=counted,
    )


def _reconciled(rows: Iterable[Row[Any]], counted: Sequence[CountedCell]) -> Reconciliation:
    students, expired = {}, 0
    for row in rows:
        students[row.reason] = row.children
        expired += row.expired if row.reason == Reason.COUNTED else 0
    return Reconciliation(
        considered=sum(students.values()),
        counted=students.get(Reason.COUNTED, 0),
        not_counted=[
            NotCounted(
                reason=reason,
                code=rule.code,
                severity=rule.severity,
                message=rule.message,
                solution=rule.solution,
                students=students.get(reason, 0),
            )
            for reason, rule in NOT_COUNTED.items()
        ],
        to_mend=[
            *(_to_mend(rule, _missing(breakdown, counted)) for breakdown, rule in _MISSING.items()),
            _to_mend(PLAN_EXPIRED, expired),
        ],
    )


def _to_mend(rule: Rule, students: int) -> ToMend:
    return ToMend(
        code=rule.code,
        severity=rule.severity,
        message=rule.message,
        solution=rule.solution,
        students=students,
    )


def _missing(breakdown: Breakdown, counted: Sequence[CountedCell]) -> int:
    """The counted students without a value for this breakdown."""
    return sum(
        cell.children
        for cell in counted
        if (cell.disability, cell.environment, cell.breakdown, cell.value) == (None, None, breakdown, MISSING)
    )


def _cells(groups: Sequence[AgeGroup], wanted: Sequence[str], rows: Iterable[Row[Any]]) -> list[CountedCell]:
    counted = {
        Cell(
            row.age_group, row.disability, row.environment, Breakdown(row.breakdown), row.value
        ): row.children
        for row in rows
    }
    given = {cell: counted.get(cell, 0) for group in groups for cell in cells(group, wanted, counted)}
    return [CountedCell(**cell._asdict(), children=children) for cell, children in checked(given).items()]


def checked(counts: Mapping[Cell, int]) -> Mapping[Cell, int]:
    """The counts, if every table adds up to its total. Problem: a table does not."""
    found = [
        PARTS_DISAGREE.broken(table=f"{group} by {table.breakdown}", parts=parts, whole=whole)
        for group, table, parts, whole in disagreements(counts)
    ]
    if found:
        raise Problem(500, found)
    return counts
