"""Judges the students of a report, a few at a time, and counts them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.types import LeaCode
from services.reporting.domain.rules import OF_ANOTHER_LEA
from services.reporting.domain.tables import Judged
from services.reporting.queries.moment import today
from services.reporting.reports.known import calendars_known
from services.reporting.reports.report import Asked, P, Report

STUDENTS_AT_A_TIME = 2000

_NEXT = text("SELECT subject FROM students WHERE subject > :after ORDER BY subject LIMIT :some")
_NEXT_OF_LEA = text(
    "SELECT DISTINCT subject FROM spells WHERE lea = :lea AND NOT withdrawn AND subject > :after"
    " ORDER BY subject LIMIT :some"
)
_ALL = text("SELECT count(*) FROM students")
_ALL_OF_LEA = text("SELECT count(DISTINCT subject) FROM spells WHERE lea = :lea AND NOT withdrawn")


class Part(NamedTuple):
    """The judged rows of some students. `done`: the number of students judged so far."""

    rows: Sequence[Judged]
    done: int


async def asked(
    database: AsyncConnection,
    report: Report[P],
    parameters: P,
    lea: LeaCode | None,
    *,
    with_tables: bool = True,
) -> Asked[P]:
    """A question with the day, the calendars, and the data that the tables need. `lea`: whose rows."""
    known_at = parameters.known_at or datetime.now(UTC)
    return Asked(
        parameters,
        parameters.as_of or today(),
        lea,
        await calendars_known(database, known_at),
        await report.loads(database, parameters) if report.loads and with_tables else None,
    )


async def students(database: AsyncConnection, report: Report[P], question: Asked[P]) -> int:
    """The number of students whom the report considers."""
    if not report.facts:
        return 0
    counted = _ALL_OF_LEA if question.lea else _ALL
    return int((await database.execute(counted, _of(question.lea))).scalar_one())


async def judged(database: AsyncConnection, report: Report[P], question: Asked[P]) -> AsyncIterator[Part]:
    """The judged rows of all students, by State ID. The transaction must be of one moment."""
    after, done = -1, 0
    while report.facts:
        given = {"after": after, "some": STUDENTS_AT_A_TIME, **_of(question.lea)}
        subjects = (await database.execute(_NEXT_OF_LEA if question.lea else _NEXT, given)).scalars().all()
        if not subjects:
            break
        after, done = subjects[-1], done + len(subjects)
        yield Part(await judged_of(database, report, question, subjects), done)


async def judged_of(
    database: AsyncConnection, report: Report[P], question: Asked[P], subjects: Sequence[int]
) -> Sequence[Judged]:
    """The judged rows of these students, in the order of their State IDs."""
    values = report.values(question.parameters, question.as_of)
    given = {"as_of": question.as_of, **values, "subjects": list(subjects)}
    rows = (await database.execute(text(report.facts), given)).mappings().all()
    found = [one for row in rows for one in report.judge(dict(row), question)]
    return sorted((_within(one, question.lea) for one in found), key=lambda one: one.student_id)


def _within(row: Judged, lea: LeaCode | None) -> Judged:
    """The row as an LEA may have it. Of another LEA's row it has the State ID and no value."""
    if lea is None or row.values.get("lea") == lea:
        return row
    return Judged(row.student_id, "left out", OF_ANOTHER_LEA.code, {})


def _of(lea: LeaCode | None) -> Mapping[str, Any]:
    return {"lea": lea} if lea else {}
