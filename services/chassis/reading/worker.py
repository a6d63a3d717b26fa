"""One batch, or one lane's part of it, in one transaction.

A batch that cannot be saved is halved until the one bad message is alone and held.
"""

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from services.chassis.deciding.batch import Writes
from services.chassis.deciding.process import process
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.messages import (
    Alone,
    Due,
    Failed,
    GivenUp,
    ReceivedCommand,
    ReceivedEvent,
    Work,
)
from services.chassis.hosting.telemetry import BATCH_MESSAGES, BATCH_SECONDS, HELD_ACTIONS, MESSAGES, Tracer
from services.chassis.keeping.failures import transient
from services.chassis.keeping.projection import project
from services.chassis.keeping.statements import IdTaken, StaleAggregate
from services.chassis.keeping.transaction import Store
from services.chassis.reading.noting import defects, noteworthy

log = structlog.get_logger()

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 5.0
_STALE_AT_MOST, _TAKEN_AT_MOST, _LATE_AT_MOST, _FAILED_AT_MOST = 10, 2, 3, 12


class Stopping(Exception):
    """The process stops while a batch waits for the database. The next process reads the batch again."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Worker:
    """Takes batches to the database.

    `written` is called with what each transaction changed, after it is committed.
    """

    store: Store
    terms: Terms
    tracer: Tracer
    written: Callable[[Writes], None]
    clock: Callable[[], datetime] = _now
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, batch: Sequence[Work]) -> None:
        """Process a batch completely: its effects are committed, or each message of it is held, when this
        returns."""
        pause, tries = _FIRST_PAUSE, Counter[type[Exception]]()
        while batch:
            if tries:
                gc.collect(1)  # a failure and its traces hold each other, and all that was to be saved
            try:
                return await self._attempt(batch)
            except Exception as failure:
                tries[type(failure)] += 1
                if transient(failure) and not _hopeless(tries, len(batch)):
                    log.warning(
                        "batch is retried",
                        error=type(failure).__name__,
                        messages=len(batch),
                        pause=pause,
                    )
                    await self.rest(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
                    continue
                tries.clear()
                if len(batch) == 1:
                    batch = await self._isolated(batch[0], failure)
                    continue
                log.warning("batch halved", error=type(failure).__name__, messages=len(batch))
            half = len(batch) // 2
            await self.take(batch[:half])
            batch = batch[half:]

    async def _attempt(self, batch: Sequence[Work]) -> None:
        started = time.perf_counter()
        async with self.store.transaction() as transaction:
            if self.terms.service.projection is not None:
                writes = await project(transaction, batch, self.terms)
            else:
                writes = process(batch, await transaction.load(batch), self.terms, self.clock())
                await transaction.save(writes)
        self._note(batch, writes, time.perf_counter() - started)

    def _note(self, batch: Sequence[Work], writes: Writes, seconds: float) -> None:
        BATCH_MESSAGES.observe(len(batch))
        BATCH_SECONDS.observe(seconds)
        for (topic, _, result), count in writes.tally.items():
            MESSAGES.labels(topic, result).inc(count)
        if found := noteworthy(writes):
            log.info("refusals and dead letters of a batch", messages=len(batch), **found)
        if met := defects(writes):
            log.error("messages held for a defect", **met)
        for action in writes.actions:
            HELD_ACTIONS.labels(action.action).inc()
            log.info("an operator gave a held message up", action=action.action, name=action.name)
        self.tracer.handled(batch, seconds)
        self.written(writes)

    async def _isolated(self, work: Work, failure: Exception) -> Sequence[Work]:
        match work:
            case ReceivedEvent():
                log.warning(
                    "event taken alone: a held message of its subject failed", **_where(work, failure)
                )
                return [Alone(work)]
            case ReceivedCommand() | Alone():
                item = work.item if isinstance(work, Alone) else work
                log.error("message held for a defect", **_where(item, failure))
                return [Failed(item, type(failure).__name__)]
            case Failed(item=item, reason=reason):
                log.error("message held: the records of its subject cannot be read", **_where(item, failure))
                await self._hold_unloaded(item, reason)
            case Due() | GivenUp():
                log.error("retry of held messages failed", error=type(failure).__name__)
            case _:
                raise failure
        return []

    async def _hold_unloaded(self, item: ReceivedCommand | ReceivedEvent, reason: str) -> None:
        """Hold the message; retry through passing failures of the database."""
        while True:
            try:
                async with self.store.transaction() as transaction:
                    return await transaction.hold_unloaded(item, reason)
            except Exception as failure:
                if not transient(failure):
                    raise
                await self.rest(_LONGEST_PAUSE)

    async def rest(self, pause: float) -> None:
        """Wait before the next attempt. Stopping: the process stops meanwhile."""
        try:
            await asyncio.wait_for(self.stopping.wait(), pause)
        except TimeoutError:
            return
        raise Stopping


def _hopeless(tries: Counter[type[Exception]], messages: int) -> bool:
    """Whether what usually passes has come too often: the batch is too large, or what is kept is odd.

    A database that is away for long halves a batch as well, which costs little.
    """
    if messages > 1 and (tries[TimeoutError] >= _LATE_AT_MOST or tries.total() >= _FAILED_AT_MOST):
        return True
    return tries[StaleAggregate] >= _STALE_AT_MOST or tries[IdTaken] >= _TAKEN_AT_MOST


def _where(item: ReceivedCommand | ReceivedEvent, failure: Exception) -> dict[str, object]:
    return {"error": type(failure).__name__, "topic": item.raw.topic, "offset": item.raw.offset}
