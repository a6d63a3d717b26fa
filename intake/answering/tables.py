"""A batch's verdicts, and its rows to correct, as CSV. They are written piece by piece."""

import csv
import io
import tempfile
import zipfile
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row as Found
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from intake.answering.batch import BatchRow, row_page
from intake.answers import ADDED, without
from intake.tables import files, rows
from intake.verdicts import TO_CORRECT, Verdict

VERDICT_COLUMNS = (
    *("file", "line", "row_id", "student_id", "key", "command", "verdict", "code", "severity", "column"),
    *("message", "solution", "because_file", "because_line"),
)
_MARK = "\ufeff"
_AT_ONCE = 1000


async def verdict_lines(engine: AsyncEngine, batch_id: UUID, verdict: Verdict | None) -> AsyncIterator[str]:
    """A line for each finding, at least one a row, in the order of the files. See `VERDICT_COLUMNS`."""
    yield _MARK + _csv([VERDICT_COLUMNS])
    after: int | None = 0
    while after is not None:
        async with engine.connect() as database:
            page = await row_page(database, batch_id, after, _AT_ONCE, verdict, "")
        yield _csv(line for row in page.rows for line in _lines(row))
        after = page.next


def _lines(row: BatchRow) -> Iterable[Sequence[str]]:
    said = (row.file, str(row.line), row.row_id, row.student_id, row.key)
    because = (row.because_file or "", str(row.because_line or ""))
    for one in row.findings or (None,):
        of_finding = (
            (one.code, one.severity.value, one.field or "", one.message, one.solution) if one else ("",) * 5
        )
        command = (one.command if one else None) or ""
        yield (*said, command, row.verdict or "", *of_finding, *because)


async def files_to_correct(database: AsyncConnection, batch_id: UUID) -> Sequence[Found[Any]]:
    """The files that have rows to correct."""
    has_some = select(rows.c.number).where(
        rows.c.batch_id == batch_id, rows.c.file == files.c.place, rows.c.verdict.in_(TO_CORRECT)
    )
    wanted = select(files).where(files.c.batch_id == batch_id, has_some.exists()).order_by(files.c.place)
    return (await database.execute(wanted)).all()


async def lines_to_correct(engine: AsyncEngine, file: Found[Any]) -> AsyncIterator[str]:
    """The rows of a file that the sender corrects, as they were sent, and what is wrong with them."""
    header = tuple(file.header)
    left_out = {place for place, name in enumerate(header) if name.strip().lower() in ADDED}
    yield _MARK + _csv([(*without(left_out, header), *ADDED)])
    after = 0
    while True:
        wanted = (
            select(rows)
            .where(
                rows.c.batch_id == file.batch_id,
                rows.c.file == file.place,
                rows.c.number > after,
                rows.c.verdict.in_(TO_CORRECT),
                rows.c.cells.is_not(None),
            )
            .order_by(rows.c.number)
            .limit(_AT_ONCE)
        )
        async with engine.connect() as database:
            found = (await database.execute(wanted)).all()
        if not found:
            return
        yield _csv(_to_correct(one, header, left_out) for one in found if one.cells)
        after = found[-1].number


def _to_correct(row: Found[Any], header: Sequence[str], left_out: set[int]) -> Sequence[str]:
    codes = " ".join(dict.fromkeys(one["code"] for one in row.findings))
    sentences = " ".join(f"{one['message']} {one['solution']}" for one in row.findings)
    cells = (*row.cells, *("",) * (len(header) - len(row.cells)))
    return (*without(left_out, cells), codes, sentences)


async def zip_to_correct(engine: AsyncEngine, listed: Sequence[Found[Any]]) -> AsyncIterator[bytes]:
    """A ZIP with the rows to correct of each of the files."""
    with tempfile.TemporaryFile() as whole:
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in listed:
                with archive.open(file.name, "w") as member:
                    async for text in lines_to_correct(engine, file):
                        member.write(text.encode())
        whole.seek(0)
        while piece := whole.read(65_536):
            yield piece


def _csv(lines: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()
