"""Heartbeats of a service, on a real database."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.heartbeat import Heartbeat
from services.chassis.deciding.batch import Advance, Outgoing, Writes
from services.chassis.hosting.run import engine_for
from services.chassis.hosting.settings import Settings
from services.chassis.keeping.migrations import upgrade_with
from services.chassis.keeping.saving import save
from services.chassis.publishing import heartbeats
from services.chassis.publishing.effects import Outgoings
from services.chassis.publishing.heartbeats import write_heartbeat
from services.jurisdiction.app import SERVICE
from tests.conftest import Database

OUT = Outgoings(SERVICE, "")
ANNA, BEN = "1000000001", "1000000002"


@pytest_asyncio.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    """The empty database of a service that decides."""
    settings = Settings(database=database("jurisdiction"), token_keys="/unused")
    await upgrade_with("jurisdiction", settings)
    found = engine_for(settings, connections=6)
    yield found
    await found.dispose()


def saying(subject: str, sequence: int) -> Writes:
    """A transaction that writes one event about a subject."""
    return Writes(
        advances=[Advance(subject, sequence, sequence)],
        outbox=[Outgoing("StudentClaimed", subject, "[]", "{}")],
        unannounced=[(subject, sequence)],
    )


async def say(engine: AsyncEngine, *events: tuple[str, int]) -> None:
    """Write events, each in its own transaction."""
    for subject, sequence in events:
        async with engine.begin() as database:
            await save(database, saying(subject, sequence))


async def sent(engine: AsyncEngine) -> list[tuple[int, Heartbeat]]:
    """The heartbeats on the outbox in the order of its rows, with the row of each."""
    async with engine.connect() as database:
        query = "SELECT id, bodies FROM outbox WHERE topic = 'jurisdiction.heartbeats' ORDER BY id"
        rows: list[Any] = list((await database.execute(text(query))).all())
    return [(row, Heartbeat.model_validate_json(body)) for row, bodies in rows for body in bodies]


async def test_who_was_spoken_of_is_named_once(engine: AsyncEngine) -> None:
    """A heartbeat names each subject with new events since the last heartbeat, with its number of events."""
    await say(engine, (ANNA, 1), (BEN, 1), (ANNA, 2))
    await write_heartbeat(engine, OUT)
    await say(engine, (BEN, 2))
    await write_heartbeat(engine, OUT)
    beats = [(beat.number, dict(beat.sequences)) for _, beat in await sent(engine)]
    assert beats == [(1, {ANNA: 2, BEN: 1}), (2, {BEN: 2})]


async def test_a_silent_service_says_that_it_said_no_more(engine: AsyncEngine) -> None:
    """Without new events the service repeats the last number with a later time, so that a reader can miss the
    last heartbeat."""
    await say(engine, (ANNA, 1))
    for _ in range(3):
        await write_heartbeat(engine, OUT)
    beats = [beat for _, beat in await sent(engine)]
    assert [(beat.number, beat.sequences) for beat in beats] == [(1, ((ANNA, 1),)), (1, ()), (1, ())]
    moments = [beat.as_of for beat in beats if beat.as_of]
    assert len(moments) == 3
    assert moments == sorted(set(moments))
    assert [beat.subject for beat in beats] == ["jurisdiction/1", "jurisdiction", "jurisdiction"]


async def test_what_is_not_committed_is_not_counted(engine: AsyncEngine) -> None:
    """A heartbeat names an event only after its transaction has committed."""
    async with engine.connect() as database:
        await save(database, saying(ANNA, 1))
        await write_heartbeat(engine, OUT)
        await database.commit()
    async with engine.connect() as database:
        await save(database, saying(BEN, 1))
        await database.rollback()
    await write_heartbeat(engine, OUT)
    assert [dict(beat.sequences) for _, beat in await sent(engine)] == [{}, {ANNA: 1}]


async def test_a_heartbeat_comes_after_what_it_counts(engine: AsyncEngine) -> None:
    """In the outbox a heartbeat is behind every event that it counts."""
    await say(engine, (ANNA, 1), (BEN, 1))
    await write_heartbeat(engine, OUT)
    [(row, _)] = await sent(engine)
    async with engine.connect() as database:
        query = "SELECT max(id) FROM outbox WHERE topic = 'StudentClaimed'"
        assert (await database.execute(text(query))).scalar_one() < row


async def test_several_processes_number_heartbeats_without_a_gap(engine: AsyncEngine) -> None:
    """Five processes write heartbeats beside events. Each event is named once, the numbers have no gap, and
    the times are in the same order."""
    numbers = range(1, 21)

    async def speak(subject: str) -> None:
        await say(engine, *((subject, number) for number in numbers))

    async def beat() -> None:
        for _ in range(8):
            await write_heartbeat(engine, OUT)

    await asyncio.gather(speak(ANNA), *(beat() for _ in range(5)))
    await write_heartbeat(engine, OUT)
    named = sorted((beat for _, beat in await sent(engine) if beat.sequences), key=lambda beat: beat.number)
    assert [beat.number for beat in named] == list(range(1, len(named) + 1))
    reached = [dict(beat.sequences)[ANNA] for beat in named]
    assert reached == sorted(set(reached))
    assert reached[-1] == numbers[-1]
    moments = [beat.as_of for beat in named if beat.as_of]
    assert moments == sorted(moments)


async def test_many_subjects_are_named_in_several_heartbeats(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several heartbeats of one moment only the last has `as_of`."""
    monkeypatch.setattr(heartbeats, "MOST_SUBJECTS", 2)
    subjects = [f"100000000{digit}" for digit in range(5)]
    await say(engine, *((subject, 1) for subject in subjects))
    await write_heartbeat(engine, OUT)
    beats = [beat for _, beat in await sent(engine)]
    assert [(beat.number, len(beat.sequences), beat.as_of is None) for beat in beats] == [
        (1, 2, True),
        (2, 2, True),
        (3, 1, False),
    ]
    assert [subject for beat in beats for subject, _ in beat.sequences] == subjects


async def test_more_notes_than_one_transaction_takes(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a long time without a heartbeat several transactions take the notes, and only the last heartbeat
    has `as_of`."""
    monkeypatch.setattr(heartbeats, "_MOST_NOTES", 2)
    await say(engine, (ANNA, 1), (BEN, 1), (ANNA, 2))
    while await write_heartbeat(engine, OUT):
        pass
    beats = [beat for _, beat in await sent(engine)]
    assert [(dict(beat.sequences), beat.as_of is None) for beat in beats] == [
        ({ANNA: 1, BEN: 1}, True),
        ({ANNA: 2}, False),
    ]
    assert json.loads(beats[0].model_dump_json())["sequences"] == [[ANNA, 1], [BEN, 1]]
