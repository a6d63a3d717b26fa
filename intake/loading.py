"""Reads the files of a batch, in a thread, and keeps their rows with what is wrong with them."""

import asyncio
import json
import tempfile
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row as Found
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts.errors import Finding
from intake import rules
from intake.answering.receiving import PREFIX
from intake.reading.damage import Dates
from intake.reading.rows import Row, State
from intake.reading.submission import Announced, File, Submission, read_submission
from intake.tables import batches, contents, files, rows
from intake.verdicts import BatchState, Verdict

_VERDICTS = {State.GOOD: None, State.UNREAD: Verdict.UNREAD, State.REPEATED: Verdict.REPEATED}
_COLUMNS = (
    *("batch_id", "number", "file", "line", "row_id", "student_id", "subject", "key", "cells", "values"),
    *("verdict", "findings"),
)
_AT_ONCE = 1000


async def load(engine: AsyncEngine, batch_id: UUID) -> None:
    """Read a batch and keep its rows. What an interrupted reading has kept goes first."""
    async with engine.begin() as database:
        batch = (await database.execute(select(batches).where(batches.c.batch_id == batch_id))).one()
        for table in (rows, files):
            await database.execute(delete(table).where(table.c.batch_id == batch_id))
        await database.execute(_change(batch_id, state=BatchState.READING))
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        path = Path(folder) / batch.name
        await _write(engine, batch_id, path)
        submission = await asyncio.to_thread(read_submission, path, _announced(batch))
        if not _too_many(submission):
            await _keep_rows(engine, batch_id, submission)
    async with engine.begin() as database:
        await _keep_files(database, batch_id, submission)
        await database.execute(delete(contents).where(contents.c.batch_id == batch_id))
        await database.execute(_change(batch_id, **_of(submission, batch)))


def _change(batch_id: UUID, **values: Any) -> Any:
    return update(batches).where(batches.c.batch_id == batch_id).values(values)


def _announced(batch: Found[Any]) -> Announced:
    options = dict(batch.options)
    dates = options["date_format"]
    return Announced(
        lea=batch.lea,
        record_type=options["record_type"],
        dates=Dates(dates) if dates else None,
        rows=options["rows"],
        students=options["students"],
        anyway=options["anyway"],
    )


async def _write(engine: AsyncEngine, batch_id: UUID, path: Path) -> None:
    """Write the bytes of a batch to a file, piece by piece."""
    with path.open("wb") as file:
        for piece in count():
            wanted = select(contents.c.bytes).where(
                contents.c.batch_id == batch_id, contents.c.piece == piece
            )
            async with engine.connect() as database:
                found = (await database.execute(wanted)).scalar_one_or_none()
            if found is None:
                return
            await asyncio.to_thread(file.write, found)


async def _keep_rows(engine: AsyncEngine, batch_id: UUID, submission: Submission) -> None:
    listed = _listed(batch_id, submission)
    while some := await asyncio.to_thread(lambda: list(islice(listed, _AT_ONCE))):
        async with engine.begin() as database:
            connection: Any = (await database.get_raw_connection()).driver_connection
            await connection.copy_records_to_table("rows", records=some, columns=_COLUMNS)


def _listed(batch_id: UUID, submission: Submission) -> Iterator[Sequence[Any]]:
    """The rows of all files as the table has them, numbered from 1."""
    numbers = count(1)
    for place, file in enumerate(submission.files):
        for row in file.rows():
            yield (batch_id, next(numbers), place, *_record(file, row))


def _record(file: File, row: Row) -> Sequence[Any]:
    key = " ".join(row.key(file.record_type)) if row.values else ""
    return (
        *(row.line, row.row_id, row.student_id),
        row.student_id or f"{file.record_type.name} {key}",
        *(key, [_kept(cell) for cell in row.cells]),
        _text(json.dumps(row.values)) if row.state is not State.REPEATED else None,
        _VERDICTS[row.state],
        _written(row.findings),
    )


def _kept(cell: str) -> str:
    """The cell without NUL, which PostgreSQL cannot keep."""
    return cell.replace("\0", "\ufffd")


def _written(findings: Sequence[Finding]) -> str:
    return _text(json.dumps([one.model_dump(mode="json") for one in findings]))


def _text(written: str) -> str:
    """JSON without NUL, which PostgreSQL cannot keep."""
    return written.replace("\\u0000", "\\ufffd")


async def _keep_files(database: AsyncConnection, batch_id: UUID, submission: Submission) -> None:
    unlisted = _too_many(submission)
    for place, file in enumerate(submission.files):
        values = {
            "batch_id": batch_id,
            "place": place,
            "name": _kept(file.name),
            "record_type": file.record_type.name,
            "header": [_kept(cell) for cell in file.reader.header.cells] if file.reader else [],
            "read": file.survey.read,
            "blank": file.survey.blank,
            "unlisted": file.survey.read if unlisted or file.reader is None else 0,
            "findings": json.loads(_written((*file.findings, *file.columns))),
        }
        await database.execute(insert(files).values(values))


def _too_many(submission: Submission) -> bool:
    """Whether there are more rows than a batch may have. Then none is kept."""
    return any(one.code == rules.BEYOND_LIMIT.code for one in submission.findings)


def _of(submission: Submission, batch: Found[Any]) -> dict[str, Any]:
    """What the batch is after its rows were read."""
    checks = batch.checks or submission.manifest.check_only
    state = BatchState.CHECKED if checks else BatchState.SENDING
    state = BatchState.REFUSED if submission.refused else state
    return {
        "state": state,
        "checks": checks,
        "findings": json.loads(_written(submission.findings)),
        "students": submission.students,
        "read_at": func.now(),
        "done_at": None if state is BatchState.SENDING else func.now(),
    }
