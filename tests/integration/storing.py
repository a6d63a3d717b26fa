"""One store, in memory or in PostgreSQL, and the steps that its tests do with it."""

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
from tests.unit.chassis.memory_service import HOLD, NOON, MemoryService
from tests.unit.scenario import STUDENT

TERMS = Terms(
    SERVICE, Outgoings(SERVICE, ""), HOLD, queue_limit=10, largest_body=10_000, largest_batch=1_000_000
)


@dataclass
class Case:
    """A store, and a service that makes messages for it."""

    store: Store
    service: MemoryService = field(default_factory=MemoryService)
    terms: Terms = TERMS
    now: datetime = NOON

    async def process(self, *batch: ReceivedCommand | ReceivedEvent | Due | Failed | GivenUp) -> Writes:
        """Decide a batch and save its writes, in one transaction."""
        async with self.store.transaction() as transaction:
            writes = process(batch, await transaction.load(batch), self.terms, self.now)
            await transaction.save(writes)
        return writes

    async def roll_back(self, *batch: ReceivedCommand | ReceivedEvent | Due) -> None:
        """Decide a batch and save its writes; then raise an error, so that the transaction rolls back."""
        async with self.store.transaction() as transaction:
            await transaction.save(process(batch, await transaction.load(batch), self.terms, self.now))
            raise ZeroDivisionError

    async def save_late(
        self,
        work: ReceivedCommand | ReceivedEvent | GivenUp,
        other: ReceivedCommand | ReceivedEvent | GivenUp,
    ) -> None:
        """Decide `work`; another process decides and saves `other`; only then save the writes of `work`."""
        async with self.store.transaction() as late:
            writes = process([work], await late.load([work]), self.terms, self.now)
            await self.process(other)
            await late.save(writes)

    async def save_after_unread(
        self, work: ReceivedCommand | ReceivedEvent, other: ReceivedCommand | ReceivedEvent
    ) -> None:
        """Decide `work`; another process holds `other` unread; only then save the writes of `work`."""
        async with self.store.transaction() as late:
            writes = process([work], await late.load([work]), self.terms, self.now)
            async with self.store.transaction() as transaction:
                await transaction.hold_unloaded(other, "KeyError")
                await transaction.save(Writes())
            await late.save(writes)

    async def outbox(self) -> dict[str, list[tuple[str, str, str]]]:
        """Key, headers and body of every message in the outbox, by topic and in order."""
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
        """The subjects whose held messages the service must retry now."""
        if isinstance(self.store, MemoryStore):
            return self.store.due(datetime.now(UTC))
        assert isinstance(self.store, PostgresStore)
        async with self.store.engine.connect() as database:
            return await due(database, 10)

    async def loaded(self, *batch: ReceivedCommand | ReceivedEvent | Due) -> Loaded:
        """The records that the store loads for a batch."""
        async with self.store.transaction() as transaction:
            return await transaction.load(batch or [Due(STUDENT)])


@dataclass
class Sources:
    """Messages by topic and offset. The store decodes a held message when it loads it, and finds it here."""

    messages: dict[tuple[str, int], ReceivedCommand | ReceivedEvent] = field(default_factory=dict)

    def __call__(self, raw: RawMessage, actor: Actor | None) -> ReceivedCommand | ReceivedEvent:
        return self.messages[raw.topic, raw.offset]


class RecordingService(MemoryService):
    """Notes each command that it makes in `sources`."""

    def __init__(self, sources: Sources) -> None:
        super().__init__()
        self._sources = sources

    def received_command(self, *command: object, **how: object) -> ReceivedCommand:
        received = super().received_command(*command, **how)  # type: ignore[arg-type]
        self._sources.messages[received.raw.topic, received.raw.offset] = received
        return received
