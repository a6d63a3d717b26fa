"""From the outbox to Kafka.

A row is deleted only after Kafka has confirmed its message; a crash between the two sends it again.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from pydantic_core import from_json
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts.envelope import headers_of
from contracts.partitions import partition_of
from services.chassis.hosting.telemetry import OUTBOX_ROWS, PUBLISHED
from services.chassis.publishing.packing import Message, packed

log = structlog.get_logger()

_LOCK = text("SELECT pg_try_advisory_lock(1)")
_LET_GO = "SET idle_session_timeout = '{seconds}s'"
_DELETE = "DELETE FROM outbox WHERE id = ANY(CAST(:confirmed AS bigint[]))"
# One statement a round: what Kafka has confirmed goes, what is next comes.
_NEXT = text(
    f"WITH confirmed AS ({_DELETE}), first AS ("
    "SELECT *, pg_column_size(keys) + pg_column_size(headers) + pg_column_size(bodies) AS size FROM outbox"
    " WHERE id <> ALL(CAST(:confirmed AS bigint[])) ORDER BY id LIMIT :rows"
    ") SELECT id, topic, keys, headers, bodies FROM"
    " (SELECT *, sum(size) OVER (ORDER BY id) - size AS before FROM first) AS next"
    " WHERE before < :bytes ORDER BY id"
)
_PAUSE_AFTER_FAILURE = 0.5
_BYTES = 8_000_000

_Sent = tuple["asyncio.Future[Any]", list[int]]


class Relay:
    """Publishes a service's outbox.

    One process of a service does at a time; the others stand by for its lock. A process that says nothing
    for `silent_seconds`, because it stands still, loses it.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        producer: AIOKafkaProducer,
        *,
        rows: int,
        poll_seconds: float,
        silent_seconds: int,
        give_up_seconds: float,
    ) -> None:
        self._engine = engine
        self._producer = producer
        self._rows = rows
        self._poll = poll_seconds
        self._silent = silent_seconds
        self._give_up = give_up_seconds
        self._failing_since: float | None = None
        self._wake = asyncio.Event()
        self.leads = asyncio.Event()
        """Whether this process is the one that relays."""
        self._confirmed: list[int] = []

    def wake(self) -> None:
        """There is something in the outbox."""
        self._wake.set()

    async def run(self) -> None:
        """Relay until cancelled, through failures of Kafka and of the database.

        KafkaError: it has failed for so long that another producer has better chances. What a broker says
        about the numbers of an idempotent producer's messages may be final.
        """
        while True:
            try:
                async with self._engine.connect() as database:
                    try:
                        await self._lead(database)
                    finally:
                        self.leads.clear()
                        await database.invalidate()  # or the lock would stay with it, in the pool
            except (KafkaError, DBAPIError, InterfaceError, PoolExhausted, OSError, TimeoutError) as failure:
                log.warning("relay interrupted", error=type(failure).__name__)
                if isinstance(failure, KafkaError) and self._failing_for() > self._give_up:
                    raise
                await asyncio.sleep(_PAUSE_AFTER_FAILURE)

    def _failing_for(self) -> float:
        """Seconds since Kafka failed first, with nothing published in between."""
        self._failing_since = self._failing_since or time.monotonic()
        return time.monotonic() - self._failing_since

    async def _lead(self, database: AsyncConnection) -> None:
        await database.execution_options(isolation_level="AUTOCOMMIT")
        await database.execute(text(_LET_GO.format(seconds=self._silent)))
        while not (await database.execute(_LOCK)).scalar_one():
            self._wake.clear()
            await self._rest()
        self._confirmed = []
        self.leads.set()
        while True:
            self._wake.clear()
            if not await self._round(database):
                await self._rest()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self._poll)
        except TimeoutError:
            return

    async def _round(self, database: AsyncConnection) -> int:
        """Publish what is next; a row is confirmed when all of its messages are."""
        given = {"confirmed": self._confirmed, "rows": self._rows, "bytes": _BYTES}
        rows = (await database.execute(_NEXT, given)).all()
        self._confirmed = []
        OUTBOX_ROWS.set(sum(len(row.keys) for row in rows))
        sent = await self._publish(rows)
        answers = await asyncio.gather(*(future for future, _ in sent), return_exceptions=True)
        failures = [
            (answer, ids)
            for (_, ids), answer in zip(sent, answers, strict=True)
            if isinstance(answer, BaseException)
        ]
        failed = {id for _, ids in failures for id in ids}
        confirmed = [row for row in rows if row.id not in failed]
        self._confirmed = [row.id for row in confirmed]
        for row in confirmed:
            PUBLISHED.labels(row.topic).inc(len(row.keys))
        if failures:
            await database.execute(text(_DELETE), {"confirmed": self._confirmed})
            raise failures[0][0]
        self._failing_since = None
        return len(rows)

    async def _publish(self, rows: Sequence[Any]) -> list[_Sent]:
        groups: dict[tuple[str, int], list[tuple[int, Message]]] = defaultdict(list)
        for id, topic, keys, headers, bodies in rows:
            partitions = await self._partitions(topic)
            for key, values, body in zip(keys, headers, bodies, strict=True):
                message = (key.encode(), body.encode(), headers_of(from_json(values)))
                groups[topic, partition_of(key, partitions)].append((id, message))
        return [sent for place, messages in groups.items() for sent in await self._send(place, messages)]

    async def _send(self, place: tuple[str, int], messages: Sequence[tuple[int, Message]]) -> list[_Sent]:
        topic, partition = place
        ids = iter([id for id, _ in messages])
        return [
            (await self._producer.send_batch(batch, topic, partition=partition), list(islice(ids, count)))
            for batch, count in packed(self._producer, (message for _, message in messages))
        ]

    async def _partitions(self, topic: str) -> int:
        return len(await self._producer.partitions_for(topic))
