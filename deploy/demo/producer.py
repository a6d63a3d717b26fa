"""Sends the messages of many students to Kafka, in batches by partition."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from contracts.catalog import Kind, entry_of
from contracts.envelope import Envelope
from contracts.message import Command, Event
from contracts.partitions import partition_of
from contracts.types import LeaCode
from deploy.demo.history import Step
from services.chassis.publishing.packing import Message, packed

_BATCH_BYTES = 256 * 1024
_ENVELOPE_BYTES = 900
"""The largest size of a command's headers, token included."""

_REQUEST_TIMEOUT_MS = 40_000
_BRIDGE, _LEA = "/escholar", "/ser/demo"


class StepProducer:
    """A producer that loses what Kafka does not confirm: the driver sends a command without outcome again."""

    def __init__(self, bootstrap: str, prefix: str, token: Callable[[LeaCode], str]) -> None:
        self._prefix = prefix
        self._token = token
        self._queued: dict[str, list[tuple[str, list[Message]]]] = defaultdict(list)
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            client_id="ser-demo",
            acks="all",
            max_batch_size=_BATCH_BYTES,
            request_timeout_ms=_REQUEST_TIMEOUT_MS,
        )
        self._partitions: dict[str, int] = {}

    async def start(self) -> None:
        await self._producer.start()

    async def stop(self) -> None:
        await self._producer.stop()

    def queue(self, steps: Sequence[Step], lea: LeaCode, correlation: str) -> None:
        """Queues messages about one student for one topic. The next `flush` sends them in this order."""
        topic, subject = steps[0].entry.topic(self._prefix), steps[0].message.subject
        key, now, token = subject.encode(), datetime.now(UTC), self._token(lea)
        records = [
            (key, step.message.model_dump_json().encode(), _headers(step, now, token, correlation))
            for step in steps
        ]
        self._queued[topic].append((subject, records))

    async def send(self, step: Step, correlation: str) -> None:
        """Sends one message now. KafkaError: Kafka has not confirmed it."""
        await self._producer.send_and_wait(
            step.entry.topic(self._prefix),
            key=step.message.subject.encode(),
            value=step.message.model_dump_json().encode(),
            headers=_headers(step, datetime.now(UTC), "", correlation),
        )

    async def send_bytes(self, topic: str, value: bytes) -> None:
        """Sends bytes without headers or key now. KafkaError: Kafka has not confirmed them."""
        await self._producer.send_and_wait(self._prefix + topic, value=value)

    async def flush(self) -> None:
        """Sends every queued message. Returns before Kafka confirms them."""
        queued, self._queued = self._queued, defaultdict(list)
        for topic, children in queued.items():
            partitions = await self._count_partitions(topic)
            portions: dict[int, list[list[Message]]] = defaultdict(list)
            for subject, records in children:
                portions[partition_of(subject, partitions)].append(records)
            for partition, portion in portions.items():
                for batch in split_batches(portion):
                    await self._send(topic, partition, batch)

    async def _count_partitions(self, topic: str) -> int:
        """The number of partitions, requested once: a broker that has just restarted may not know it."""
        if topic not in self._partitions:
            self._partitions[topic] = len(await self._producer.partitions_for(topic))
        return self._partitions[topic]

    async def _send(self, topic: str, partition: int, records: Sequence[Message]) -> None:
        for batch, _ in packed(self._producer, records):
            with suppress(KafkaError):
                confirmed = await self._producer.send_batch(batch, topic, partition=partition)
                confirmed.add_done_callback(_ignore_failure)


def _ignore_failure(confirmed: "asyncio.Future[object]") -> None:
    """Keeps asyncio from logging a failure that nobody awaits."""
    if not confirmed.cancelled():
        confirmed.exception()


def split_batches(children: Sequence[list[Message]]) -> Sequence[list[Message]]:
    """The messages in batches of a size that Kafka accepts. All messages about one student share a batch.

    So if a batch is lost, no student's second step arrives without the first.
    """
    made: list[list[Message]] = [[]]
    room = _BATCH_BYTES
    for records in children:
        size = sum(len(value) + _ENVELOPE_BYTES for _, value, _ in records)
        if size > room and made[-1]:
            made.append([])
            room = _BATCH_BYTES
        made[-1].extend(records)
        room -= size
    return made


def _headers(step: Step, now: datetime, token: str, correlation: str) -> list[tuple[str, bytes]]:
    name, schema, is_command = _kind(type(step.message))
    return Envelope(
        id=step.id,
        type=name,
        source=_LEA if is_command else _BRIDGE,
        subject=step.message.subject,
        time=now,
        schema=schema,
        correlation=correlation,
        token=token if is_command else None,
    ).headers()


@cache
def _kind(model: type[Event | Command]) -> tuple[str, str, bool]:
    """The message's type, its schema, and whether it is a command."""
    entry = entry_of(model)
    return entry.name, entry.schema_id, entry.kind is Kind.COMMAND
