"""What intake answers about a batch, and about its rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import Row as Found
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.errors import Finding
from contracts.message import Value
from intake import rules
from intake.tables import batches, files, rows
from intake.verdicts import BatchState, Verdict
from services.chassis.answering.problems import NotFound

Counts = Mapping[Verdict, int]


class FoundIn(Finding):
    """A finding about a row. `command`: the command that a service refused; none if the row was not sent."""

    command: str | None = None


class BatchFile(Value):
    """A file of a batch. Its findings are about the whole file, or about columns."""

    name: str
    record_type: str
    read: int = Field(description="How many rows it has, without blank ones.")
    blank: int
    findings: tuple[Finding, ...]
    verdicts: Counts


class Batch(Value):
    """A batch: what was sent, and how far it has come. Instants are UTC."""

    batch_id: UUID
    lea: str
    sender: str = Field(description="LEA and user: `017/m.landry`.")
    name: str
    size: int = Field(description="In bytes.")
    sha256: str
    check: bool = Field(description="Its rows are read, and nothing is sent.")
    state: BatchState
    received_at: datetime
    read_at: datetime | None
    done_at: datetime | None
    deleted_on: date = Field(description="From this day on the rows are no longer kept as they were sent.")
    findings: tuple[Finding, ...] = Field(description="About the whole batch. An error refuses it.")
    read: int = Field(description="How many rows were read.")
    left: int = Field(description="How many rows have no verdict yet.")
    verdicts: Counts
    students: int | None = Field(description="How many different State IDs the rows name.")
    seconds_left: int | None = Field(description="How long the rest takes, by the speed so far.")


class BatchWithFiles(Batch):
    """A batch with its files in the order in which they are taken."""

    files: tuple[BatchFile, ...]


class BatchPage(Value):
    """Some batches, newest first; `next` is `after` of the next page."""

    batches: tuple[Batch, ...]
    next: int | None


class BatchRow(Value):
    """A row of a batch. `because_…`: the row on which a skipped one hangs. `verdict`: none yet."""

    number: int = Field(description="The row's number in the batch, from 1.")
    file: str
    line: int
    row_id: str
    student_id: str
    key: str
    verdict: Verdict | None
    findings: tuple[FoundIn, ...]
    because_file: str | None
    because_line: int | None


class RowPage(Value):
    """Some rows in the order of the files; `next` is `after` of the next page."""

    rows: tuple[BatchRow, ...]
    next: int | None


async def find(database: AsyncConnection, viewer: Actor, batch_id: UUID) -> Found[Any]:
    """A batch that the viewer may see. NotFound: there is none."""
    statement = select(batches).where(batches.c.batch_id == batch_id)
    found = (await database.execute(statement)).one_or_none()
    if found is None or not viewer.sees(found.lea):
        raise NotFound(rules.NO_SUCH_BATCH.broken())
    return found


async def batch_with_files(database: AsyncConnection, found: Found[Any], kept_days: int) -> BatchWithFiles:
    """A batch with its files."""
    listed = (
        await database.execute(
            select(files).where(files.c.batch_id == found.batch_id).order_by(files.c.place)
        )
    ).all()
    counts = await _counts(database, [found.batch_id])
    shown = tuple(
        BatchFile(
            name=file.name,
            record_type=file.record_type,
            read=file.read,
            blank=file.blank,
            findings=tuple(map(Finding.model_validate, file.findings)),
            verdicts=_verdicts(counts[found.batch_id, file.place], file.unlisted),
        )
        for file in listed
    )
    whole = _batch(found, listed, counts, kept_days)
    return BatchWithFiles(**whole, files=shown)


async def batch_page(
    database: AsyncConnection, lea: str, after: int | None, limit: int, kept_days: int
) -> BatchPage:
    """Some batches of an LEA."""
    wanted = select(batches).where(batches.c.lea == lea).order_by(batches.c.number.desc()).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(batches.c.number < after)
    found = (await database.execute(wanted)).all()
    shown = found[:limit]
    ids = [one.batch_id for one in shown]
    counts = await _counts(database, ids)
    listed = (await database.execute(select(files).where(files.c.batch_id.in_(ids)))).all()
    made = (
        Batch(**_batch(one, [file for file in listed if file.batch_id == one.batch_id], counts, kept_days))
        for one in shown
    )
    return BatchPage(batches=tuple(made), next=shown[-1].number if len(found) > limit else None)


async def row_page(
    database: AsyncConnection, batch_id: UUID, after: int, limit: int, verdict: Verdict | None, file: str
) -> RowPage:
    """Some rows of a batch, of one verdict and one file if these are given."""
    because, its_file = rows.alias(), files.alias()
    wanted = (
        select(
            rows, files.c.name, because.c.line.label("because_line"), its_file.c.name.label("because_file")
        )
        .join(files, (files.c.batch_id == rows.c.batch_id) & (files.c.place == rows.c.file))
        .outerjoin(because, (because.c.batch_id == rows.c.batch_id) & (because.c.number == rows.c.because))
        .outerjoin(its_file, (its_file.c.batch_id == rows.c.batch_id) & (its_file.c.place == because.c.file))
        .where(rows.c.batch_id == batch_id, rows.c.number > after)
        .order_by(rows.c.number)
        .limit(limit + 1)
    )
    if verdict is not None:
        wanted = wanted.where(rows.c.verdict == verdict)
    if file:
        wanted = wanted.where(files.c.name == file)
    found = (await database.execute(wanted)).all()
    return RowPage(
        rows=tuple(map(_row, found[:limit])), next=found[limit - 1].number if len(found) > limit else None
    )


def _row(found: Found[Any]) -> BatchRow:
    return BatchRow(
        number=found.number,
        file=found.name,
        line=found.line,
        row_id=found.row_id,
        student_id=found.student_id,
        key=found.key,
        verdict=found.verdict,
        findings=tuple(map(FoundIn.model_validate, found.findings)),
        because_file=found.because_file,
        because_line=found.because_line,
    )


async def _counts(
    database: AsyncConnection, ids: Sequence[UUID]
) -> Mapping[tuple[UUID, int], Counter[str | None]]:
    """How many rows have each verdict, by batch and place of the file. None: no verdict yet."""
    columns = (rows.c.batch_id, rows.c.file, rows.c.verdict)
    statement = select(*columns, func.count()).where(rows.c.batch_id.in_(ids)).group_by(*columns)
    counts: dict[tuple[UUID, int], Counter[str | None]] = {}
    for batch_id, file, verdict, number in (await database.execute(statement)).all():
        counts.setdefault((batch_id, file), Counter())[verdict] = number
    return _Nothing(counts)


class _Nothing(dict[tuple[UUID, int], Counter[str | None]]):
    """Counts; those of a file without listed rows are empty."""

    def __missing__(self, key: tuple[UUID, int]) -> Counter[str | None]:
        return Counter()


def _verdicts(counts: Counter[str | None], unlisted: int) -> dict[Verdict, int]:
    found = {verdict: counts[verdict] for verdict in Verdict}
    found[Verdict.UNREAD] += unlisted
    return found


def _batch(
    found: Found[Any],
    listed: Sequence[Found[Any]],
    counts: Mapping[tuple[UUID, int], Counter[str | None]],
    kept_days: int,
) -> dict[str, Any]:
    """The fields of a batch."""
    all_counts: Counter[str | None] = Counter()
    for file in listed:
        all_counts += counts[found.batch_id, file.place]
    verdicts = _verdicts(all_counts, sum(file.unlisted for file in listed))
    return {
        "batch_id": found.batch_id,
        "lea": found.lea,
        "sender": f"{found.lea}/{found.sub}",
        "name": found.name,
        "size": found.size,
        "sha256": found.sha256,
        "check": found.checks,
        "state": BatchState(found.state),
        "received_at": found.received_at,
        "read_at": found.read_at,
        "done_at": found.done_at,
        "deleted_on": (found.received_at + timedelta(days=kept_days)).date(),
        "findings": tuple(map(Finding.model_validate, found.findings)),
        "read": sum(file.read for file in listed),
        "left": all_counts[None],
        "verdicts": verdicts,
        "students": found.students,
        "seconds_left": _seconds_left(found, all_counts),
    }


def _seconds_left(found: Found[Any], counts: Counter[str | None]) -> int | None:
    """How long the rest takes, by the speed since the rows were read. None: not known."""
    if found.state != BatchState.SENDING or found.read_at is None:
        return None
    decided = sum(counts[verdict] for verdict in Verdict if verdict not in (Verdict.UNREAD, Verdict.REPEATED))
    passed = (datetime.now(UTC) - found.read_at).total_seconds()
    return round(passed * counts[None] / decided) if decided else None
