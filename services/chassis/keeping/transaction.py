"""The worker's interface to a store: one transaction for a batch."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.chassis.deciding.batch import Loaded, Writes
from services.chassis.decoding.messages import ReceivedCommand, ReceivedEvent, Work
from services.chassis.holding.queue import Held
from services.chassis.holding.rows import DecodeAgain, hold_unloaded, load_queues, lock_queues
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.keeping.loading import load
from services.chassis.keeping.saving import save


class Transaction(Protocol):
    """One transaction. The store keeps all of it when its context ends, or nothing."""

    async def load(self, batch: Sequence[Work]) -> Loaded:
        """Everything the batch may look at."""

    async def queues(self, subjects: Sequence[str]) -> dict[str, list[Held]]:
        """The messages held for each of the subjects, in order."""

    async def project(self, events: Sequence[ReceivedEvent]) -> Collection[str]:
        """Give events to the service's projection. Returns the ids of the new ones."""

    async def save(self, writes: Writes) -> None:
        """Write a batch's effects when the transaction ends: StaleAggregate then if another process was first
        with one of its subjects."""

    async def hold_unloaded(self, item: ReceivedCommand | ReceivedEvent, reason: str) -> None:
        """Hold a message whose subject cannot be loaded, behind the subject's held messages."""


class Store(Protocol):
    """A service's store: PostgreSQL, or the memory of a simulation."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """A new transaction."""


class PostgresStore:
    """A service's own database.

    What a service decides is kept by one statement, which PostgreSQL keeps as a whole or not at all: nothing
    is begun before it, and nothing locked. A service with a projection has a transaction around both.
    """

    def __init__(self, engine: AsyncEngine, service: ServiceDefinition, decode: DecodeAgain) -> None:
        self.engine = engine
        self._service = service
        self._decode = decode
        alone = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._open = alone.connect if service.projection is None else engine.begin

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A new transaction."""
        async with self._open() as database:
            transaction = _PostgresTransaction(database, self._service, self._decode)
            yield transaction
            await transaction.keep()


@dataclass
class _PostgresTransaction:
    database: AsyncConnection
    service: ServiceDefinition
    decode: DecodeAgain
    writes: Writes | None = None

    async def load(self, batch: Sequence[Work]) -> Loaded:
        return await load(self.database, batch, self.service, self.decode)

    async def queues(self, subjects: Sequence[str]) -> dict[str, list[Held]]:
        await lock_queues(self.database, subjects)
        return await load_queues(self.database, subjects, self.decode)

    async def project(self, events: Sequence[ReceivedEvent]) -> Collection[str]:
        assert self.service.projection is not None, "only a service with a projection is handed events"
        return await self.service.projection(self.database, events)

    async def save(self, writes: Writes) -> None:
        self.writes = writes

    async def keep(self) -> None:
        if self.writes is not None:
            await save(self.database, self.writes)

    async def hold_unloaded(self, item: ReceivedCommand | ReceivedEvent, reason: str) -> None:
        await hold_unloaded(self.database, item, reason)
