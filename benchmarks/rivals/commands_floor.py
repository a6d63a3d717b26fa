"""The least work that adds students, in batches: `python -m benchmarks.rivals.commands_floor`.

The floor reads commands from Kafka and validates them. One statement selects the students of a batch. The
floor decides, copies the new states into one table in one transaction, and sends an event and an outcome
for each command, with the headers that SER sends. It commits the offsets last. Reading, keeping and sending
work at the same time, on three batches. The floor has no token, ledger, outbox, revision or retry, so it
loses and repeats messages when it is killed. The table is `records`. In a database of the students service
it has that service's triggers, which keep the search index.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from benchmarks.rivals.running import Environment, run
from benchmarks.rivals.students import (
    COMMANDS,
    EVENTS,
    LEA,
    OUTCOMES,
    SENDER,
    AddStudent,
    Identity,
    StudentAdded,
    decide,
    outcome,
)

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
_IDENTITY, _STUDENT = "identity", "student"

_KNOWN = "SELECT subject, kind, body::text FROM records WHERE subject = ANY($1)"
_SAME = [
    ("ce_specversion", b"1.0"),
    ("ce_source", b"/ser/students"),
    ("content-type", b"application/json"),
    ("sender", f"{LEA}/{SENDER}".encode()),
]
_OF_EVENT = [
    *_SAME,
    ("ce_type", b"StudentAdded"),
    ("ce_dataschema", b"urn:ser:schema:StudentAdded.v1"),
    ("ce_sequence", b"1"),
]
_OF_OUTCOME = [*_SAME, ("ce_type", b"Outcome"), ("ce_dataschema", b"urn:ser:schema:Outcome.v1")]

Message = tuple[bytes, bytes, list[tuple[str, bytes]]]
"""Key, value and headers."""


@dataclass(frozen=True, slots=True)
class Received:
    """A command from Kafka."""

    key: bytes
    command: AddStudent
    command_id: bytes
    partition: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _Batch:
    offsets: dict[TopicPartition, int]
    received: list[Received]


@dataclass(slots=True)
class Known:
    """The table's two rows of a student."""

    identity: Identity | None = None
    student: StudentAdded | None = None


class _Floor:
    def __init__(self, environment: Environment) -> None:
        self._prefix = environment.prefix
        self._consumer = AIOKafkaConsumer(
            self._prefix + COMMANDS,
            bootstrap_servers=environment.kafka,
            group_id=self._prefix + "students",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        self._producer = AIOKafkaProducer(
            bootstrap_servers=environment.kafka,
            acks="all",
            enable_idempotence=True,
            max_batch_size=_BATCH_BYTES,
        )
        self._dsn = environment.dsn
        self._read: asyncio.Queue[_Batch] = asyncio.Queue(_AHEAD)
        self._kept: asyncio.Queue[tuple[_Batch, list[tuple[Received, StudentAdded | None, str]]]] = (
            asyncio.Queue(_AHEAD)
        )

    async def serve(self) -> None:
        await self._producer.start()
        await self._consumer.start()
        database = await asyncpg.connect(self._dsn)
        async with asyncio.TaskGroup() as steps:
            steps.create_task(self._reading())
            steps.create_task(self._keeping(database))
            steps.create_task(self._sending())

    async def _reading(self) -> None:
        while True:
            found = await self._consumer.getmany(timeout_ms=_WAIT_MS, max_records=_RECORDS)
            if found:
                offsets = {place: records[-1].offset + 1 for place, records in found.items()}
                received = [_received(record) for records in found.values() for record in records]
                await self._read.put(_Batch(offsets, received))

    async def _keeping(self, database: asyncpg.Connection) -> None:
        while True:
            batch = await self._read.get()
            async with database.transaction():
                known = await _known(database, batch.received)
                decided = [(received, _decided(known, received)) for received in batch.received]
                written = [
                    (received, added, added.model_dump_json() if added else "") for received, added in decided
                ]
                rows = [
                    (added.student_id, _STUDENT, "", added.revision, body)
                    for _, added, body in written
                    if added
                ]
                await database.copy_records_to_table("records", records=rows, columns=COLUMNS)
            await self._kept.put((batch, written))

    async def _sending(self) -> None:
        while True:
            batch, written = await self._kept.get()
            groups: dict[tuple[str, int], list[Message]] = defaultdict(list)
            for received, added, body in written:
                for topic, message in messages(received, added, body):
                    groups[self._prefix + topic, received.partition].append(message)
            sending = [future for place, group in groups.items() for future in await self._send(place, group)]
            await asyncio.gather(*sending)
            await self._consumer.commit(batch.offsets)

    async def _send(self, place: tuple[str, int], group: Sequence[Message]) -> list["asyncio.Future[Any]"]:
        """Send messages for one partition in as few batches as the producer allows."""
        topic, partition = place
        batches = [self._producer.create_batch()]
        for key, value, headers in group:
            record = {"key": key, "value": value, "timestamp": None, "headers": headers}
            if batches[-1].append(**record) is None:
                batches.append(self._producer.create_batch())
                batches[-1].append(**record)
        return [await self._producer.send_batch(batch, topic, partition=partition) for batch in batches]


def messages(received: Received, added: StudentAdded | None, body: str) -> Iterator[tuple[str, Message]]:
    """The messages for a command, by topic: the event if there is one, and the outcome."""
    shared = [
        ("ce_subject", received.key),
        ("ce_time", f"{received.at.replace(tzinfo=None).isoformat()}Z".encode()),
        ("correlation", received.command_id),
        ("causation", received.command_id),
    ]
    if added:
        yield EVENTS, (received.key, body.encode(), [*_OF_EVENT, ("ce_id", _new_id()), *shared])
    answer = outcome(received.command, UUID(received.command_id.decode()), added).model_dump_json()
    yield OUTCOMES, (received.key, answer.encode(), [*_OF_OUTCOME, ("ce_id", _new_id()), *shared])


def _new_id() -> bytes:
    return str(uuid4()).encode()


def _received(record: Any) -> Received:
    headers = dict(record.headers)
    command = AddStudent.model_validate_json(record.value)
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return Received(record.key, command, headers["ce_id"], record.partition, at)


async def _known(database: asyncpg.Connection, received: Iterable[Received]) -> dict[str, Known]:
    found = {one.command.student_id: Known() for one in received}
    for student_id, kind, body in await database.fetch(_KNOWN, list(found)):
        if kind == _IDENTITY:
            found[student_id].identity = Identity.model_validate_json(body)
        elif kind == _STUDENT:
            found[student_id].student = StudentAdded.model_validate_json(body)
    return found


def _decided(known: dict[str, Known], received: Received) -> StudentAdded | None:
    """The student as added. A second command in the same batch finds the student."""
    one = known[received.command.student_id]
    added = decide(received.command, one.identity, one.student, received.at.date())
    one.student = added or one.student
    return added


async def serve(environment: Environment) -> None:
    """Run until killed."""
    await _Floor(environment).serve()


if __name__ == "__main__":
    run(serve, collect_rarely=True)
