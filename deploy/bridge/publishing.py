"""Sends identity changes to Kafka, as the bridge to eScholar does."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from contracts.catalog import BRIDGE
from contracts.envelope import Envelope
from deploy.bridge.checking import Checked
from deploy.local.failure import Failure

_AT_ONCE = 1000
_AGAIN = "Send the same file again. What has arrived already takes no effect twice."


async def publish(bootstrap: str, prefix: str, rows: Iterable[Checked]) -> AsyncIterator[Checked]:
    """Send the message of each row that is new; yields the rows, those sent when Kafka has confirmed them.

    Failure: Kafka does not confirm.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, client_id="ser-bridge", acks="all", enable_idempotence=True
    )
    try:
        async with producer:
            waiting: list[Checked] = []
            for row in rows:
                waiting.append(row)
                if len(waiting) == _AT_ONCE:
                    for sent in await _send(producer, prefix, waiting):
                        yield sent
                    waiting = []
            for sent in await _send(producer, prefix, waiting):
                yield sent
    except KafkaError as error:
        raise Failure(f"Kafka at {bootstrap} has not confirmed all messages: {error}.", _AGAIN) from error


async def _send(producer: AIOKafkaProducer, prefix: str, rows: list[Checked]) -> list[Checked]:
    """Messages in the order of the file. They go out together; each is confirmed."""
    confirmed = [await _queue(producer, prefix, row) for row in rows if not row.again]
    await asyncio.gather(*confirmed)
    return rows


async def _queue(producer: AIOKafkaProducer, prefix: str, row: Checked) -> "asyncio.Future[object]":
    entry, event = row.entry, row.event
    assert entry is not None
    assert event is not None
    envelope = Envelope(
        id=row.id,
        type=entry.name,
        source=f"/{BRIDGE}",
        subject=event.subject,
        time=datetime.now(UTC),
        schema=entry.schema_id,
    )
    queued: asyncio.Future[object] = await producer.send(
        entry.topic(prefix),
        key=event.subject.encode(),
        value=event.model_dump_json().encode(),
        headers=envelope.headers(),
    )
    return queued
