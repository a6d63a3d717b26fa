"""Sends a whole batch: the rows of providers, then those of students side by side."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row as Found
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from intake.planning import Placed, Planned, plan
from intake.reading.rows import Row, State
from intake.record_types import FIRST, RECORD_TYPES
from intake.sending.attempts import Attempt, write_down
from intake.sending.subject import Judged, Sender, Subject
from intake.tables import batches, files, rows
from intake.verdicts import BatchState, Verdict

_SAVE = text(
    "UPDATE rows SET verdict = saved.verdict, because = saved.because,"
    " findings = rows.findings || CAST(saved.findings AS jsonb)"
    " FROM unnest(CAST(:numbers AS int[]), CAST(:verdicts AS text[]), CAST(:because AS int[]),"
    " CAST(:findings AS text[])) AS saved (number, verdict, because, findings)"
    " WHERE rows.batch_id = :batch_id AND rows.number = saved.number AND rows.verdict IS NULL"
)
_AT_ONCE = 40
_MOST_OPEN = 120
"""How many subjects of a batch are loaded: they wait for a turn, for an outcome, or for a held command."""


async def send_batch(engine: AsyncEngine, batch: Found[Any], sender: Sender) -> None:
    """Send what of a batch has no verdict yet. TokenExpired: the sender's token is no longer valid."""
    types = await _types(engine, batch.batch_id)
    first = [place for place, name in types.items() if name in FIRST]
    others = [place for place in types if place not in first]
    for places in (first, others):
        await _send_files(engine, batch, sender, types, places)
    async with engine.begin() as database:
        change = {"state": BatchState.DONE, "done_at": func.now(), "token": b""}
        await database.execute(update(batches).where(batches.c.batch_id == batch.batch_id).values(change))


async def _types(engine: AsyncEngine, batch_id: UUID) -> dict[int, str]:
    """The record types of the files, by place."""
    wanted = select(files.c.place, files.c.record_type).where(files.c.batch_id == batch_id)
    async with engine.connect() as database:
        return {found.place: found.record_type for found in (await database.execute(wanted)).all()}


async def _send_files(
    engine: AsyncEngine, batch: Found[Any], sender: Sender, types: Mapping[int, str], places: Sequence[int]
) -> None:
    """Send the rows of some files, many subjects side by side. If one fails, all stop."""
    open_ones: set[asyncio.Task[None]] = set()
    try:
        async for subjects in _subjects(engine, batch, types, places):
            for subject, attempts in subjects:
                task = asyncio.create_task(_send_subject(engine, batch.batch_id, sender, subject, attempts))
                open_ones.add(task)
            open_ones = await _some_done(open_ones, most=_MOST_OPEN)
        await _some_done(open_ones, most=0)
    finally:
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)


async def _some_done(tasks: "set[asyncio.Task[None]]", most: int) -> "set[asyncio.Task[None]]":
    """Wait until at most `most` tasks are left. Raises the failure of a task."""
    while len(tasks) > most:
        done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    return tasks


async def _subjects(
    engine: AsyncEngine, batch: Found[Any], types: Mapping[int, str], places: Sequence[int]
) -> AsyncIterator[list[tuple[Subject, Sequence[Attempt]]]]:
    """The subjects that have rows without a verdict, some at a time, with their commands written down."""
    after = ""
    while True:
        named = await _next_subjects(engine, batch.batch_id, places, after)
        if not named:
            return
        after = named[-1]
        subjects = await _loaded(engine, batch, types, places, named)
        planned = [list(plan(subject.good)) for subject in subjects]
        attempts = iter(await write_down(engine, batch.batch_id, [one for some in planned for one in some]))
        yield [(subject, _some(attempts, some)) for subject, some in zip(subjects, planned, strict=True)]


def _some(attempts: Any, planned: Sequence[Planned]) -> list[Attempt]:
    return [next(attempts) for _ in planned]


async def _next_subjects(
    engine: AsyncEngine, batch_id: UUID, places: Sequence[int], after: str
) -> Sequence[str]:
    wanted = (
        select(rows.c.subject)
        .distinct()
        .where(
            rows.c.batch_id == batch_id,
            rows.c.verdict.is_(None),
            rows.c.file.in_(places),
            rows.c.subject > after,
        )
        .order_by(rows.c.subject)
        .limit(_AT_ONCE)
    )
    async with engine.connect() as database:
        return (await database.execute(wanted)).scalars().all()


async def _loaded(
    engine: AsyncEngine,
    batch: Found[Any],
    types: Mapping[int, str],
    places: Sequence[int],
    named: Sequence[str],
) -> list[Subject]:
    """All rows of some subjects."""
    wanted = (
        select(rows)
        .where(rows.c.batch_id == batch.batch_id, rows.c.subject.in_(named), rows.c.file.in_(places))
        .where(rows.c.verdict.is_(None) | (rows.c.verdict == Verdict.UNREAD))
        .order_by(rows.c.number)
    )
    by_subject: dict[str, list[Placed]] = {name: [] for name in named}
    async with engine.connect() as database:
        for found in (await database.execute(wanted)).all():
            by_subject[found.subject].append(_placed(batch.lea, types[found.file], found))
    return [Subject(placed) for placed in by_subject.values()]


def _placed(lea: str, record_type: str, found: Found[Any]) -> Placed:
    state = State.UNREAD if found.verdict == Verdict.UNREAD else State.GOOD
    row = Row(found.line, (), found.values or {}, state=state, row_id=found.row_id)
    return Placed(lea, RECORD_TYPES[record_type], row, found.number)


async def _send_subject(
    engine: AsyncEngine, batch_id: UUID, sender: Sender, subject: Subject, attempts: Sequence[Attempt]
) -> None:
    judged = await subject.send(attempts, sender)
    async with engine.begin() as database:
        await database.execute(_SAVE, {"batch_id": batch_id, **_columns(judged)})


def _columns(judged: Mapping[int, Judged]) -> dict[str, Any]:
    return {
        "numbers": list(judged),
        "verdicts": [one.verdict.value for one in judged.values()],
        "because": [one.because for one in judged.values()],
        "findings": [json.dumps(one.findings) for one in judged.values()],
    }
