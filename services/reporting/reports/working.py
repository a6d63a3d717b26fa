"""Works off a run: judges its students, keeps the rows and the tables, and shows its progress.

A run reads one snapshot. If its process is killed, another begins the run again from the same recipe, and
its answer has the same bytes.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts.codes import LEAS
from services.reporting.domain.tables import Judged, Table, Tally
from services.reporting.queries.completeness import certificate_through
from services.reporting.queries.moment import one_moment
from services.reporting.reports.judging import asked, judged, students
from services.reporting.reports.known import go_back, persons_known
from services.reporting.reports.registry import REPORTS
from services.reporting.reports.report import Asked, Report
from services.reporting.store import runs

# One plan for the rows of a few students: it reads each table by its index.
_SETTINGS = text("""
SELECT set_config(name, value, true) FROM (VALUES
    ('jit', 'off'), ('max_parallel_workers_per_gather', '0'), ('work_mem', '32MB'),
    ('random_page_cost', '1.1')
) AS setting (name, value)
""")


async def work_off(engine: AsyncEngine, run_id: UUID) -> None:
    """Work off a run, unless another process has it or it is finished."""
    async with engine.connect() as locking:
        if not await runs.lock(locking, run_id):
            return
        await locking.commit()
        try:
            async with engine.begin() as database:
                run = await runs.begin(database, run_id)
            if run is not None:
                await _answer(engine, run)
        finally:
            await runs.unlock(locking, run_id)
            await locking.commit()


async def _answer(engine: AsyncEngine, run: RowMapping) -> None:
    report = REPORTS[run["report"]]
    async with engine.connect() as reading, engine.connect() as writing:
        await one_moment(reading)
        await reading.execute(_SETTINGS)
        basis = await certificate_through(reading, run["known_at"])
        await go_back(reading, run["known_at"])
        resolved = {"as_of": run["as_of"], "known_at": run["known_at"]}
        parameters = report.parameters.model_validate_json(run["parameters"]).model_copy(update=resolved)
        question = await asked(reading, report, parameters, run["lea"])
        leas = [question.lea] if question.lea else LEAS
        tally, digest = Tally(report.dimensions, leas, report.sums), hashlib.sha256()
        if not await _judge(reading, writing, run, report, question, tally, digest):
            return
        tables = [as_json(table) for table in report.tables(tally, question)]
        columns = [column._asdict() for column in report.row_columns]
        given = json.dumps({"tables": tables, "columns": columns}, default=_plain, ensure_ascii=False)
        digest.update(given.encode())
        answer = {
            "calendars": json.dumps({one.year: one.revision for one in question.published}),
            "complete": basis.certified,
            "read_through": basis.read_through,
            "events": basis.events,
            "tables": given,
            "sha256": digest.hexdigest(),
        }
        await runs.finish(writing, run["run_id"], answer)
        await writing.commit()
        await reading.rollback()


async def _judge(
    reading: AsyncConnection,
    writing: AsyncConnection,
    run: RowMapping,
    report: Report[Any],
    question: Asked[Any],
    tally: Tally,
    digest: Any,
) -> bool:
    """Judge the students and keep their rows. False: somebody cancelled the run."""
    total, place = await students(reading, report, question), 0
    goes_on = await runs.progress(writing, run["run_id"], 0, total)
    await writing.commit()
    async for part in judged(reading, report, question):
        if not goes_on:
            break
        tally.add(part.rows)
        shown = [row for row in part.rows if row.values]
        rows = await _kept(reading, report, shown, run["known_at"], place)
        place += len(rows)
        for row in rows:
            digest.update("\t".join(map(str, row)).encode())
        await runs.keep_rows(writing, run["run_id"], rows)
        goes_on = await runs.progress(writing, run["run_id"], part.done, total)
        await writing.commit()
    return goes_on


async def _kept(
    database: AsyncConnection, report: Report[Any], rows: Sequence[Judged], known_at: datetime, place: int
) -> list[tuple[Any, ...]]:
    """The rows as the run keeps them, each with the student's name and birth date."""
    ids = list(dict.fromkeys(row.student_id for row in rows))
    persons = await persons_known(database, ids, known_at) if report.named else {}
    return [
        (
            "\t".join("" if (value := row.value(name)) is None else str(value) for name in report.sort),
            number,
            row.student_id,
            row.verdict,
            row.reason,
            json.dumps(_values(row, persons), default=_plain, ensure_ascii=False),
        )
        for number, row in enumerate(rows, place)
    ]


def _values(row: Judged, persons: Mapping[str, tuple[str, str | None]]) -> Mapping[str, Any]:
    name, birth_on = persons.get(row.student_id, ("", None))
    return {**row.values, "name": name, "birth_on": birth_on} if persons else row.values


def as_json(table: Table) -> dict[str, Any]:
    """A table as JSON has it."""
    return {
        "name": table.name,
        "title": table.title,
        "columns": [column._asdict() for column in table.columns],
        "rows": [asdict(row) for row in table.rows],
    }


def _plain(value: object) -> str:
    assert isinstance(value, date), "all other values are JSON"
    return value.isoformat()
