"""Tracks how far this process has read each partition, and commits these offsets to Kafka.

It commits every 0.1 seconds at most, not after each batch. After a crash the next process reads the
uncommitted records again; the ledger and the revisions make that harmless.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import (
    IllegalGenerationError,
    IllegalStateError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

from services.chassis.reading.cluster import Member, member_of

log = structlog.get_logger()

_COMMIT_EVERY_SECONDS = 0.1
_TIMEOUT_SECONDS = 5.0
_MOVED = (IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)

Commit = Callable[[Member, Mapping[TopicPartition, int]], Awaitable[None]]
Records = Sequence["ConsumerRecord[bytes, bytes]"]


class Offsets(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka ships no types
    """The offsets that this process may commit, for its own partitions.

    `joined`: the process is a member of the consumer group, perhaps without a partition. `generation` grows
    with each rebalance. A rebalance drops all uncommitted offsets: another process may have read further
    meanwhile. The records behind them are read again. Between two divisions of the partitions the process
    commits nothing: Kafka may have lost its log, and the offsets mean nothing in the new one.
    """

    def __init__(self, kafka: Callable[[], AIOKafkaConsumer | None], commit: Commit) -> None:
        self.joined = False
        self.generation = 0
        self._kafka = kafka
        self._commit = commit
        self._member: Member | None = None
        self._uncommitted: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._committed_at = 0.0
        self._committing = asyncio.Lock()

    def on_partitions_assigned(self, assigned: object) -> None:
        self.joined = True
        kafka = self._kafka()
        self._begin(member_of(kafka) if kafka else None)

    async def on_partitions_revoked(self, revoked: object) -> None:
        await self.commit()
        self._begin(None)

    def _begin(self, member: Member | None) -> None:
        self._member = member
        self.generation += 1
        self._uncommitted.clear()
        self._committed.clear()

    async def safe(self, records: Records, generation: int) -> None:
        """Note that PostgreSQL has committed the effects of these records, which `generation` read."""
        if generation == self.generation:
            for record in records:
                self._uncommitted[TopicPartition(record.topic, record.partition)] = record.offset + 1
        if time.monotonic() > self._committed_at + _COMMIT_EVERY_SECONDS:
            await self.commit()

    async def passed(self, kafka: AIOKafkaConsumer) -> None:
        """Note that everything before the consumer's positions is done.

        That includes offsets without a message for the service: aborted transactions, and Kafka's markers
        of a transaction's end.
        """
        generation = self.generation
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                reached = {place: await kafka.position(place) for place in kafka.assignment()}
        except (TimeoutError, IllegalStateError, KafkaError):
            return
        if generation == self.generation:
            self._uncommitted |= {
                place: at for place, at in reached.items() if self._committed.get(place) != at
            }

    async def commit(self) -> None:
        """Commit the offsets that Kafka does not have yet."""
        async with self._committing:
            kafka, generation = self._kafka(), self.generation
            ours = kafka.assignment() if kafka and self._member else ()
            offsets = {place: offset for place, offset in self._uncommitted.items() if place in ours}
            self._uncommitted = {}
            taken = not offsets or await self._taken(offsets)
            if generation == self.generation:
                self._committed |= offsets if taken else {}
                self._uncommitted = self._uncommitted if taken else offsets | self._uncommitted
            self._committed_at = time.monotonic()

    async def _taken(self, offsets: Mapping[TopicPartition, int]) -> bool:
        """Whether these offsets are settled: Kafka took them, or never will. False: try again later."""
        assert self._member is not None, "a process without partitions has no offsets to commit"
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                await self._commit(self._member, offsets)
        except _MOVED as moved:
            log.info("partitions have moved to another process", error=type(moved).__name__)
        except (KafkaError, TimeoutError) as failure:
            log.warning("offsets not committed; the next commit includes them", error=type(failure).__name__)
            return False
        return True
