"""A store of either kind, and a desk for its tests."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import text

from contracts.access import Actor
from services.chassis.deciding.batch import Loaded, Writes
from services.chassis.deciding.process import process
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.messages import (
    Due,
    Failed,
    GivenUp,
    RawMessage,
    ReceivedCommand,
    ReceivedEvent,
)
from services.chassis.holding.rows import due
from services.chassis.keeping.transaction import PostgresStore, Store
from services.chassis.publishing.effects import Outgoings
from services.jurisdiction.app import SERVICE
from tests.memory import MemoryStore
from tests.unit.chassis.desk import HOLD, NOON, Desk
from tests.unit.telling import STUDENT

TERMS = Terms(
    SERVICE, Outgoings(SERVICE, ""), HOLD, queue_limit=10, largest_body=10_000, largest_batch=1_000_000
)


@dataclass
class Case:
    """A store, and a desk at which messages for it are made."""

    store: Store
    desk: Desk = field(default_factory=Desk)
    terms: Terms = TERMS
    now: datetime = NOON

    async def take(self, *batch: ReceivedCommand | ReceivedEvent | Due | Failed | GivenUp) -> Writes:
        """Decide a batch and keep its effects, in one transaction."""
        async with self.store.transaction() as transaction:
            writes = process(batch, await transaction.load(batch), self.terms, self.now)
            await transaction.save(writes)
        return writes

    async def fail(self, *batch: ReceivedCommand | ReceivedEvent | Due) -> None:
        """Decide a batch and write its effects, and then not come to the end."""
        async with self.store.transaction() as transaction:
            await transaction.save(process(batch, await transaction.load(batch), self.terms, self.now))
            raise ZeroDivisionError

    async def overtaken(
        self,
        work: ReceivedCommand | ReceivedEvent | GivenUp,
        other: ReceivedCommand | ReceivedEvent | GivenUp,
    ) -> None:
        """Take a message up; before its effects are written, another process takes up the other."""
        async with self.store.transaction() as late:
            writes = process([work], await late.load([work]), self.terms, self.now)
            await self.take(other)
            await late.save(writes)

    async def unread_meanwhile(
        self, work: ReceivedCommand | ReceivedEvent, other: ReceivedCommand | ReceivedEvent
    ) -> None:
        """Take a message up; before its effects are written, another process holds the other unread."""
        async with self.store.transaction() as late:
            writes = process([work], await late.load([work]), self.terms, self.now)
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

    async def due(self) -> list[Due]:
        """The subjects whose held messages are to have another turn now."""
        if isinstance(self.store, MemoryStore):
            return self.store.due(datetime.now(UTC))
        assert isinstance(self.store, PostgresStore)
        async with self.store.engine.connect() as database:
            return await due(database, 10)

    async def known(self, *batch: ReceivedCommand | ReceivedEvent | Due) -> Loaded:
        """What a batch would see."""
        async with self.store.transaction() as transaction:
            return await transaction.load(batch or [Due(STUDENT)])


@dataclass
class Memory:
    """Messages as they were given, by where they stood: a held message is decoded when it is loaded."""

    given: dict[tuple[str, int], ReceivedCommand | ReceivedEvent] = field(default_factory=dict)

    def __call__(self, raw: RawMessage, actor: Actor | None) -> ReceivedCommand | ReceivedEvent:
        return self.given[raw.topic, raw.offset]


class Remembering(Desk):
    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory

    def asked(self, *command: object, **how: object) -> ReceivedCommand:
        asked = super().asked(*command, **how)  # type: ignore[arg-type]
        self._memory.given[asked.raw.topic, asked.raw.offset] = asked
        return asked
