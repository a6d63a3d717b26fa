"""Packs messages into Kafka's batches."""

from collections.abc import Iterable, Iterator

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

Message = tuple[bytes, bytes, list[tuple[str, bytes]]]
"""Key, value and headers."""


def packed(producer: AIOKafkaProducer, messages: Iterable[Message]) -> Iterator[tuple[BatchBuilder, int]]:
    """Pack messages for one partition, in order, into as few batches as the producer allows.

    Yields each batch with the number of its messages.
    """
    batch, count = producer.create_batch(), 0
    for key, value, headers in messages:
        if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
            yield batch, count
            batch, count = producer.create_batch(), 0
            batch.append(key=key, value=value, timestamp=None, headers=headers)
        count += 1
    if count:
        yield batch, count
