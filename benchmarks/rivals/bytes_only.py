"""The least work that has every event: `python -m benchmarks.rivals.bytes_only topic …`.

The program reads the topics and copies key, name, number and body of each event into one table, unchanged.
It reads and copies at the same time. It validates and counts nothing, and copies a repeated event again.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from benchmarks.rivals.running import Environment, run

GROUP = "bytes_only"
TABLE = "CREATE TABLE copied (subject text, name text, sequence int, body text)"
_RECORDS = 4000
_WAIT_MS = 10
_AHEAD = 2

Rows = Sequence[tuple[Any, ...]]
Copies = dict[str, Rows]
"""The rows of a batch by table."""

Make = Callable[[Sequence["ConsumerRecord[bytes, bytes]"]], Copies]
_Batch = tuple[dict[TopicPartition, int], Copies]


async def copy_events(environment: Environment, group: str, make: Make) -> None:
    """Read the topics of the command line and copy the rows that `make` gives. Runs until killed."""
    prefix = environment.prefix
    consumer = AIOKafkaConsumer(
        *(prefix + topic for topic in sys.argv[1:]),
        bootstrap_servers=environment.kafka,
        group_id=prefix + group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    database = await asyncpg.connect(environment.dsn)
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


def _unread(records: Sequence["ConsumerRecord[bytes, bytes]"]) -> Copies:
    return {"copied": [_row(record) for record in records]}


def _row(record: "ConsumerRecord[bytes, bytes]") -> tuple[Any, ...]:
    headers = dict(record.headers)
    name, number = headers["ce_type"].decode(), headers.get("ce_sequence")
    return record.key.decode(), name, int(number) if number else None, record.value.decode()


async def serve(environment: Environment) -> None:
    """Run until killed."""
    await copy_events(environment, GROUP, _unread)


if __name__ == "__main__":
    run(serve, collect_rarely=True)
