"""Puts messages onto topics before a process reads them: many at once, in a batch for each partition."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from rich.console import Console

from contracts.catalog import entry_of
from contracts.envelope import Envelope
from contracts.message import Command, Event
from contracts.partitions import partition_of
from deploy.demo.display import phase

_BATCH_BYTES = 256 * 1024
_YIELD_EVERY = 500

_Item = TypeVar("_Item")

Sent = tuple[str, str, bytes, list[tuple[str, bytes]]]
"""Topic, key, value and headers of a message."""


def sent(prefix: str, message: Command | Event, *, token: str | None = None, command_id: str = "") -> Sent:
    """A command, or the first event of its owner about a student, as a Kafka message."""
    entry = entry_of(type(message))
    envelope = Envelope(
        id=command_id or str(uuid4()),
        type=entry.name,
        source="/benchmark",
        subject=message.subject,
        time=datetime.now(UTC),
        schema=entry.schema_id,
        token=token,
        sequence=1 if entry.counted else None,
    )
    headers = envelope.headers()
    return entry.topic(prefix), message.subject, message.model_dump_json().encode(), headers


@dataclass
class _Filling:
    producer: AIOKafkaProducer
    batches: dict[tuple[str, int], Any]

    async def put(self, topic: str, key: str, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        place = topic, partition_of(key, len(await self.producer.partitions_for(topic)))
        record = {"key": key.encode(), "value": value, "timestamp": None, "headers": headers}
        batch = self.batches[place] if place in self.batches else self.producer.create_batch()
        if batch.append(**record) is None:
            await self.producer.send_batch(batch, topic, partition=place[1])
            batch = self.producer.create_batch()
            batch.append(**record)
        self.batches[place] = batch

    async def flush(self) -> None:
        for (topic, partition), batch in self.batches.items():
            await self.producer.send_batch(batch, topic, partition=partition)
        await self.producer.flush()


async def yielding(items: Iterable[_Item]) -> AsyncIterator[_Item]:
    """The items; every 500 items the event loop gets a turn, so that it can draw the screen."""
    for number, item in enumerate(items):
        if number % _YIELD_EVERY == 0:
            await asyncio.sleep(0)
        yield item


async def fill(screen: Console, bootstrap: str, what: str, records: Iterable[Sent], total: int) -> int:
    """Put every message onto its topic, in order for each key. Returns their number."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, max_batch_size=_BATCH_BYTES
    )
    await producer.start()
    filling, count = _Filling(producer, {}), 0
    try:
        async with phase(screen, what, total, lambda: (count, "")):
            async for record in yielding(records):
                await filling.put(*record)
                count += 1
            await filling.flush()
    finally:
        await producer.stop()
    return count
