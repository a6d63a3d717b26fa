"""Runs of reports: each is a row, from the question to the answer, and the judged rows of its answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

KEPT = timedelta(days=14)
"""How long reporting keeps a run that nobody saved."""

MOST_ATTEMPTS = 3
"""A run that ends the worker's process this many times has failed."""

_ADD = text("""
INSERT INTO runs (run_id, asked_by, report, version, parameters, lea, as_of, known_at, kept_until)
VALUES (:run_id, :asked_by, :report, :version, :parameters, :lea, :as_of, :known_at, now() + :kept)
ON CONFLICT (run_id) DO NOTHING
""")
_UNFINISHED = text("""
SELECT run_id FROM runs WHERE state IN ('waiting', 'running') ORDER BY asked_at, run_id LIMIT 100
""")
_LOCK = text("SELECT pg_try_advisory_lock(hashtextextended(CAST(:run_id AS text), 0))")
_UNLOCK = text("SELECT pg_advisory_unlock(hashtextextended(CAST(:run_id AS text), 0))")
_BEGIN = text("""
UPDATE runs SET state = CASE WHEN attempts < :most THEN 'running' ELSE 'failed' END, attempts = attempts + 1,
    done = 0, finished_at = CASE WHEN attempts < :most THEN NULL ELSE now() END
WHERE run_id = :run_id AND state IN ('waiting', 'running') RETURNING *
""")
_CLEAR = text("DELETE FROM run_rows WHERE run_id = :run_id")
_PROGRESS = text("""
UPDATE runs SET done = :done, total = :total WHERE run_id = :run_id AND state = 'running' RETURNING 1
""")
_ROWS = text("""
INSERT INTO run_rows (run_id, sort, place, subject, verdict, reason, row_values)
SELECT :run_id, given.* FROM unnest(
    CAST(:sorts AS text[]), CAST(:places AS integer[]), CAST(:subjects AS text[]), CAST(:verdicts AS text[]),
    CAST(:reasons AS text[]), CAST(:row_values AS jsonb[])
) AS given
""")
_FINISH = text("""
UPDATE runs SET state = 'done', finished_at = now(), done = total, calendars = :calendars,
    complete = :complete, read_through = :read_through, events = :events, tables = :tables, sha256 = :sha256
WHERE run_id = :run_id AND state = 'running' RETURNING 1
""")
_PROVE = text("""
UPDATE runs SET complete = true, read_through = :read_through WHERE run_id = :run_id RETURNING *
""")
_FAIL = text("""
UPDATE runs SET state = 'failed', finished_at = now()
WHERE run_id = :run_id AND state IN ('waiting', 'running')
""")
_CANCEL = text("""
UPDATE runs SET state = 'cancelled', finished_at = now()
WHERE run_id = :run_id AND state IN ('waiting', 'running')
""")
_OVER = text("DELETE FROM runs WHERE kept_until < now() AND state NOT IN ('waiting', 'running')")
_ONE = text("SELECT * FROM runs WHERE run_id = :run_id")
_OF = text("SELECT * FROM runs WHERE asked_by = :asked_by ORDER BY asked_at DESC, run_id LIMIT :limit")
_WAITING = text("SELECT count(*) FROM runs WHERE asked_by = :asked_by AND state IN ('waiting', 'running')")
_SAVE = text("UPDATE runs SET kept_until = NULL WHERE run_id = :run_id")
_DELETE = text("DELETE FROM runs WHERE run_id = :run_id")


async def add(database: AsyncConnection, run: Mapping[str, Any]) -> None:
    """Keep a new run. A run that is there already stays as it is."""
    await database.execute(_ADD, {**run, "kept": KEPT})


async def unfinished(database: AsyncConnection) -> Sequence[UUID]:
    """The runs that wait or are under way, the oldest first."""
    return (await database.execute(_UNFINISHED)).scalars().all()


async def lock(database: AsyncConnection, run_id: UUID) -> bool:
    """Take a run for this connection, unless another has it. PostgreSQL frees it when the connection ends."""
    return bool((await database.execute(_LOCK, {"run_id": str(run_id)})).scalar_one())


async def unlock(database: AsyncConnection, run_id: UUID) -> None:
    """Free a run."""
    await database.execute(_UNLOCK, {"run_id": str(run_id)})


async def begin(database: AsyncConnection, run_id: UUID) -> RowMapping | None:
    """Begin a run, or begin it again after its process ended. None: there is nothing to do any more."""
    row = (await database.execute(_BEGIN, {"run_id": run_id, "most": MOST_ATTEMPTS})).mappings().one_or_none()
    await database.execute(_CLEAR, {"run_id": run_id})
    return row if row and row["state"] == "running" else None


async def progress(database: AsyncConnection, run_id: UUID, done: int, total: int) -> bool:
    """Note how many students are judged. False: somebody cancelled or deleted the run."""
    given = {"run_id": run_id, "done": done, "total": total}
    return (await database.execute(_PROGRESS, given)).first() is not None


async def keep_rows(database: AsyncConnection, run_id: UUID, rows: Sequence[tuple[Any, ...]]) -> None:
    """Keep judged rows: sort, place, subject, verdict, reason, values as JSON."""
    if rows:
        names = ("sorts", "places", "subjects", "verdicts", "reasons", "row_values")
        columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        await database.execute(_ROWS, {"run_id": run_id, **columns})


async def finish(database: AsyncConnection, run_id: UUID, answer: Mapping[str, Any]) -> bool:
    """Keep the answer. False: somebody cancelled or deleted the run."""
    return (await database.execute(_FINISH, {"run_id": run_id, **answer})).first() is not None


async def prove(database: AsyncConnection, run_id: UUID, read_through: datetime | None) -> RowMapping:
    """Note that a finished run had every event through its moment. Returns the run."""
    given = {"run_id": run_id, "read_through": read_through}
    return (await database.execute(_PROVE, given)).mappings().one()


async def fail(database: AsyncConnection, run_id: UUID) -> None:
    """Note that a run failed for good."""
    await database.execute(_FAIL, {"run_id": run_id})


async def cancel(database: AsyncConnection, run_id: UUID) -> None:
    """Cancel a run that is not finished."""
    await database.execute(_CANCEL, {"run_id": run_id})


async def forget_old(database: AsyncConnection) -> None:
    """Delete the runs that nobody saved within their days."""
    await database.execute(_OVER)


async def one(database: AsyncConnection, run_id: UUID) -> RowMapping | None:
    """A run."""
    return (await database.execute(_ONE, {"run_id": run_id})).mappings().one_or_none()


async def of(database: AsyncConnection, asked_by: str, limit: int) -> Sequence[RowMapping]:
    """The runs of a person, newest first."""
    return (await database.execute(_OF, {"asked_by": asked_by, "limit": limit})).mappings().all()


async def waiting(database: AsyncConnection, asked_by: str) -> int:
    """How many runs of a person are not finished."""
    return int((await database.execute(_WAITING, {"asked_by": asked_by})).scalar_one())


async def save(database: AsyncConnection, run_id: UUID) -> None:
    """Keep a run for good."""
    await database.execute(_SAVE, {"run_id": run_id})


async def delete(database: AsyncConnection, run_id: UUID) -> None:
    """Delete a run and its rows."""
    await database.execute(_DELETE, {"run_id": run_id})
