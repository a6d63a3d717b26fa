"""The same tests for both stores: PostgreSQL, and the memory of the simulation."""

from collections import defaultdict

import pytest
from sqlalchemy import text

from contracts.access import Role
from contracts.facts import KnownStudent
from contracts.jurisdiction import Spell
from contracts.outcome import Status
from services.chassis.deciding.batch import Aggregate, Loaded
from services.chassis.deciding.process import process
from services.chassis.decoding.messages import ReceivedCommand, ReceivedEvent
from services.chassis.keeping.statements import StaleAggregate
from services.chassis.keeping.transaction import PostgresStore, Store
from tests.integration.storing import TERMS, Case
from tests.memory import MemoryStore
from tests.unit.chassis.memory_service import NOON, claim, student_added
from tests.unit.scenario import STUDENT, actor

_READER = actor("017", Role.READER)


async def test_what_is_kept_is_known_to_the_next_batch(case: Case) -> None:
    """After an accepted claim the next batch finds the spell, its sequence and the outcome."""
    command = case.service.received_command(claim())
    await case.process(case.service.received_event(student_added()), command)

    seen = await case.loaded(command)

    aggregate = seen.aggregates[STUDENT]
    assert [spell.lea for spell in aggregate.known.all(Spell)] == ["017"]
    assert (aggregate.revision, aggregate.sequence, list(aggregate.queue)) == (1, 1, [])
    assert (seen.given[command.id].status, seen.given[command.id].fingerprint) == (
        Status.ACCEPTED,
        command.fingerprint,
    )


async def test_nothing_is_kept_of_what_fails(case: Case) -> None:
    """A transaction that fails leaves no trace."""
    batch: list[ReceivedCommand | ReceivedEvent] = [
        case.service.received_event(student_added()),
        case.service.received_command(claim()),
    ]

    with pytest.raises(ZeroDivisionError):
        await case.roll_back(*batch)

    seen = await case.loaded(*batch)
    assert (seen.aggregates[STUDENT].revision, dict(seen.given)) == (0, {})


async def test_the_second_to_write_a_student_is_undone(case: Case) -> None:
    """If two processes handle the same new student, the store rejects the later one."""
    event = case.service.received_event(student_added())

    with pytest.raises(StaleAggregate):
        await case.save_late(event, event)

    assert (await case.loaded()).aggregates[STUDENT].revision == 1


async def test_a_command_is_answered_once(case: Case) -> None:
    """If two processes refuse the same command, the store keeps one outcome."""
    command = case.service.received_command(claim(), by=_READER)

    with pytest.raises(StaleAggregate):
        await case.save_late(command, command)

    assert (await case.loaded(command)).given[command.id].status is Status.REFUSED


async def test_a_command_that_is_held_is_answered_by_nobody_else(case: Case) -> None:
    """If one process has just held a command, the store rejects another process's refusal of it."""
    held = case.service.received_command(claim())
    refused = case.service.received_command(claim(), by=_READER, under=held.id)

    with pytest.raises(StaleAggregate):
        await case.save_late(refused, held)

    seen = await case.loaded(held)
    assert (seen.given[held.id].status, len(seen.aggregates[STUDENT].queue)) == (Status.HELD, 1)


async def test_an_older_state_does_not_replace_a_newer_one(case: Case) -> None:
    """Of two states of one record the higher revision stays, in any order of writing."""
    newer, older = (case.service.received_event(student_added(revision=revision)) for revision in (2, 1))
    await case.process(newer)
    writes = process([older], Loaded({STUDENT: Aggregate()}, {}), TERMS, NOON)
    writes.advances = ()
    async with case.store.transaction() as transaction:
        await transaction.save(writes)

    assert (await case.loaded()).aggregates[STUDENT].known.revision(KnownStudent.kind, "") == 2


async def test_what_is_to_be_published_stands_in_its_order(case: Case) -> None:
    """The outbox has a topic's messages in the order of the decisions."""
    service, expected = case.service, defaultdict[str, list[tuple[str, str, str]]](list)
    batches = (
        [service.received_event(student_added()), *(service.received_command(claim()) for _ in range(12))],
        [service.received_command(claim(), by=_READER) for _ in range(12)],
    )
    for batch in batches:
        for message in (await case.process(*batch)).outbox:
            expected[message.topic].append((message.key, message.headers, message.value))

    assert {len(messages) for messages in expected.values()} == {1, 24}
    assert await case.outbox() == expected


async def test_every_record_is_counted(case: Case) -> None:
    """The service counts each message by result, batch after batch."""
    command = case.service.received_command(claim())
    for batch in ([case.service.received_event(student_added()), command], [command], [command]):
        await case.process(*batch)

    assert await _counts(case.store) == {"applied": 2, "duplicate": 2}


async def _counts(store: Store) -> dict[str, int]:
    found: dict[str, int] = {}
    if isinstance(store, MemoryStore):
        for (_, _, result), messages in store.tally.items():
            found[result] = found.get(result, 0) + messages
    if isinstance(store, PostgresStore):
        async with store.engine.connect() as database:
            query = text("SELECT result, sum(messages)::int FROM reads GROUP BY result")
            found.update({row[0]: row[1] for row in (await database.execute(query)).all()})
    return found
