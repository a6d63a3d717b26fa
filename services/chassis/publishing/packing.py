"""Messages in batches, as Kafka takes them."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

Message = tuple[bytes, bytes, list[tuple[str, bytes]]]
"""Key, value and headers."""

_partitioner = DefaultPartitioner()


def packed(producer: AIOKafkaProducer, messages: Iterable[Message]) -> Iterator[tuple[BatchBuilder, int]]:
    """Messages for one partition, in order, in as few batches as the producer allows; with the number of each
    one's messages."""
    batch, count = producer.create_batch(), 0
    for key, value, headers in messages:
        if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
            yield batch, count
            batch, count = producer.create_batch(), 0
            batch.append(key=key, value=value, timestamp=None, headers=headers)
        count += 1
    if count:
        yield batch, count


@lru_cache(200_000)
def partition_of(key: str, partitions: int) -> int:
    """The partition every Kafka client chooses for the key."""
    every = list(range(partitions))
    return int(_partitioner(key.encode(), every, every))
