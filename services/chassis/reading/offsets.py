"""How far the topics were read, and when Kafka is told.

What Kafka was not told is read again by whoever comes next, and is known to the service already: so it is
told now and then, and not after each batch.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

log = structlog.get_logger()

_EVERY_SECONDS = 0.1
_PATIENCE_SECONDS = 5.0

Records = Sequence["ConsumerRecord[bytes, bytes]"]


class Offsets(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka ships no types
    """The offsets of what is safe, of the partitions that are this process's.

    `joined`: the process is a member of its group, be it one without partitions. `generation` is another one
    after each rebalance. Then everything from before is forgotten: a partition that has come back was read
    further by somebody else meanwhile, and what was not is read again.
    """

    def __init__(self, kafka: Callable[[], AIOKafkaConsumer | None]) -> None:
        self.joined = False
        self.generation = 0
        self._kafka = kafka
        self._untold: dict[TopicPartition, int] = {}
        self._told: dict[TopicPartition, int] = {}
        self._told_at = 0.0
        self._telling = asyncio.Lock()

    def on_partitions_assigned(self, assigned: object) -> None:
        self.joined = True
        self._begin()

    async def on_partitions_revoked(self, revoked: object) -> None:
        await self.tell()
        self._begin()

    def _begin(self) -> None:
        self.generation += 1
        self._untold.clear()
        self._told.clear()

    async def safe(self, records: Records, generation: int) -> None:
        """The effects of these records are kept. They were read in that generation."""
        if generation == self.generation:
            for record in records:
                self._untold[TopicPartition(record.topic, record.partition)] = record.offset + 1
        if time.monotonic() > self._told_at + _EVERY_SECONDS:
            await self.tell()

    async def passed(self, kafka: AIOKafkaConsumer) -> None:
        """Everything before the consumer's positions is safe, also what is no record for this service:
        records of aborted transactions, and Kafka's own marks of where a transaction ends."""
        generation = self.generation
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                reached = {place: await kafka.position(place) for place in kafka.assignment()}
        except (TimeoutError, IllegalStateError, KafkaError):
            return
        if generation == self.generation:
            self._untold |= {place: at for place, at in reached.items() if self._told.get(place) != at}

    async def tell(self) -> None:
        """Commit what Kafka was not told yet, or did not take before."""
        async with self._telling:
            kafka, generation = self._kafka(), self.generation
            ours = kafka.assignment() if kafka else ()
            telling = {place: offset for place, offset in self._untold.items() if place in ours}
            self._untold = {}
            taken = not telling or await _taken(kafka, telling)
            if generation == self.generation:
                self._told |= telling if taken else {}
                self._untold = self._untold if taken else telling | self._untold
            self._told_at = time.monotonic()


async def _taken(kafka: AIOKafkaConsumer, offsets: Mapping[TopicPartition, int]) -> bool:
    """Whether Kafka took them, or never will."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await kafka.commit(offsets)
    except (CommitFailedError, IllegalStateError) as moved:
        log.info("partitions have moved to another process", error=type(moved).__name__)
    except (KafkaError, TimeoutError) as failure:
        log.warning("offsets not committed; they will be in a while", error=type(failure).__name__)
        return False
    return True
