"""A batch is one transaction with a fixed number of statements. A bad message in it is isolated and held."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from contracts.access import Actor
from contracts.outcome import Status
from services.chassis.deciding.batch import Writes
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.messages import RawMessage, ReceivedCommand, ReceivedEvent, Unreadable, Work
from services.chassis.hosting.run import engine_for
from services.chassis.hosting.settings import Settings
from services.chassis.hosting.telemetry import Tracer
from services.chassis.keeping.failures import transient
from services.chassis.keeping.migrations import upgrade_with
from services.chassis.keeping.saving import save
from services.chassis.keeping.transaction import PostgresStore
from services.chassis.publishing.effects import Outgoings
from services.chassis.reading.worker import Worker
from services.jurisdiction.app import SERVICE
from tests.conftest import Database
from tests.unit.chassis.memory_service import HOLD, SITES, MemoryService, claim, student_added

POISONED = "1000000666"


@pytest.fixture
async def engine(database: Database) -> Any:
    """A migrated database of jurisdiction, with the school sites of a few LEAs."""
    url = database("jurisdiction")
    settings = Settings(database=url, token_keys="/unused")
    await upgrade_with("jurisdiction", settings)
    made = engine_for(settings, connections=4, for_batches=True)
    async with made.begin() as connection:
        await save(connection, Writes(records=SITES))
    yield made
    await made.dispose()


def _worker(engine: AsyncEngine, largest_batch: int = 32_000_000) -> Worker:
    out = Outgoings(SERVICE, "")
    terms = Terms(SERVICE, out, HOLD, queue_limit=10, largest_body=900_000, largest_batch=largest_batch)
    store = PostgresStore(engine, SERVICE, _never_held)
    return Worker(store, terms, Tracer("jurisdiction", ""), lambda writes: None)


def _never_held(raw: RawMessage, actor: Actor | None) -> Any:
    raise AssertionError("nothing that is held is read in these tests")


def _pairs(service: MemoryService, students: int, first: int = 0) -> list[ReceivedEvent | ReceivedCommand]:
    ids = [f"{1_000_000_001 + number}" for number in range(first, first + students)]
    return [service.received_event(student_added(id)) for id in ids] + [
        service.received_command(claim(id)) for id in ids
    ]


@contextmanager
def _counted(engine: AsyncEngine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def _rows(engine: AsyncEngine, query: str) -> list[Any]:
    async with engine.connect() as database:
        return list((await database.execute(text(query))).all())


async def test_fixed_number_of_statements(engine: AsyncEngine) -> None:
    """Five hundred students cost as many statements as one."""
    worker, service = _worker(engine), MemoryService()
    counts = []
    for first, students in ((0, 1), (1, 500)):
        batch = _pairs(service, students, first)
        with _counted(engine) as statements:
            await worker.take(batch)
        counts.append(len(statements))
    assert counts == [2, 2]
    assert await _rows(engine, "SELECT count(*) FROM ledger WHERE status = 'accepted'") == [(501,)]


async def test_what_says_too_much_is_taken_in_parts(engine: AsyncEngine) -> None:
    """A batch with very many effects is saved in several transactions of limited size."""
    service = MemoryService()

    await _worker(engine, largest_batch=5_000).take(_pairs(service, 100))

    assert await _rows(engine, "SELECT count(*) FROM ledger WHERE status = 'accepted'") == [(100,)]
    events = (
        "SELECT sum(cardinality(bodies))::int, max(length(array_to_string(bodies, ''))) <= 5000 FROM outbox"
    )
    assert await _rows(engine, f"{events} WHERE topic = 'StudentClaimed'") == [(100, True)]


async def test_a_message_that_says_too_much_by_itself_is_taken(engine: AsyncEngine) -> None:
    """One message with very many effects is saved in one transaction."""
    service = MemoryService()

    await _worker(engine, largest_batch=1).take(_pairs(service, 3))

    assert await _rows(engine, "SELECT count(*) FROM ledger WHERE status = 'accepted'") == [(3,)]


async def test_bad_message_ends_alone(engine: AsyncEngine) -> None:
    """If the database rejects one message of two hundred, the service holds that message and saves all
    others."""
    async with engine.begin() as database:
        await database.execute(
            text(f"ALTER TABLE records ADD CHECK (subject <> '{POISONED}' OR kind <> 'spell')"),
        )
    service = MemoryService()
    batch = _pairs(service, 100)
    bad: list[ReceivedEvent | ReceivedCommand] = [
        service.received_event(student_added(POISONED)),
        service.received_command(claim(POISONED)),
    ]
    await _worker(engine).take([*batch[:50], *bad, *batch[50:]])
    assert await _rows(engine, "SELECT count(*) FROM ledger WHERE status = 'accepted'") == [(100,)]
    held = await _rows(engine, "SELECT subject, until, reason FROM held")
    assert held == [(POISONED, None, "IntegrityError")]
    reads = dict(await _rows(engine, "SELECT result, sum(messages)::int FROM reads GROUP BY result"))
    assert reads == {"applied": 201, "held": 1}


async def test_two_consumers_with_the_same_records(engine: AsyncEngine) -> None:
    """After a rebalance two processes may have the same messages. Their effects are there once."""
    batch = _pairs(MemoryService(), 50)
    await asyncio.gather(*(_worker(engine).take(batch) for _ in range(3)))
    claimed = "SELECT sum(cardinality(keys)) FROM outbox WHERE topic = 'StudentClaimed'"
    assert await _rows(engine, claimed) == [(50,)]
    assert await _rows(engine, "SELECT count(*), max(sequence) FROM aggregates") == [(50, 1)]
    assert {row[0] for row in await _rows(engine, "SELECT status FROM ledger")} == {Status.ACCEPTED}


async def test_subject_that_cannot_be_read(engine: AsyncEngine) -> None:
    """If newer code cannot read one student's record, only that student's messages wait."""
    async with engine.begin() as database:
        kept = "INSERT INTO records VALUES (:whose, 'of an older version', '', 1, CAST(:body AS jsonb))"
        body = json.dumps({"student_id": POISONED})
        await database.execute(text(kept), {"whose": POISONED, "body": body})
    service = MemoryService()
    bad: list[ReceivedEvent | ReceivedCommand] = [
        service.received_event(student_added(POISONED)),
        service.received_command(claim(POISONED)),
    ]
    await _worker(engine).take([*bad, *_pairs(service, 20)])
    assert await _rows(engine, "SELECT count(*) FROM ledger WHERE status = 'accepted'") == [(20,)]
    held = await _rows(engine, "SELECT position, reason FROM held ORDER BY position")
    assert held == [(1, "KeyError"), (2, "KeyError")]


def test_exhausted_pool_is_waited_for() -> None:
    """If every database connection is in use, the batch waits, and no message is held for a defect."""
    assert transient(PoolExhausted())
    assert not transient(ValueError())


async def test_refusals_and_dead_letters_are_in_the_log(engine: AsyncEngine) -> None:
    """The log has a line for each batch with the codes of refusals and the topics of dead letters, and no
    contents of messages."""
    service = MemoryService()
    batch: list[Work] = [
        *_pairs(service, 2),
        *(service.received_command(claim(f"{1_000_000_001 + n}")) for n in range(2)),
    ]
    batch += [Unreadable(service.raw_message("jurisdiction.commands", "Testa Student"), "no value")] * 3
    with capture_logs() as lines:
        await _worker(engine).take(batch)
        await _worker(engine).take(_pairs(service, 5, first=100))
    (line,) = lines
    assert line["messages"] == len(batch)
    assert line["refused"] == {"JUR-003": 2}
    assert line["dead_letters"] == {"jurisdiction.commands": 3}
    assert "Testa" not in repr(line)
    assert "1000000001" not in repr(line)
