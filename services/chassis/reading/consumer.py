"""Reads batches from Kafka by FastStream. Commits offsets only after PostgreSQL committed the effects."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage, KafkaMessage
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.partitions import partition_of
from services.chassis.decoding.messages import Due, GivenUp, RawMessage, Unreadable
from services.chassis.holding.rows import Decode, defects, due
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.settings import Settings
from services.chassis.hosting.telemetry import LAG
from services.chassis.keeping.failures import AWAY
from services.chassis.reading.cluster import METADATA_MAX_AGE_MS, Cluster, group_of
from services.chassis.reading.headers import read_every_header
from services.chassis.reading.lanes import Lanes
from services.chassis.reading.offsets import Offsets, Records
from services.chassis.reading.worker import Worker

log = structlog.get_logger()

_DUE_EVERY_SECONDS = 1.0
_DUE_AT_ONCE = 500
_DUE_LOOKED_AT = 2000
_PARTITIONS_EVERY_SECONDS = 5.0
_CAUGHT_UP = 1000
_LISTEN_MS = 1000
_COMMANDS_SHARE = 4
_LAG_TIMEOUT_SECONDS = 3.0
_ENDING_SECONDS = 15.0
_LATEST_MS = 253_402_300_799_000

Portions = dict[TopicPartition, list["ConsumerRecord[bytes, bytes]"]]


class _Reader(AIOKafkaConsumer):  # type: ignore[misc] # aiokafka ships no types
    """aiokafka's consumer, which waits until there are messages, and ends after a failed fetch.

    FastStream would pause after an empty fetch. A failed fetch may have moved some positions already, so
    reading on would skip messages for good.

    It takes events before commands, so that no command waits for a fact behind other commands. A quarter of
    each batch is reserved for commands, so that a flood of events does not delay them.
    """

    def __init__(
        self,
        *topics: str,
        commands: Set[str],
        on_failure: Callable[[BaseException], None],
        on_idle: Callable[[], Awaitable[None]],
        **settings: Any,
    ) -> None:
        super().__init__(*topics, **settings)
        self._commands = commands
        self._on_failure = on_failure
        self._on_idle = on_idle

    async def getmany(self, *, timeout_ms: int, max_records: int) -> Portions:
        try:
            while True:
                facts = max_records - max_records // _COMMANDS_SHARE if self._commands else max_records
                found = await self._fetched(facts, commands=False)
                if room := max_records - sum(map(len, found.values())):
                    found |= await self._fetched(room, commands=True)
                if found := found or await super().getmany(timeout_ms=timeout_ms, max_records=max_records):
                    return found
                await self._on_idle()
        except ConsumerStoppedError:
            raise
        except Exception as failure:
            self._on_failure(failure)
            raise ConsumerStoppedError from failure

    async def _fetched(self, at_most: int, *, commands: bool) -> Portions:
        """The messages that are ready: of command topics, or of all other topics."""
        places = [place for place in self.assignment() if (place.topic in self._commands) is commands]
        found: Portions = {}
        if places:
            found = await super().getmany(*places, timeout_ms=0, max_records=at_most)
        return found


class KafkaSilent(Exception):
    """Kafka does not answer, or does not let this process join its group, for too long."""


class TooManyDeadLetters(Exception):
    """Too many messages are unreadable: an upstream system is broken, and the process stops."""


class Consumer:
    """Reads every topic that the service consumes, as one member of the service's consumer group."""

    def __init__(
        self,
        service: ServiceDefinition,
        settings: Settings,
        worker: Worker,
        engine: AsyncEngine,
        decode: Decode,
        cluster: Cluster,
    ) -> None:
        self._settings = settings
        self._cluster = cluster
        self._lanes = Lanes(worker.take, self._fail)
        self._engine = engine
        self._decode = decode
        self._ending = False
        self._dead: list[float] = []
        self.moved_at = time.monotonic()
        self._silent_since: float | None = None
        self._group = group_of(service.name, settings.topic_prefix)
        self._offsets = Offsets(
            lambda: self.kafka, lambda member, offsets: cluster.commit(self._group, member, offsets)
        )
        self._topics = service.topics(settings.topic_prefix)
        self._commands = {entry.topic(settings.topic_prefix) for entry in service.commands.values()}
        self._dividing = next(iter(sorted(self._commands)), self._topics[0])
        self.unassigned: Sequence[TopicPartition] = ()
        self._partitions_seen_at = -_PARTITIONS_EVERY_SECONDS
        self.failure: BaseException | None = None
        self.failed = asyncio.Event()
        self.broker = KafkaBroker(
            settings.kafka,
            logger=None,
            apply_types=False,
            client_id=f"ser-{service.name}",
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
        )
        self._subscriber = self.broker.subscriber(
            *self._topics,
            group_id=self._group,
            isolation_level="read_committed",
            batch=True,
            max_records=settings.batch_records,
            max_partition_fetch_bytes=settings.fetch_bytes,
            batch_timeout_ms=_LISTEN_MS,
            auto_offset_reset="earliest",
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=settings.session_timeout_ms // 4,
            ack_policy=AckPolicy.MANUAL,
            listener=self._offsets,
            parser=self._parse,
            decoder=_as_it_came,
        )
        self._subscriber(self._handle)

    @property
    def kafka(self) -> AIOKafkaConsumer | None:
        """The consumer below, once started."""
        return self._subscriber.consumer

    async def start(self) -> None:
        """Begin to read."""
        builder: Any = await self.broker.connect()
        read_every_header()
        reader = partial(
            _Reader,
            *builder.args,
            commands=self._commands,
            on_failure=self._fail,
            on_idle=self._pass_over,
            **builder.keywords,
        )
        self.broker.config.broker_config.builder = reader
        await self.broker.start()

    async def stop(self) -> None:
        """Take no more batches, finish those under way, and commit their offsets."""
        self._ending = True
        try:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(_ENDING_SECONDS):
                    await self._lanes.wait()
            await self._offsets.commit()
        finally:
            await self.broker.stop()

    def _fail(self, failure: BaseException) -> None:
        if self.failure is None:
            log.error("reading failed", exc_info=failure)
            self.failure = failure
            self.failed.set()

    async def _pass_over(self) -> None:
        """No message is ready. If no batch is under way either, all fetched offsets are safe."""
        if self.kafka is not None and not (self._lanes.messages or self._ending or self.failure):
            await self._offsets.passed(self.kafka)

    async def _parse(self, records: Any) -> KafkaMessage:
        assert self.kafka is not None
        return KafkaAckableMessage(body=records, raw_message=records, headers={}, consumer=self.kafka)

    async def _handle(self, records: Records) -> None:
        """Begin with a batch. This returns when another one may come; offsets are committed when their
        batch is safe, and every batch before it.

        FastStream would read on after a failure and so skip the batch: after one, nothing more is taken, and
        the process ends.
        """
        if self.failure is not None or self._ending:
            return
        try:
            batch = [self._decode(_raw(record)) for record in records]
            self._watch_dead_letters(sum(isinstance(item, Unreadable) for item in batch))
            await self._lanes.start(batch, partial(self._done, records, self._offsets.generation))
        except BaseException as failure:
            self._fail(failure)
            raise

    async def _done(self, records: Records, generation: int) -> None:
        self.moved_at = time.monotonic()
        await self._offsets.safe(records, generation)

    def _watch_dead_letters(self, unreadable: int) -> None:
        if not unreadable:
            return
        now = time.monotonic()
        self._dead = [at for at in self._dead if at > now - 60] + [now] * unreadable
        if len(self._dead) > self._settings.dead_letters_per_minute:
            raise TooManyDeadLetters(f"{len(self._dead)} unreadable records in a minute")

    async def lag(self) -> int | None:
        """Records still to read, by Kafka's own word, or under way.

        None while it is silent, or the group not joined yet. A process more than there are partitions has
        none, and nothing to read: it stands by. Records behind a transaction that is still open count, but
        nobody can read them: a process that waits for nothing else does not stand still.
        """
        if self.kafka is None or not self._offsets.joined:
            return None
        try:
            async with asyncio.timeout(_LAG_TIMEOUT_SECONDS):
                behind, readable = await self._behind_here(self.kafka)
        except (TimeoutError, KafkaError):
            return None
        if readable + self._lanes.messages == 0:
            self.moved_at = time.monotonic()
        total = behind + self._lanes.messages
        LAG.set(total)
        return total

    async def _behind_here(self, kafka: AIOKafkaConsumer) -> tuple[int, int]:
        """Records of this process's partitions that it has not reached: all of them, and those that can be
        read now."""
        places = list(kafka.assignment())
        if not places:
            await self._cluster.committed(self._group)  # or nobody would notice a Kafka that is silent
        reached = {place: await kafka.position(place) for place in places}
        behind = _behind(await self._cluster.ends(places), reached)
        return behind, behind and _behind(await self._cluster.ends(places, committed=True), reached)

    async def run_housekeeping(self) -> None:
        """Retry held messages every second, until cancelled; commit offsets; notice a silent Kafka.

        After a start it retries the messages that a defect holds, because the code may be newer. Then it
        takes up the held commands that are past their deadline.
        """
        after: str | None = ""
        while True:
            try:
                lag = await self.lag()
                if self._silent_too_long(lag):
                    return self._fail(KafkaSilent(f"for {self._settings.stall_seconds:.0f} s"))
                await self._offsets.commit()
                await self._look_at_partitions()
                if after is not None:
                    after = await self._take_up_defects(after)
                if lag is not None and lag < _CAUGHT_UP:
                    await self._take_up_due()
            except AWAY as failure:
                log.warning("housekeeping failed; it runs again in a second", error=type(failure).__name__)
            await asyncio.sleep(_DUE_EVERY_SECONDS)

    def _silent_too_long(self, lag: int | None) -> bool:
        """Whether Kafka has not answered for so long that a new process has better chances than this one.

        After a broker's crash a client may keep to a connection that leads nowhere.
        """
        now = time.monotonic()
        self._silent_since = None if lag is not None else self._silent_since or now
        return self._silent_since is not None and now - self._silent_since > self._settings.stall_seconds

    async def _take_up_defects(self, after: str) -> str | None:
        """Retry the next page of messages held for a defect, by subject. None: there are no more."""
        async with self._engine.connect() as database:
            page = await defects(database, after, _DUE_AT_ONCE)
        await self.take_up(page)
        return page[-1].subject if page else None

    async def _take_up_due(self) -> None:
        """Retry due messages. Each process takes the subjects whose partition of the command topic
        it reads."""
        async with self._engine.connect() as database:
            overdue = await due(database, _DUE_LOOKED_AT)
        ours = [one for one in overdue if self._is_ours(one.subject)][:_DUE_AT_ONCE]
        if ours and await self._all_caught_up():
            await self.take_up(ours)

    def _is_ours(self, subject: str) -> bool:
        count = self._cluster.partitions_of(self._dividing)
        place = TopicPartition(self._dividing, partition_of(subject, count)) if count else None
        return self.kafka is not None and place in self.kafka.assignment()

    async def _all_caught_up(self) -> bool:
        """Whether no process of the service has a backlog. The missing fact may be in a backlog."""
        try:
            async with asyncio.timeout(_LAG_TIMEOUT_SECONDS):
                reached = await self._cluster.committed(self._group)
                ends = await self._cluster.ends(self._cluster.places, committed=True)
        except (TimeoutError, KafkaError):
            return False
        return _behind(ends, reached) < _CAUGHT_UP

    async def _look_at_partitions(self) -> None:
        """Note, now and then, the partitions that no process of the service reads."""
        if time.monotonic() < self._partitions_seen_at + _PARTITIONS_EVERY_SECONDS:
            return
        with contextlib.suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(_LAG_TIMEOUT_SECONDS):
                await self._cluster.refresh()
                assigned = await self._cluster.assigned(self._group)
            if assigned is not None:
                self.unassigned = [place for place in self._cluster.places if place not in assigned]
            self._partitions_seen_at = time.monotonic()

    async def take_up(self, works: Sequence[Due | GivenUp]) -> None:
        """Process held messages behind the running batches. Returns when they are done."""
        if works and not self._ending and self.failure is None:
            await asyncio.shield(self._lanes.put(works, _nothing))


def _behind(ends: Mapping[TopicPartition, int], reached: Mapping[TopicPartition, int]) -> int:
    return sum(max(0, end - max(0, reached.get(place, 0))) for place, end in ends.items())


async def _nothing() -> None:
    """No offsets belong to what was held."""


async def _as_it_came(message: KafkaMessage) -> Any:
    return message.raw_message


def _raw(record: "ConsumerRecord[bytes, bytes]") -> RawMessage:
    at = _time(record.timestamp)
    return RawMessage(
        record.topic, record.partition, record.offset, record.key, record.value, tuple(record.headers), at
    )


@lru_cache(1000)
def _time(milliseconds: int) -> datetime:
    """So long after 1970 began, or the nearest there is. Records that are sent together have the same."""
    return datetime.fromtimestamp(min(max(milliseconds, 0), _LATEST_MS) / 1000, UTC)
