"""An id names one record in the whole state, in both stores."""

import json
import re
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from contracts.access import Actor
from contracts.envelope import Envelope
from contracts.jurisdiction import TransferRequested
from contracts.message import Command, Event
from contracts.outcome import Status
from services.chassis.deciding.batch import RecordRow, Writes
from services.chassis.deciding.process import process
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.decoder import fingerprint
from services.chassis.decoding.messages import Due, RawMessage, ReceivedCommand, ReceivedEvent, Work
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.run import engine_for
from services.chassis.hosting.settings import Settings
from services.chassis.hosting.telemetry import Tracer
from services.chassis.keeping.loading import taken_ids
from services.chassis.keeping.migrations import upgrade_with
from services.chassis.keeping.statements import StaleAggregate, found
from services.chassis.keeping.transaction import PostgresStore, Store
from services.chassis.publishing.effects import Outgoings
from services.chassis.reading.worker import Worker
from services.ieps.app import SERVICE as IEPS
from services.jurisdiction.app import SERVICE as JURISDICTION
from services.provision.app import SERVICE
from services.students.app import SERVICE as STUDENTS
from tests.conftest import Database
from tests.integration.querying import of_student
from tests.memory import MemoryStore
from tests.unit.chassis.memory_service import HOLD, NOON
from tests.unit.events import ORLEANS
from tests.unit.provision.events import add, ready, requested
from tests.unit.scenario import STUDENT, TODAY, actor

TERMS = Terms(SERVICE, Outgoings(SERVICE, ""), HOLD, 10, 100_000, 1_000_000)
OTHER = "1000000002"
DECIDING = (STUDENTS, JURISDICTION, IEPS, SERVICE)


@pytest.fixture(params=["memory", "postgres"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """The store of a provision that knows two students, each with a submitted IEP."""
    records = [*ready(), *(of_student(record, OTHER) for record in ready())]
    writes = Writes(records={row.key: row for row in map(RecordRow.of, records)})
    if request.param == "memory":
        memory = MemoryStore(SERVICE)
        memory.save(writes)
        yield memory
        return
    database: Database = request.getfixturevalue("database")
    settings = Settings(database=database("provision"), token_keys="/unused")
    await upgrade_with("provision", settings)
    engine = engine_for(settings, connections=4, for_batches=True)
    kept = PostgresStore(engine, SERVICE, _again)
    async with kept.transaction() as transaction:
        await transaction.save(writes)
    yield kept
    await engine.dispose()


def _again(raw: RawMessage, actor: Actor | None) -> ReceivedEvent:
    """The held event, decoded a second time."""
    model = TransferRequested.model_validate_json(raw.value or b"")
    return event_message(model)._replace(raw=raw)


def _ignored(_: Writes) -> None:
    """Ignores outcomes."""


def received(command: Command) -> ReceivedCommand:
    """The command as Kafka delivers it."""
    name, command_id = type(command).__name__, uuid4()
    body = command.model_dump_json().encode()
    raw = RawMessage("provision.commands", 0, 1, command.subject.encode(), body, (), NOON)
    envelope = Envelope(str(command_id), name, "/test", command.subject, NOON, f"{name}.v1")
    content, by = fingerprint(name, command), actor(ORLEANS)
    return ReceivedCommand(raw, envelope, command_id, name, command.subject, content, TODAY, command, by)


def event_message(event: Event) -> ReceivedEvent:
    """The event as Kafka delivers it."""
    name, body = type(event).__name__, event.model_dump_json().encode()
    raw = RawMessage(name, 0, 1, event.subject.encode(), body, (), NOON)
    envelope = Envelope(str(uuid4()), name, "/test", event.subject, NOON, f"{name}.v1", sequence=1)
    return ReceivedEvent(raw, envelope, event, "jurisdiction")


async def take(store: Store, *batch: Work) -> Writes:
    """Decide a batch and save it."""
    async with store.transaction() as transaction:
        writes = process(batch, await transaction.load(batch), TERMS, NOON)
        await transaction.save(writes)
    return writes


async def overtaken(store: Store, late: ReceivedCommand, other: ReceivedCommand) -> None:
    """Decide a command; before it is saved, another process saves another batch."""
    async with store.transaction() as transaction:
        writes = process([late], await transaction.load([late]), TERMS, NOON)
        await take(store, other)
        await transaction.save(writes)


def answers(writes: Writes) -> dict[str, tuple[Status, list[str]]]:
    """The outcome of each student's command, with the codes of its findings."""
    return {
        entry.subject: (entry.status, [one["code"] for one in json.loads(entry.body)["findings"]])
        for entry in writes.ledger.values()
    }


REFUSED = (Status.REFUSED, ["MSG-024"])


def added(student: str) -> ReceivedCommand:
    """A service for a student, always with the same id."""
    command = add()
    if student == OTHER:
        iep = of_student(ready()[-1], OTHER)
        command = command.model_copy(update={"student_id": OTHER, "iep_id": iep.iep_id})  # type: ignore[attr-defined]
    return received(command)


async def test_an_id_is_used_for_another_student_later(store: Store) -> None:
    """Provision refuses a service id of another student's service, and says nothing about that student."""
    assert answers(await take(store, added(STUDENT))) == {STUDENT: (Status.ACCEPTED, [])}
    writes = await take(store, added(OTHER))
    assert answers(writes) == {OTHER: REFUSED}
    assert STUDENT not in "".join(entry.body for entry in writes.ledger.values())


async def test_an_id_is_used_twice_in_a_batch(store: Store) -> None:
    """Of two services with one id in one batch, the first is accepted."""
    given = answers(await take(store, added(STUDENT), added(OTHER)))
    assert given == {STUDENT: (Status.ACCEPTED, []), OTHER: REFUSED}


async def test_two_processes_use_an_id_at_once(store: Store) -> None:
    """If two processes save one id for two students, PostgreSQL rejects the later one, and then provision
    refuses it."""
    late = added(OTHER)
    with pytest.raises(StaleAggregate):
        await overtaken(store, late, added(STUDENT))
    assert answers(await take(store, late)) == {OTHER: REFUSED}


async def test_an_event_brings_an_id_of_another_student(store: Store) -> None:
    """The service isolates and holds a transfer that has the id of another student's transfer."""
    first, other = requested(), of_student(requested(), OTHER)
    other = other.model_copy(update={"claim_id": first.claim_id})
    batch: list[Work] = [*map(event_message, (first, other)), *(added(STUDENT) for _ in range(40))]
    began = time.monotonic()

    await Worker(store, TERMS, Tracer("provision", ""), _ignored).take(batch)

    assert time.monotonic() - began < 10
    async with store.transaction() as transaction:
        loaded = await transaction.load([Due(OTHER), Due(STUDENT)])
    assert [held.item.subject for held in loaded.aggregates[OTHER].queue] == [OTHER]
    assert not loaded.aggregates[STUDENT].queue


@pytest.mark.parametrize("service", DECIDING, ids=lambda service: service.name)
async def test_ids_are_found_by_their_index(database: Database, service: ServiceDefinition) -> None:
    """The statement that looks for the ids of a batch reads the index of ids, and no other.

    The primary key begins with the subject, so it would read all records of the service for each batch.
    """
    settings = Settings(database=database(service.name), token_keys="/unused")
    await upgrade_with(service.name, settings)
    engine = engine_for(settings, connections=1, for_batches=True)
    async with engine.connect() as connection:
        plan = await found(connection, f"EXPLAIN {taken_ids(service, '$1')}", [str(uuid4())])
    await engine.dispose()
    assert re.findall(r"Index.* Scan (?:using|on) (\w+)", str(plan)) == ["record_ids"]


@pytest.mark.parametrize("service", DECIDING, ids=lambda service: service.name)
async def test_subjects_have_one_collation(database: Database, service: ServiceDefinition) -> None:
    """Each table compares subjects byte by byte. PostgreSQL uses no index to compare two collations."""
    settings = Settings(database=database(service.name), token_keys="/unused")
    await upgrade_with(service.name, settings)
    engine = engine_for(settings, connections=1)
    async with engine.connect() as connection:
        columns = await found(
            connection,
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'subject'"
            " AND table_schema = 'public' AND collation_name IS DISTINCT FROM 'C'",
        )
    await engine.dispose()
    assert not [table for (table,) in columns]
