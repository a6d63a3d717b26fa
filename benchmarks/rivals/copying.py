"""The least that must be done to keep every event: `python -m benchmarks.rivals.copying`.

Reads the topics of all events and copies student, name, number and body into one table. Reading and copying
go on at the same time. Nothing is validated, counted, or kept once only.
"""

import asyncio
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.rivals.running import run
from contracts import catalog
from deploy.local.postgres import plain
from services.chassis.settings import Settings

GROUP = "copying"
TABLE = "CREATE TABLE copied (subject bigint, name text, sequence int, body text)"
_COLUMNS = ("subject", "name", "sequence", "body")
_RECORDS = 4000
_WAIT_MS = 10
_AHEAD = 2

_Row = tuple[int, str, int | None, str]
_Batch = tuple[dict[TopicPartition, int], list[_Row]]


async def serve(settings: Settings) -> None:
    """Runs until killed."""
    prefix = settings.topic_prefix
    consumer = AIOKafkaConsumer(
        *(entry.topic(prefix) for entry in catalog.events().values()),
        bootstrap_servers=settings.kafka,
        group_id=prefix + GROUP,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    database = await asyncpg.connect(plain(settings.database.get_secret_value()))
    batches: asyncio.Queue[_Batch] = asyncio.Queue(_AHEAD)
    async with asyncio.TaskGroup() as steps:
        steps.create_task(_read(consumer, batches))
        steps.create_task(_copy(consumer, database, batches))


async def _read(consumer: AIOKafkaConsumer, batches: "asyncio.Queue[_Batch]") -> None:
    while True:
        if found := await consumer.getmany(timeout_ms=_WAIT_MS, max_records=_RECORDS):
            offsets = {place: records[-1].offset + 1 for place, records in found.items()}
            await batches.put((offsets, [_row(record) for records in found.values() for record in records]))


async def _copy(
    consumer: AIOKafkaConsumer, database: asyncpg.Connection, batches: "asyncio.Queue[_Batch]"
) -> None:
    while True:
        offsets, rows = await batches.get()
        await database.copy_records_to_table("copied", records=rows, columns=_COLUMNS)
        await consumer.commit(offsets)


def _row(record: Any) -> _Row:
    headers = dict(record.headers)
    name, number = headers["ce_type"].decode(), headers.get("ce_sequence")
    return int(record.key), name, int(number) if number else None, record.value.decode()


if __name__ == "__main__":
    run(serve, as_a_service=True)
