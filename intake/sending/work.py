"""The open batches of all LEAs: one process reads one after the other, and sends one of each LEA."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from cryptography.fernet import MultiFernet
from sqlalchemy import Row as Found
from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts.errors import QUERY_DEFECT
from intake.loading import load
from intake.sending.dispatch import Bearer, Dispatch, TokenExpired
from intake.sending.ring import Ring
from intake.sending.sending import send_batch
from intake.sending.subject import Sender
from intake.settings import Settings
from intake.tables import batches, contents, rows
from intake.verdicts import BatchState
from services.chassis.keeping.failures import AWAY

log = structlog.get_logger()

_LOCK = text("SELECT pg_try_advisory_lock(1)")
_LOOK_SECONDS = 1.0
_PAUSE_SECONDS = 1.0
_OPEN = (BatchState.RECEIVED, BatchState.READING, BatchState.SENDING)


@dataclass
class Work:
    """Reads and sends. A lock in PostgreSQL lets one process do it; the others take batches and answer."""

    settings: Settings
    engine: AsyncEngine
    sealer: MultiFernet
    dispatch: Dispatch
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: "dict[str, asyncio.Task[None]]" = field(default_factory=dict)
    """What is done now: by LEA the batch that is sent; under a blank the batch that is read."""

    def __post_init__(self) -> None:
        self._ring = Ring(self.settings.intake_in_flight)

    def wake(self) -> None:
        """Say that there is a new batch."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled. Tries again after failures of the database."""
        while True:
            try:
                async with self.engine.connect() as database:
                    try:
                        await self._lead(database)
                    finally:
                        await self._stop()
                        await database.invalidate()  # else the connection would keep the lock in the pool
            except AWAY as failure:
                log.warning("the database does not answer", error=type(failure).__name__)
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _lead(self, database: AsyncConnection) -> None:
        await database.execution_options(isolation_level="AUTOCOMMIT")
        while not (await database.execute(_LOCK)).scalar_one():
            self._wake.clear()
            await self._wait()
        while True:
            self._wake.clear()
            await self._begin(database)
            await self._empty_old(database)
            await self._wait()

    async def _begin(self, database: AsyncConnection) -> None:
        """Begin what can be begun: the oldest unread batch, and of each LEA the oldest that was read."""
        wanted = select(batches).where(batches.c.state.in_(_OPEN)).order_by(batches.c.number)
        seen = set()
        for batch in (await database.execute(wanted)).all():
            if batch.state != BatchState.SENDING:
                self._start("", partial(self._read, batch.batch_id))
            elif batch.lea not in seen:
                self._start(batch.lea, partial(self._send, batch))
            seen.add(batch.lea)

    def _start(self, name: str, begin: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if name not in self._tasks:
            self._tasks[name] = asyncio.create_task(self._done_in(name, begin()))

    async def _done_in(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Do some work. A failure of the database, or a defect, stops only this work, for a second."""
        try:
            await work
        except AWAY as failure:
            log.warning("the database does not answer", error=type(failure).__name__)
            await asyncio.sleep(_PAUSE_SECONDS)
        except Exception as defect:
            log.error("a batch met a defect", exc_info=defect)
            await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            del self._tasks[name]
            self._wake.set()

    async def _read(self, batch_id: UUID) -> None:
        """Read a batch. If our code fails on it, the batch is refused, and the next one is read."""
        try:
            await load(self.engine, batch_id)
        except AWAY:
            raise
        except Exception as defect:
            log.error("a batch met a defect", exc_info=defect)
            found = [QUERY_DEFECT.broken().model_dump(mode="json")]
            await self._change(batch_id, state=BatchState.REFUSED, findings=found, done_at=datetime.now(UTC))

    async def _send(self, batch: Found[Any]) -> None:
        token = self.sealer.decrypt(batch.token).decode()
        sender = Sender(
            self.engine,
            self._ring,
            self.dispatch,
            self.settings.intake_held_seconds,
            batch.lea,
            batch.batch_id,
            Bearer(token, batch.token_expires_at),
        )
        try:
            await send_batch(self.engine, batch, sender)
        except TokenExpired:
            await self._change(batch.batch_id, state=BatchState.WAITING)

    async def _change(self, batch_id: UUID, **values: Any) -> None:
        async with self.engine.begin() as database:
            await database.execute(update(batches).where(batches.c.batch_id == batch_id).values(values))

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), _LOOK_SECONDS)
        except TimeoutError:
            return

    async def _stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _empty_old(self, database: AsyncConnection) -> None:
        """Delete the rows of old batches as they were sent. Their verdicts stay."""
        before = datetime.now(UTC) - timedelta(days=self.settings.intake_kept_days)
        old = (batches.c.received_at < before) & ~batches.c.emptied & batches.c.state.not_in(_OPEN)
        for (batch_id,) in (await database.execute(select(batches.c.batch_id).where(old))).all():
            await database.execute(delete(contents).where(contents.c.batch_id == batch_id))
            await database.execute(
                update(rows).where(rows.c.batch_id == batch_id).values(cells=None, values=None)
            )
            await database.execute(
                update(batches).where(batches.c.batch_id == batch_id).values(emptied=True, token=b"")
            )
