"""The held messages of a student in each store."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.facts import KnownStudent
from contracts.jurisdiction import ClaimJurisdiction
from contracts.outcome import Status
from services.chassis.deciding.batch import Writes
from services.chassis.decoding.messages import Due, Failed, GivenUp
from services.chassis.keeping.statements import StaleAggregate
from services.chassis.keeping.transaction import PostgresStore
from services.jurisdiction.app import SERVICE
from tests.integration.storing import TERMS, Case
from tests.memory import MemoryStore
from tests.unit.chassis.memory_service import HOLD, NOON, claim, student_added
from tests.unit.scenario import STUDENT


async def test_what_waits_comes_back_in_order_and_is_released(case: Case) -> None:
    """Held commands keep their order. When their fact arrives each gets an outcome, and none stays held."""
    first, second = (
        case.service.received_command(claim()),
        case.service.received_command(claim(school="017002")),
    )
    await case.process(first)
    await case.process(second)
    waiting = (await case.loaded()).aggregates[STUDENT].queue
    assert [(held.position, held.item.id, held.until) for held in waiting] == [
        (1, first.id, NOON + HOLD),
        (2, second.id, NOON + HOLD),
    ]

    await case.process(case.service.received_event(student_added()))

    seen = await case.loaded(first, second)
    assert seen.aggregates[STUDENT].queue == []
    assert [seen.given[command.id].status for command in (first, second)] == [Status.ACCEPTED, Status.REFUSED]


async def test_a_place_that_is_left_is_not_given_again_in_the_same_batch(case: Case) -> None:
    """One statement removes and adds held messages, and never at the same place."""
    first, second = (
        case.service.received_command(claim()),
        case.service.received_command(claim(school="017002")),
    )
    await case.process(first)

    await case.process(case.service.received_event(student_added()), Failed(second, "KeyError"))

    seen = await case.loaded(first)
    assert seen.given[first.id].status is Status.ACCEPTED
    assert [(held.position, held.item.id) for held in seen.aggregates[STUDENT].queue] == [(2, second.id)]


async def test_who_loaded_before_something_was_held_unread_comes_too_late(case: Case) -> None:
    """A process that loaded a student before another message was held unread is a late writer. It retries."""
    with pytest.raises(StaleAggregate):
        await case.save_after_unread(
            case.service.received_event(student_added()), case.service.received_command(claim())
        )

    seen = await case.loaded()
    assert seen.aggregates[STUDENT].known.revision(KnownStudent.kind, "") == 0
    assert [held.defect for held in seen.aggregates[STUDENT].queue] == [True]


async def test_what_cannot_be_read_is_held_behind_what_waits(case: Case) -> None:
    """A message held without loading its student gets the next place in the student's queue."""
    first, second = case.service.received_command(claim()), case.service.received_command(claim())
    await case.process(first)
    async with case.store.transaction() as transaction:
        await transaction.hold_unloaded(second, "KeyError")
        await transaction.save(Writes())

    async with case.store.transaction() as transaction:
        queue = (await transaction.queues([STUDENT]))[STUDENT]
    assert [(held.position, held.item.id, held.defect) for held in queue] == [
        (1, first.id, False),
        (2, second.id, True),
    ]


async def test_what_was_held_unread_is_answered_once_the_code_is_mended(case: Case) -> None:
    """A command held without loading its student gets an outcome after the code is fixed."""
    unread = case.service.received_command(claim())
    await case.process(case.service.received_event(student_added()))
    async with case.store.transaction() as transaction:
        await transaction.hold_unloaded(unread, "KeyError")
        await transaction.save(Writes())

    await case.process(Due(STUDENT, retry_defects=True))

    seen = await case.loaded(unread)
    assert (seen.given[unread.id].status, seen.aggregates[STUDENT].queue) == (Status.ACCEPTED, [])


async def test_what_is_answered_already_is_not_answered_from_the_queue(case: Case) -> None:
    """A repeated command that was held unread leaves the queue without a second outcome."""
    command = case.service.received_command(claim())
    await case.process(case.service.received_event(student_added()), command)
    async with case.store.transaction() as transaction:
        await transaction.hold_unloaded(command, "KeyError")
        await transaction.save(Writes())

    writes = await case.process(Due(STUDENT, retry_defects=True))

    assert (writes.ledger, writes.outbox) == ({}, [])
    assert (await case.loaded()).aggregates[STUDENT].queue == []


async def test_what_is_held_unread_is_held_once(case: Case) -> None:
    """A message that is read again, by another process or after a crash, is held once."""
    command = case.service.received_command(claim())
    for _ in range(2):
        async with case.store.transaction() as transaction:
            await transaction.hold_unloaded(command, "KeyError")
            await transaction.save(Writes())

    assert len((await case.loaded()).aggregates[STUDENT].queue) == 1


async def test_a_place_in_the_queue_is_taken_once(case: Case) -> None:
    """If two processes hold a message at the same place of a queue, the store rejects the later one."""
    first, second = case.service.received_command(claim()), case.service.received_command(claim())

    with pytest.raises(StaleAggregate):
        await case.save_after_unread(first, second)

    queue = (await case.loaded()).aggregates[STUDENT].queue
    assert [(held.position, held.item.id) for held in queue] == [(1, second.id)]


OTHER = "1000000002"
_LOOKS_AT = SERVICE.looks_at[ClaimJurisdiction]
LOOKING = replace(SERVICE, looks_at={ClaimJurisdiction: lambda *ask: (*_LOOKS_AT(*ask), OTHER)})
"""A jurisdiction whose decision of a claim looks at another student as well."""


@pytest.fixture
def looking(case: Case) -> Case:
    """The same store, for a service whose decisions today read another student."""
    store = MemoryStore(LOOKING)
    if isinstance(case.store, PostgresStore):
        store = PostgresStore(case.store.engine, LOOKING, case.store._decode)  # type: ignore[assignment]
    return Case(store, case.service, replace(TERMS, service=LOOKING), datetime.now(UTC))


async def test_a_command_is_due_as_soon_as_what_it_looks_at_has_changed(looking: Case) -> None:
    """The service retries a held claim when the other student that it reads has changed."""
    command = looking.service.received_command(claim())
    await looking.process(command)
    assert await looking.due() == []

    await looking.process(looking.service.received_event(student_added(OTHER)))
    assert await looking.due() == [Due(STUDENT)]

    await looking.process(Due(STUDENT))
    assert await looking.due() == [], "it has seen the change, and still waits for its own student"
    await looking.process(looking.service.received_event(student_added(OTHER, revision=2)))
    assert await looking.due() == [Due(STUDENT)]


async def test_a_change_does_not_wake_what_waits_behind_a_defect(looking: Case) -> None:
    """Behind a command that met a defect, a change of another student causes no retry."""
    await looking.process(
        Failed(looking.service.received_command(claim()), "KeyError"),
        looking.service.received_command(claim()),
    )
    await looking.process(looking.service.received_event(student_added(OTHER)))
    assert await looking.due() == []


async def test_a_given_up_command_leaves_and_the_next_one_goes_on(case: Case) -> None:
    """A command that an operator refuses gets one outcome. The next command is decided when it is due."""
    first, second = (
        case.service.received_command(claim()),
        case.service.received_command(claim(school="017002")),
    )
    await case.process(case.service.received_event(student_added()), Failed(first, "KeyError"), second)
    assert await case.due() == []

    given_up = GivenUp(STUDENT, 1, first.id, "LA/o.perator", "the school closed")
    await case.process(given_up)
    assert await case.due() == [Due(STUDENT)]
    await case.process(Due(STUDENT), given_up)

    seen = await case.loaded(first, second)
    assert [seen.given[command.id].status for command in (first, second)] == [Status.REFUSED, Status.ACCEPTED]
    assert seen.aggregates[STUDENT].queue == []


async def test_of_two_operators_one_gives_a_command_up(case: Case) -> None:
    """If two processes refuse the same command at once, the store rejects the later one."""
    command = case.service.received_command(claim())
    await case.process(command)
    given_up = GivenUp(STUDENT, 1, command.id, "LA/o.perator", "the school closed")
    with pytest.raises(StaleAggregate):
        await case.save_late(given_up, given_up)
    assert (await case.loaded(command)).given[command.id].status is Status.REFUSED
