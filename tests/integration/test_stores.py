"""One behaviour, two stores: PostgreSQL, and the memory in which histories are simulated."""

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from contracts.access import Role
from contracts.facts import KnownStudent
from contracts.jurisdiction import Spell
from contracts.outcome import Status
from services.chassis.heart import Terms, process
from services.chassis.migrations import upgrade_with
from services.chassis.outgoing import Outgoings
from services.chassis.records import Asked, Due, Failed, Raw, Told
from services.chassis.settings import Settings
from services.chassis.state import Aggregate, Loaded, Writes
from services.chassis.store import StaleAggregate
from services.chassis.transaction import PostgresStore, Store
from services.jurisdiction.app import SERVICE
from tests.conftest import Database
from tests.memory import MemoryStore
from tests.unit.chassis.desk import HOLD, NOON, Desk, claim, student_added
from tests.unit.telling import STUDENT, actor

_TERMS = Terms(SERVICE, Outgoings(SERVICE, ""), HOLD, queue_limit=10, largest_body=10_000)
_READER = actor("017", Role.READER)


@dataclass
class Case:
    """A store, and a desk at which messages for it are made."""

    store: Store
    desk: Desk = field(default_factory=Desk)

    async def take(self, *batch: Asked | Told | Due | Failed) -> Writes:
        """Decide a batch and keep its effects, in one transaction."""
        async with self.store.transaction() as transaction:
            writes = process(batch, await transaction.load(batch), _TERMS, NOON)
            await transaction.save(writes)
        return writes

    async def fail(self, *batch: Asked | Told | Due) -> None:
        """Decide a batch and write its effects, and then not come to the end."""
        async with self.store.transaction() as transaction:
            await transaction.save(process(batch, await transaction.load(batch), _TERMS, NOON))
            raise ZeroDivisionError

    async def overtaken(self, work: Asked | Told, other: Asked | Told) -> None:
        """Take a message up; before its effects are written, another process takes up the other."""
        async with self.store.transaction() as late:
            writes = process([work], await late.load([work]), _TERMS, NOON)
            await self.take(other)
            await late.save(writes)

    async def unread_meanwhile(self, work: Asked | Told, other: Asked | Told) -> None:
        """Take a message up; before its effects are written, another process holds the other unread."""
        async with self.store.transaction() as late:
            writes = process([work], await late.load([work]), _TERMS, NOON)
            async with self.store.transaction() as transaction:
                await transaction.hold_unread(other, "KeyError")
                await transaction.save(Writes())
            await late.save(writes)

    async def outbox(self) -> dict[str, list[tuple[str, str, str]]]:
        """By topic what is to be published, in order: key, headers, body."""
        found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        if isinstance(self.store, MemoryStore):
            for message in self.store.outbox:
                found[message.topic].append((message.key, message.headers, message.value))
            return found
        assert isinstance(self.store, PostgresStore)
        async with self.store.engine.connect() as database:
            rows = await database.execute(text("SELECT topic, keys, headers, bodies FROM outbox ORDER BY id"))
            for topic, *columns in rows:
                found[topic].extend(zip(*columns, strict=True))
        return found

    async def known(self, *batch: Asked | Told | Due) -> Loaded:
        """What a batch would see."""
        async with self.store.transaction() as transaction:
            return await transaction.load(batch or [Due(STUDENT)])


@dataclass
class _Memory:
    """Messages as they were given, by where they stood: a held message is decoded when it is loaded."""

    given: dict[tuple[str, int], Asked | Told] = field(default_factory=dict)

    def __call__(self, raw: Raw) -> Asked | Told:
        return self.given[raw.topic, raw.offset]


class _Remembering(Desk):
    def __init__(self, memory: _Memory) -> None:
        super().__init__()
        self._memory = memory

    def asked(self, *command: object, **how: object) -> Asked:
        asked = super().asked(*command, **how)  # type: ignore[arg-type]
        self._memory.given[asked.raw.topic, asked.raw.offset] = asked
        return asked


@pytest.fixture(params=["memory", "postgres"])
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    """The same tests for each store."""
    if request.param == "memory":
        yield Case(MemoryStore(SERVICE))
        return
    database: Database = request.getfixturevalue("database")
    url, memory = database("jurisdiction"), _Memory()
    await upgrade_with("jurisdiction", Settings(database=url, token_public_key="/unused"))
    engine = create_async_engine(url)
    yield Case(PostgresStore(engine, SERVICE, memory), _Remembering(memory))
    await engine.dispose()


async def test_what_is_kept_is_known_to_the_next_batch(case: Case) -> None:
    """A claim that was accepted is there: the spell, its number, and the answer to its command."""
    asked = case.desk.asked(claim())
    await case.take(case.desk.told(student_added()), asked)

    seen = await case.known(asked)

    aggregate = seen.aggregates[STUDENT]
    assert [spell.lea for spell in aggregate.known.all(Spell)] == ["017"]
    assert (aggregate.revision, aggregate.sequence, aggregate.queue) == (1, 1, [])
    assert (seen.given[asked.id].status, seen.given[asked.id].fingerprint) == (
        Status.ACCEPTED,
        asked.fingerprint,
    )


async def test_nothing_is_kept_of_what_fails(case: Case) -> None:
    """A transaction that does not come to its end leaves nothing."""
    batch: list[Asked | Told] = [case.desk.told(student_added()), case.desk.asked(claim())]

    with pytest.raises(ZeroDivisionError):
        await case.fail(*batch)

    seen = await case.known(*batch)
    assert (seen.aggregates[STUDENT].revision, dict(seen.given)) == (0, {})


async def test_the_second_to_write_a_student_is_undone(case: Case) -> None:
    """Two processes that take up the same new student: the one that comes too late keeps nothing."""
    event = case.desk.told(student_added())

    with pytest.raises(StaleAggregate):
        await case.overtaken(event, event)

    assert (await case.known()).aggregates[STUDENT].revision == 1


async def test_a_command_is_answered_once(case: Case) -> None:
    """Two processes that refuse the same command, of which nothing else is kept: one answer stands."""
    asked = case.desk.asked(claim(), by=_READER)

    with pytest.raises(StaleAggregate):
        await case.overtaken(asked, asked)

    assert (await case.known(asked)).given[asked.id].status is Status.REFUSED


async def test_a_command_that_is_held_is_answered_by_nobody_else(case: Case) -> None:
    """One process refuses a command that another has just held: the refusal is undone, the command waits."""
    held = case.desk.asked(claim())
    refused = case.desk.asked(claim(), by=_READER, under=held.id)

    with pytest.raises(StaleAggregate):
        await case.overtaken(refused, held)

    seen = await case.known(held)
    assert (seen.given[held.id].status, len(seen.aggregates[STUDENT].queue)) == (Status.HELD, 1)


async def test_what_waits_comes_back_in_order_and_is_released(case: Case) -> None:
    """Held commands keep their order; when their fact comes each is answered, and none is left."""
    first, second = case.desk.asked(claim()), case.desk.asked(claim(school="017002"))
    await case.take(first)
    await case.take(second)
    waiting = (await case.known()).aggregates[STUDENT].queue
    assert [(held.position, held.item.id, held.until) for held in waiting] == [
        (1, first.id, NOON + HOLD),
        (2, second.id, NOON + HOLD),
    ]

    await case.take(case.desk.told(student_added()))

    seen = await case.known(first, second)
    assert seen.aggregates[STUDENT].queue == []
    assert [seen.given[asked.id].status for asked in (first, second)] == [Status.ACCEPTED, Status.REFUSED]


async def test_a_place_that_is_left_is_not_given_again_in_the_same_batch(case: Case) -> None:
    """Who leaves the queue and who joins it do so in one statement: they are never at one place."""
    first, second = case.desk.asked(claim()), case.desk.asked(claim(school="017002"))
    await case.take(first)

    await case.take(case.desk.told(student_added()), Failed(second, "KeyError"))

    seen = await case.known(first)
    assert seen.given[first.id].status is Status.ACCEPTED
    assert [(held.position, held.item.id) for held in seen.aggregates[STUDENT].queue] == [(2, second.id)]


async def test_who_loaded_before_something_was_held_unread_comes_too_late(case: Case) -> None:
    """Or it would pass by what waits for the code to be mended."""
    with pytest.raises(StaleAggregate):
        await case.unread_meanwhile(case.desk.told(student_added()), case.desk.asked(claim()))

    seen = await case.known()
    assert seen.aggregates[STUDENT].known.revision(KnownStudent.kind, "") == 0
    assert [held.defect for held in seen.aggregates[STUDENT].queue] == [True]


async def test_an_older_state_does_not_replace_a_newer_one(case: Case) -> None:
    """Of two states of one thing the higher revision stays, in whichever order they are written."""
    newer, older = (case.desk.told(student_added(revision=revision)) for revision in (2, 1))
    await case.take(newer)
    writes = process([older], Loaded({STUDENT: Aggregate()}, {}), _TERMS, NOON)
    writes.advances = ()
    async with case.store.transaction() as transaction:
        await transaction.save(writes)

    assert (await case.known()).aggregates[STUDENT].known.revision(KnownStudent.kind, "") == 2


async def test_what_cannot_be_read_is_held_behind_what_waits(case: Case) -> None:
    """A message held without a look at its student takes the next place in the student's queue."""
    first, second = case.desk.asked(claim()), case.desk.asked(claim())
    await case.take(first)
    async with case.store.transaction() as transaction:
        await transaction.hold_unread(second, "KeyError")
        await transaction.save(Writes())

    async with case.store.transaction() as transaction:
        queue = (await transaction.queues([STUDENT]))[STUDENT]
    assert [(held.position, held.item.id, held.defect) for held in queue] == [
        (1, first.id, False),
        (2, second.id, True),
    ]


async def test_what_was_held_unread_is_answered_once_the_code_is_mended(case: Case) -> None:
    """A command that was held without a look, and so without an answer, gets one when it has its turn."""
    unread = case.desk.asked(claim())
    await case.take(case.desk.told(student_added()))
    async with case.store.transaction() as transaction:
        await transaction.hold_unread(unread, "KeyError")
        await transaction.save(Writes())

    await case.take(Due(STUDENT, mended=True))

    seen = await case.known(unread)
    assert (seen.given[unread.id].status, seen.aggregates[STUDENT].queue) == (Status.ACCEPTED, [])


async def test_what_is_answered_already_is_not_answered_from_the_queue(case: Case) -> None:
    """A command that came again while its student could not be read leaves the queue without a word."""
    asked = case.desk.asked(claim())
    await case.take(case.desk.told(student_added()), asked)
    async with case.store.transaction() as transaction:
        await transaction.hold_unread(asked, "KeyError")
        await transaction.save(Writes())

    writes = await case.take(Due(STUDENT, mended=True))

    assert (writes.ledger, writes.outbox) == ({}, [])
    assert (await case.known()).aggregates[STUDENT].queue == []


async def test_what_is_to_be_published_stands_in_its_order(case: Case) -> None:
    """By topic everything that a batch says, in the order in which it was decided, batch after batch."""
    desk, said = case.desk, defaultdict[str, list[tuple[str, str, str]]](list)
    batches = (
        [desk.told(student_added()), *(desk.asked(claim()) for _ in range(12))],
        [desk.asked(claim(), by=_READER) for _ in range(12)],
    )
    for batch in batches:
        for message in (await case.take(*batch)).outbox:
            said[message.topic].append((message.key, message.headers, message.value))

    assert {len(messages) for messages in said.values()} == {1, 24}
    assert await case.outbox() == said


async def test_what_is_held_unread_is_held_once(case: Case) -> None:
    """Its record may be read again, by another process or after one that died."""
    asked = case.desk.asked(claim())
    for _ in range(2):
        async with case.store.transaction() as transaction:
            await transaction.hold_unread(asked, "KeyError")
            await transaction.save(Writes())

    assert len((await case.known()).aggregates[STUDENT].queue) == 1


async def test_a_place_in_the_queue_is_taken_once(case: Case) -> None:
    """Two processes that hold a message of one student at the same place: the later one is undone."""
    first, second = case.desk.asked(claim()), case.desk.asked(claim())

    with pytest.raises(StaleAggregate):
        await case.unread_meanwhile(first, second)

    queue = (await case.known()).aggregates[STUDENT].queue
    assert [(held.position, held.item.id) for held in queue] == [(1, second.id)]


async def test_every_record_is_counted(case: Case) -> None:
    """What became of each record read is counted, batch after batch."""
    asked = case.desk.asked(claim())
    for batch in ([case.desk.told(student_added()), asked], [asked], [asked]):
        await case.take(*batch)

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
