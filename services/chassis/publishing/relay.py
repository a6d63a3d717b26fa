"""Publishes the outbox to Kafka.

The relay deletes a row only after Kafka has confirmed its messages. After a crash between the two it
publishes them again.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from pydantic_core import from_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts.envelope import headers_of
from contracts.partitions import partition_of
from services.chassis.hosting.telemetry import OUTBOX_ROWS, PUBLISHED, REFUSED
from services.chassis.keeping.failures import AWAY
from services.chassis.publishing.packing import Message, packed
from services.chassis.publishing.refused import FOR_GOOD, LASTING, set_aside

log = structlog.get_logger()

_LOCK = text("SELECT pg_try_advisory_lock(1)")
_IDLE_TIMEOUT = "SET idle_session_timeout = '{seconds}s'"
_DELETE = "DELETE FROM outbox WHERE id = ANY(CAST(:confirmed AS bigint[]))"
# One statement a round deletes the confirmed rows and reads the next ones.
_NEXT = text(
    f"WITH confirmed AS ({_DELETE}), first AS ("
    "SELECT *, pg_column_size(keys) + pg_column_size(headers) + pg_column_size(bodies) AS size FROM outbox"
    " WHERE id <> ALL(CAST(:confirmed AS bigint[])) AND topic <> ALL(CAST(:paused AS text[]))"
    " ORDER BY id LIMIT :rows"
    ") SELECT id, topic, keys, headers, bodies FROM"
    " (SELECT *, sum(size) OVER (ORDER BY id) - size AS before FROM first) AS next"
    " WHERE before < :bytes ORDER BY id"
)
_PAUSE_AFTER_FAILURE = 0.5
_TOPIC_PAUSE_SECONDS = 1.0
_BYTES = 8_000_000

_Sent = tuple["asyncio.Future[Any]", list[int]]


class Relay:
    """Publishes a service's outbox.

    A lock in PostgreSQL lets one process of a service relay at a time. The others wait for the lock. If the
    process sends PostgreSQL nothing for `idle_seconds`, PostgreSQL ends its session and frees the lock.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        producers: Callable[[], AIOKafkaProducer],
        *,
        rows: int,
        poll_seconds: float,
        idle_seconds: int,
        give_up_seconds: float,
        refused_seconds: float = 30,
    ) -> None:
        self._engine = engine
        self._producers = producers
        self._producer: AIOKafkaProducer | None = None
        self._rows = rows
        self._poll = poll_seconds
        self._idle = idle_seconds
        self._give_up = give_up_seconds
        self._refused_seconds = refused_seconds
        self._refused_since: dict[str, float] = {}
        self._paused_topics: dict[str, float] = {}
        self._failing_since: float | None = None
        self._wake = asyncio.Event()
        self.leads = asyncio.Event()
        """Set while this process relays."""
        self._confirmed: list[int] = []

    def wake(self) -> None:
        """Tell the relay that the outbox has a new row."""
        self._wake.set()

    async def run(self) -> None:
        """Relay until cancelled. Retries after failures of Kafka and of the database.

        KafkaError: Kafka has failed for `give_up_seconds`. Then the process ends, and a new one begins with a
        new producer: a broker may reject an idempotent producer's sequence numbers for good.
        """
        try:
            await self._run()
        finally:
            await self._end_producer()

    async def _run(self) -> None:
        while True:
            try:
                if self._producer is None:
                    await self._renew()
                async with self._engine.connect() as database:
                    try:
                        await self._lead(database)
                    finally:
                        self.leads.clear()
                        await database.invalidate()  # else the connection would keep the lock in the pool
            except (KafkaError, *AWAY) as failure:
                log.warning("relay interrupted", error=type(failure).__name__)
                if isinstance(failure, KafkaError) and self._failing_for() > self._give_up:
                    raise
                await asyncio.sleep(_PAUSE_AFTER_FAILURE)

    def _failing_for(self) -> float:
        """Seconds since Kafka's first failure after the last published message."""
        self._failing_since = self._failing_since or time.monotonic()
        return time.monotonic() - self._failing_since

    async def _lead(self, database: AsyncConnection) -> None:
        await database.execution_options(isolation_level="AUTOCOMMIT")
        await database.execute(text(_IDLE_TIMEOUT.format(seconds=self._idle)))
        while not (await database.execute(_LOCK)).scalar_one():
            self._wake.clear()
            await self._wait()
        self._confirmed = []
        self.leads.set()
        while True:
            self._wake.clear()
            if not await self._round(database):
                await self._wait()

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self._poll)
        except TimeoutError:
            return

    async def _round(self, database: AsyncConnection) -> int:
        """Publish the next rows. A row is confirmed when Kafka has confirmed all of its messages.

        Returns the number of rows.
        """
        values = {
            "confirmed": self._confirmed,
            "paused": self._paused(),
            "rows": self._rows,
            "bytes": _BYTES,
        }
        rows = (await database.execute(_NEXT, values)).all()
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
            self._refused_since.pop(row.topic, None)
        if failures:
            await database.execute(text(_DELETE), {"confirmed": self._confirmed})
            self._confirmed = []
            for failure, _ in failures:
                if not isinstance(failure, FOR_GOOD):
                    raise failure
            await self._renew()
            for row in (row for row in rows if row.id in failed):
                await self._publish_singly(database, row)
        self._failing_since = None
        return len(rows)

    async def _publish(self, rows: Sequence[Any]) -> list[_Sent]:
        groups: dict[tuple[str, int], list[tuple[int, Message]]] = defaultdict(list)
        refused = list[_Sent]()
        for id, topic, keys, headers, bodies in rows:
            try:
                partitions = await self._partitions(topic)
            except FOR_GOOD as refusal:
                refused.append((_failed_future(refusal), [id]))
                continue
            for key, message in _messages(keys, headers, bodies):
                groups[topic, partition_of(key, partitions)].append((id, message))
        sent = [one for place, messages in groups.items() for one in await self._send(place, messages)]
        return sent + refused

    async def _send(self, place: tuple[str, int], messages: Sequence[tuple[int, Message]]) -> list[_Sent]:
        topic, partition = place
        ids = iter([id for id, _ in messages])
        return [
            (await self._kafka.send_batch(batch, topic, partition=partition), list(islice(ids, count)))
            for batch, count in packed(self._kafka, (message for _, message in messages))
        ]

    async def _partitions(self, topic: str) -> int:
        """The number of a topic's partitions. UnknownTopicOrPartitionError, TopicAuthorizationFailedError:
        Kafka has no such topic, or does not let the service use it."""
        client = self._kafka.client
        if found := client.cluster.partitions_for_topic(topic):
            return len(found)
        if not (await client.add_topic(topic) and await client.force_metadata_update()):
            raise KafkaConnectionError
        if topic in client.cluster.unauthorized_topics:
            raise TopicAuthorizationFailedError(topic)
        if found := client.cluster.partitions_for_topic(topic):
            return len(found)
        raise UnknownTopicOrPartitionError(topic)

    # Messages that Kafka refuses

    async def _publish_singly(self, database: AsyncConnection, row: Any) -> None:
        """Publish each message of a row by itself. Set aside those that Kafka refuses for good."""
        refused = dict[int, str]()
        for place, (key, message) in enumerate(_messages(row.keys, row.headers, row.bodies), 1):
            refusal = await self._refusal(row.topic, key, message)
            if isinstance(refusal, LASTING):
                if not self._refused_for_long(row.topic):
                    self._paused_topics[row.topic] = time.monotonic() + _TOPIC_PAUSE_SECONDS
                    return
                refused = dict.fromkeys(range(1, len(row.keys) + 1), type(refusal).__name__)
                break
            if refusal is not None:
                refused[place] = type(refusal).__name__
        await set_aside(database, row.id, refused)
        for error, count in Counter(refused.values()).items():
            REFUSED.labels(row.topic, error).inc(count)
            log.error("Kafka refuses messages for good", topic=row.topic, error=error, messages=count)

    async def _refusal(self, topic: str, key: str, message: Message) -> KafkaError | None:
        """Publish one message. Returns Kafka's refusal; None: Kafka took the message."""
        try:
            partition = partition_of(key, await self._partitions(topic))
        except FOR_GOOD as refusal:
            return refusal
        ((answer, _),) = await self._send((topic, partition), [(0, message)])
        try:
            await answer
        except FOR_GOOD as refusal:
            await self._renew()
            return refusal
        return None

    def _refused_for_long(self, topic: str) -> bool:
        """Whether Kafka has refused this topic for `refused_seconds`. Then the relay waits no longer."""
        since = self._refused_since.setdefault(topic, time.monotonic())
        return time.monotonic() - since >= self._refused_seconds

    def _paused(self) -> list[str]:
        """The topics that Kafka refused in the last second. The relay publishes the other topics
        meanwhile."""
        now = time.monotonic()
        self._paused_topics = {topic: until for topic, until in self._paused_topics.items() if until > now}
        return list(self._paused_topics)

    @property
    def _kafka(self) -> AIOKafkaProducer:
        assert self._producer is not None, "a producer is started before anything is published"
        return self._producer

    async def _renew(self) -> None:
        """Replace the producer. After Kafka has refused a batch of an idempotent producer, the producer skips
        the batch's sequence numbers, and Kafka takes no more messages from it."""
        await self._end_producer()
        producer = self._producers()
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer

    async def _end_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()


def _messages(
    keys: Sequence[str], headers: Sequence[str], bodies: Sequence[str]
) -> Iterator[tuple[str, Message]]:
    """The messages of a row in Kafka's form, each with its key as a text."""
    for key, values, body in zip(keys, headers, bodies, strict=True):
        yield key, (key.encode(), body.encode(), headers_of(from_json(values)))


def _failed_future(refusal: KafkaError) -> "asyncio.Future[Any]":
    """A future that raises the refusal, as the producer's futures do."""
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.set_exception(refusal)
    return future
