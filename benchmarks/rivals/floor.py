"""The least that must be done to add students, in batches: `python -m benchmarks.rivals.floor`.

Commands are read and validated, what is known is selected, SER's own decider decides, the new states are
copied into one table, and as many messages go out as SER sends, with the same headers. Three steps work at
once, on three batches. There is no token, ledger, outbox or revision: this is how fast the parts are, and
not a service. The table is `records`; in a database of students it has that service's triggers, which keep
the index behind the search box.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from benchmarks.rivals.deciding import COMMANDS, EVENTS, OUTCOMES, decided, said
from benchmarks.rivals.running import run
from contracts.decision import Known
from contracts.envelope import CONTENT_TYPE, SCHEMA_URN, SPEC_VERSION
from contracts.identity import Identity
from contracts.message import Record
from contracts.outcome import Outcome
from contracts.partitions import partition_of
from contracts.students import AddStudent, Student, StudentAdded
from deploy.local.postgres import plain
from services.chassis.hosting.settings import Settings
from services.chassis.publishing.packing import Message, packed

_RECORDS = 4000
_WAIT_MS = 10
_BATCH_BYTES = 256 * 1024
_AHEAD = 2

TABLE = """
    CREATE TABLE records (
        subject text, kind text, record_id text, revision int NOT NULL, body jsonb NOT NULL,
        PRIMARY KEY (subject, kind, record_id)
    )
"""
COLUMNS = ("subject", "kind", "record_id", "revision", "body")
Row = tuple[str, str, str, int, str]

_KNOWN = "SELECT subject, kind, body::text FROM records WHERE subject = ANY($1)"
_MODELS = {model.kind: model for model in (Identity, Student)}
_SAME = [
    ("ce_specversion", SPEC_VERSION.encode()),
    ("ce_source", b"/ser/students"),
    ("content-type", CONTENT_TYPE.encode()),
]
_OF_EVENT = [
    *_SAME,
    ("ce_type", EVENTS.encode()),
    ("ce_dataschema", f"{SCHEMA_URN}StudentAdded.v1".encode()),
]
_OF_OUTCOME = [*_SAME, ("ce_type", b"Outcome"), ("ce_dataschema", f"{SCHEMA_URN}Outcome.v1".encode())]


@dataclass(frozen=True, slots=True)
class _Asked:
    key: bytes
    command: AddStudent
    command_id: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class _Batch:
    offsets: dict[TopicPartition, int]
    asked: list[_Asked]


@dataclass(frozen=True, slots=True)
class _Answered:
    asked: _Asked
    events: list[tuple[StudentAdded, str]]
    outcome: Outcome


class _Floor:
    def __init__(self, settings: Settings) -> None:
        self._prefix = settings.topic_prefix
        self._consumer = AIOKafkaConsumer(
            self._prefix + COMMANDS,
            bootstrap_servers=settings.kafka,
            group_id=self._prefix + "students",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        self._producer = AIOKafkaProducer(
            bootstrap_servers=settings.kafka,
            acks="all",
            enable_idempotence=True,
            max_batch_size=_BATCH_BYTES,
        )
        self._url = plain(settings.database.get_secret_value())
        self._read: asyncio.Queue[_Batch] = asyncio.Queue(_AHEAD)
        self._kept: asyncio.Queue[tuple[_Batch, list[_Answered]]] = asyncio.Queue(_AHEAD)

    async def serve(self) -> None:
        await self._producer.start()
        await self._consumer.start()
        database = await asyncpg.connect(self._url)
        async with asyncio.TaskGroup() as steps:
            steps.create_task(self._reading())
            steps.create_task(self._keeping(database))
            steps.create_task(self._saying())

    async def _reading(self) -> None:
        while True:
            found = await self._consumer.getmany(timeout_ms=_WAIT_MS, max_records=_RECORDS)
            if found:
                offsets = {place: records[-1].offset + 1 for place, records in found.items()}
                asked = [_asked(record) for records in found.values() for record in records]
                await self._read.put(_Batch(offsets, asked))

    async def _keeping(self, database: asyncpg.Connection) -> None:
        while True:
            batch = await self._read.get()
            async with database.transaction():
                known = await _known(database, batch.asked)
                answered = [_answered(known[asked.command.student_id], asked) for asked in batch.asked]
                rows = [row(event, body) for one in answered for event, body in one.events]
                await database.copy_records_to_table("records", records=rows, columns=COLUMNS)
            await self._kept.put((batch, answered))

    async def _saying(self) -> None:
        while True:
            batch, answered = await self._kept.get()
            groups: dict[tuple[str, int], list[Message]] = defaultdict(list)
            partitions = len(await self._producer.partitions_for(self._prefix + OUTCOMES))
            for one in answered:
                partition = partition_of(one.asked.command.student_id, partitions)
                for topic, message in self._messages(one):
                    groups[topic, partition].append(message)
            sending = [future for place, group in groups.items() for future in await self._send(place, group)]
            await asyncio.gather(*sending)
            await self._consumer.commit(batch.offsets)

    def _messages(self, one: _Answered) -> Iterable[tuple[str, Message]]:
        asked = one.asked
        shared = [
            ("ce_subject", asked.key),
            ("ce_time", asked.at.isoformat().encode()),
            ("correlation", asked.command_id),
            ("causation", asked.command_id),
        ]
        for _, body in one.events:
            own = [("ce_id", str(uuid4()).encode()), ("ce_sequence", b"1")]
            yield self._prefix + EVENTS, (asked.key, body.encode(), [*_OF_EVENT, *own, *shared])
        body = one.outcome.model_dump_json()
        headers = [*_OF_OUTCOME, ("ce_id", str(uuid4()).encode()), *shared]
        yield self._prefix + OUTCOMES, (asked.key, body.encode(), headers)

    async def _send(self, place: tuple[str, int], messages: Sequence[Message]) -> list["asyncio.Future[Any]"]:
        topic, partition = place
        return [
            await self._producer.send_batch(batch, topic, partition=partition)
            for batch, _ in packed(self._producer, messages)
        ]


def row(record: Record, body: str) -> Row:
    """A state as it is kept."""
    return record.subject, record.kind, record.record_id, record.revision, body


def _asked(record: Any) -> _Asked:
    headers = dict(record.headers)
    command = AddStudent.model_validate_json(record.value, extra="forbid")
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return _Asked(record.key, command, headers["ce_id"], at)


async def _known(database: asyncpg.Connection, asked: Sequence[_Asked]) -> dict[str, Known]:
    found = {one.command.student_id: Known() for one in asked}
    for student_id, kind, body in await database.fetch(_KNOWN, list(found)):
        found[student_id].learn(_MODELS[kind].model_validate_json(body))
    return found


def _answered(known: Known, asked: _Asked) -> _Answered:
    command_id = UUID(asked.command_id.decode())
    decision = decided(known, asked.command, command_id, asked.at.date())
    events, outcome = said(decision, asked.command, command_id)
    added = [(event, event.model_dump_json()) for event in events if isinstance(event, StudentAdded)]
    return _Answered(asked, added, outcome)


async def serve(settings: Settings) -> None:
    """Runs until killed."""
    await _Floor(settings).serve()


if __name__ == "__main__":
    run(serve, as_a_service=True)
