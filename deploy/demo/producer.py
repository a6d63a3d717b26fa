"""Onto the topics: many children's messages at once, in a batch for each partition."""

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
"""What the headers of a command take at most, the token among them."""

_PATIENCE_MS = 40_000
_BRIDGE, _LEA = "/escholar", "/ser/demo"


class StepProducer:
    """A producer. What Kafka does not confirm is lost: who sent it and has no answer has to send it again."""

    def __init__(self, bootstrap: str, prefix: str, token: Callable[[LeaCode], str]) -> None:
        self._prefix = prefix
        self._token = token
        self._waiting: dict[str, list[tuple[str, list[Message]]]] = defaultdict(list)
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            client_id="ser-demo",
            acks="all",
            max_batch_size=_BATCH_BYTES,
            request_timeout_ms=_PATIENCE_MS,
        )
        self._partitions: dict[str, int] = {}

    async def start(self) -> None:
        await self._producer.start()

    async def stop(self) -> None:
        await self._producer.stop()

    def put(self, steps: Sequence[Step], lea: LeaCode, correlation: str) -> None:
        """Take messages about one child to one topic, to go with the next `flush`, in this order."""
        topic, subject = steps[0].entry.topic(self._prefix), steps[0].message.subject
        key, now, token = subject.encode(), datetime.now(UTC), self._token(lea)
        records = [
            (key, step.message.model_dump_json().encode(), _headers(step, now, token, correlation))
            for step in steps
        ]
        self._waiting[topic].append((subject, records))

    async def tell(self, step: Step, correlation: str) -> None:
        """Put an identity on its topic at once. KafkaError: Kafka has not confirmed it."""
        await self._producer.send_and_wait(
            step.entry.topic(self._prefix),
            key=step.message.subject.encode(),
            value=step.message.model_dump_json().encode(),
            headers=_headers(step, datetime.now(UTC), "", correlation),
        )

    async def put_bytes(self, topic: str, value: bytes) -> None:
        """Put bytes on a topic, without headers or key, at once. KafkaError: Kafka has not confirmed them."""
        await self._producer.send_and_wait(self._prefix + topic, value=value)

    async def flush(self) -> None:
        """Hand everything taken to Kafka; returns before it is confirmed."""
        waiting, self._waiting = self._waiting, defaultdict(list)
        for topic, children in waiting.items():
            partitions = await self._number(topic)
            portions: dict[int, list[list[Message]]] = defaultdict(list)
            for subject, records in children:
                portions[partition_of(subject, partitions)].append(records)
            for partition, portion in portions.items():
                for batch in split_batches(portion):
                    await self._send(topic, partition, batch)

    async def _number(self, topic: str) -> int:
        """How many partitions; asked once for a topic: a broker that begins anew may not know it for a
        while."""
        if topic not in self._partitions:
            self._partitions[topic] = len(await self._producer.partitions_for(topic))
        return self._partitions[topic]

    async def _send(self, topic: str, partition: int, records: Sequence[Message]) -> None:
        for batch, _ in packed(self._producer, records):
            with suppress(KafkaError):
                confirmed = await self._producer.send_batch(batch, topic, partition=partition)
                confirmed.add_done_callback(_unheard)


def _unheard(confirmed: "asyncio.Future[object]") -> None:
    """Nobody asks whether it failed."""
    if not confirmed.cancelled():
        confirmed.exception()


def split_batches(children: Sequence[list[Message]]) -> Sequence[list[Message]]:
    """The records in batches that Kafka takes. Those about one child stay together: what is lost with a batch
    is not the first step of a child whose second one arrives."""
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
    name, schema, asked = _kind(type(step.message))
    return Envelope(
        id=step.id,
        type=name,
        source=_LEA if asked else _BRIDGE,
        subject=step.message.subject,
        time=now,
        schema=schema,
        correlation=correlation,
        token=token if asked else None,
    ).headers()


@cache
def _kind(model: type[Event | Command]) -> tuple[str, str, bool]:
    """Its type, its schema, and whether it is a command."""
    entry = entry_of(model)
    return entry.name, entry.schema_id, entry.kind is Kind.COMMAND
