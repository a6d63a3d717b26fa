"""The least that must be done to have every event: `python -m benchmarks.rivals.copying`.

Reads the topics of all events and copies student, name, number and body into one table, as they came. Reading
and copying go on at the same time. Nothing is validated, counted, or kept once only.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from benchmarks.rivals.running import run
from contracts import catalog
from deploy.local.postgres import plain
from services.chassis.hosting.settings import Settings

GROUP = "copying"
TABLE = "CREATE TABLE copied (subject bigint, name text, sequence int, body text)"
_RECORDS = 4000
_WAIT_MS = 10
_AHEAD = 2

Rows = Sequence[tuple[Any, ...]]
Copies = dict[str, Rows]
"""The rows of a batch by table."""

Make = Callable[[Sequence["ConsumerRecord[bytes, bytes]"]], Copies]
_Batch = tuple[dict[TopicPartition, int], Copies]


async def copying(settings: Settings, group: str, make: Make) -> None:
    """Has rows made of the records of all events, batch after batch, and copied. Runs until killed."""
    prefix = settings.topic_prefix
    consumer = AIOKafkaConsumer(
        *(entry.topic(prefix) for entry in catalog.events().values()),
        bootstrap_servers=settings.kafka,
        group_id=prefix + group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    database = await asyncpg.connect(plain(settings.database.get_secret_value()))
    batches: asyncio.Queue[_Batch] = asyncio.Queue(_AHEAD)
    async with asyncio.TaskGroup() as steps:
        steps.create_task(_read(consumer, make, batches))
        steps.create_task(_copy(consumer, database, batches))


async def _read(consumer: AIOKafkaConsumer, make: Make, batches: "asyncio.Queue[_Batch]") -> None:
    while True:
        if found := await consumer.getmany(timeout_ms=_WAIT_MS, max_records=_RECORDS):
            offsets = {place: records[-1].offset + 1 for place, records in found.items()}
            await batches.put((offsets, make([record for records in found.values() for record in records])))


async def _copy(
    consumer: AIOKafkaConsumer, database: asyncpg.Connection, batches: "asyncio.Queue[_Batch]"
) -> None:
    while True:
        offsets, copies = await batches.get()
        async with database.transaction():
            for table, rows in copies.items():
                await database.copy_records_to_table(table, records=rows)
        await consumer.commit(offsets)


def _as_they_came(records: Sequence["ConsumerRecord[bytes, bytes]"]) -> Copies:
    return {"copied": [_row(record) for record in records]}


def _row(record: "ConsumerRecord[bytes, bytes]") -> tuple[Any, ...]:
    headers = dict(record.headers)
    name, number = headers["ce_type"].decode(), headers.get("ce_sequence")
    return int(record.key), name, int(number) if number else None, record.value.decode()


async def serve(settings: Settings) -> None:
    """Runs until killed."""
    await copying(settings, GROUP, _as_they_came)


if __name__ == "__main__":
    run(serve, as_a_service=True)
