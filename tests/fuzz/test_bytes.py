"""Services survive any bytes on their topics, count each message, and serve other senders."""

import asyncio
import json
import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError

from contracts import catalog, examples
from contracts.outcome import Status
from services.chassis.hosting.definition import ServiceDefinition
from tests.architecture.system import SERVICES
from tests.fuzz.amount import EXAMPLES, Progress, amount, say
from tests.fuzz.bodies import CANARY
from tests.fuzz.stream import Record, Stream
from tests.fuzz.system import PARTITIONS, System
from tests.integration.running import until

SMALL = 150
_SEED = random.SystemRandom().randrange(10**6) if EXAMPLES else 1
_EVERY = 50
_PATIENCE_SECONDS = 60 + amount(SMALL) / 50
_MOST_GROWTH_MB = 200
_COMPRESSIONS = (None, "gzip", "lz4", "snappy", "zstd")
_LIFE = ("IdentityAssigned", "AddStudent", "ClaimJurisdiction", "SaveGuardian", "RequestEvaluation")


_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Campaign:
    """Producers with every compression, and real students among the noise."""

    system: System
    producers: Sequence[AIOKafkaProducer]
    chance: random.Random
    students: list[str] = field(default_factory=list)
    commands: dict[str, str] = field(default_factory=dict)
    refused_by_kafka: int = 0

    async def throw(self, stream: Stream, count: int, progress: Progress) -> None:
        """Put one service's messages on their topics, with a real student now and then."""
        for number, record in enumerate(stream.records(count)):
            await self._put(record, self.chance.choice(self.producers))
            if number % _EVERY == 0:
                await self._live()
            progress.step()

    async def _put(self, record: Record, producer: AIOKafkaProducer) -> None:
        try:
            await producer.send(record.topic, key=record.key, value=record.value, headers=record.headers)
        except MessageSizeTooLargeError:
            self.refused_by_kafka += 1

    async def _live(self) -> None:
        student = f"71{len(self.students):08}"
        self.students.append(student)
        for name in _LIFE:
            entry = {**catalog.commands(), **catalog.events()}[name]
            shown = json.dumps(examples.example(entry.schema_id) | {"student_id": student})
            body = _UUID.sub(lambda found: str(uuid5(UUID(found[0]), student)), shown).encode()
            headers = self.system.headers(entry, student)
            if entry.kind is catalog.Kind.COMMAND:
                self.commands[dict(headers)["ce_id"].decode()] = entry.owner
            record = Record(entry.topic(self.system.prefix), student.encode(), body, list(headers))
            await self._put(record, self.producers[0])  # one sender: its messages keep their order

    async def flush(self) -> None:
        """Returns when Kafka has confirmed all messages."""
        for producer in self.producers:
            await producer.flush()


async def test_any_bytes_are_survived(system: System) -> None:
    """Every topic gets noise and broken, repeated, future and huge messages. No service ends or leaks memory.

    No service holds a message as a defect or leaves one uncounted, and valid commands are answered."""
    say(f"bytes: seed {_SEED}")
    began, memory = time.monotonic(), [system.memory()]
    producers = [await _producer(system, compression) for compression in _COMPRESSIONS]
    campaign = Campaign(system, producers, random.Random(_SEED))
    try:
        for part in (0.3, 0.7):
            for number, service in enumerate(SERVICES.values()):
                count = int(amount(SMALL) * part)
                progress = Progress(f"records for {service.name}", count)
                await campaign.throw(
                    Stream(service, system, _SEED + number + int(part * 10)), count, progress
                )
            await campaign.flush()
            await _accounted(system, campaign.commands)
            memory.append(system.memory())
        await _judge(system, campaign, memory)
    finally:
        for producer in producers:
            await producer.stop()
    say(f"bytes: {time.monotonic() - began:,.0f} s, refused by Kafka itself: {campaign.refused_by_kafka}")


async def _producer(system: System, compression: str | None) -> AIOKafkaProducer:
    producer = AIOKafkaProducer(
        bootstrap_servers=system.kafka, acks="all", max_request_size=1_040_000, compression_type=compression
    )
    await producer.start()
    return producer


async def _accounted(system: System, commands: Mapping[str, str]) -> None:
    """Returns when the students' commands have final outcomes, each service has counted every message of its
    topics, and all outboxes are empty."""
    consumer = AIOKafkaConsumer(bootstrap_servers=system.kafka)
    await consumer.start()

    async def settled() -> bool | None:
        assert not system.fallen(), "a service ended"
        done = not await _unanswered(system, commands) and await _all_accounted(system, consumer)
        return done or await asyncio.sleep(0.3, None)

    try:
        await until(settled, "every command is answered, every record accounted for", _PATIENCE_SECONDS)
    except AssertionError as late:
        left = {name: await _left(system, consumer, service) for name, service in SERVICES.items()}
        last_lines = {name: process.process.last_lines(5) for name, process in system.processes.items()}
        waiting = await _unanswered(system, commands)
        raise AssertionError(f"left: {left}; unanswered: {waiting[:5]}; last words: {last_lines}") from late
    finally:
        await consumer.stop()


async def _unanswered(system: System, commands: Mapping[str, str]) -> list[Any]:
    """The commands without a final outcome."""
    found: dict[str, Any] = {}
    for owner in set(commands.values()):
        rows = await system.rows(owner, "SELECT command_id::text, status, subject, outcome FROM ledger")
        found |= {row[0]: tuple(row) for row in rows}
    return [found.get(one, one) for one in commands if one not in found or found[one][1] == Status.HELD]


async def _all_accounted(system: System, consumer: AIOKafkaConsumer) -> bool:
    """Whether all services have read and published everything."""
    left = [await _left(system, consumer, service) for service in SERVICES.values()]
    again = [await _left(system, consumer, service) for service in SERVICES.values()]
    return not any(left) and not any(again)


async def _left(system: System, consumer: AIOKafkaConsumer, service: ServiceDefinition) -> int:
    messages = "SELECT coalesce(sum(cardinality(keys)), 0) FROM outbox"
    unpublished = (await system.rows(service.name, messages))[0][0]
    read = sum((await reads(system, service.name)).values())
    put = await _ends(consumer, service.topics(system.prefix))
    assert read <= put, f"{service.name} counts {read} of {put} records"
    return int(put - read + unpublished)


async def _ends(consumer: AIOKafkaConsumer, topics: Sequence[str]) -> int:
    places = [TopicPartition(topic, partition) for topic in topics for partition in range(PARTITIONS)]
    return sum((await consumer.end_offsets(places)).values())


async def reads(system: System, service: str) -> dict[str, int]:
    """The number of messages that a service has read, by result."""
    found = await system.rows(service, "SELECT result, sum(messages)::int FROM reads GROUP BY result")
    return dict(found)


# An event that brings the id of another student's record fits nowhere: it waits for an operator.
_DEFECTS = "SELECT topic, reason FROM held WHERE until IS NULL AND reason <> 'IdTaken' ORDER BY 1, 2"


async def _judge(system: System, campaign: Campaign, memory: Sequence[dict[str, int]]) -> None:
    outcomes: dict[str, Any] = {}
    for name in SERVICES:
        result = await reads(system, name)
        sizes = " → ".join(f"{at[name]:,}" for at in memory)
        say(f"{name}: {', '.join(f'{what} {count:,}' for what, count in sorted(result.items()))}; {sizes} MB")
        assert {"applied", "dead letter"} <= result.keys(), "the stream held what is in order and what is not"
        assert memory[-1][name] - memory[-2][name] < _MOST_GROWTH_MB, f"{name} grows: {sizes} MB"
        held = await system.rows(name, _DEFECTS)
        assert not held, f"{name} holds as defects: {held[:5]} and more, {len(held)} in all"
        log = system.processes[name].process.log.read_text(errors="replace")
        assert CANARY not in log, f"{name} logs what a message holds"
        if SERVICES[name].deciders:
            outcomes |= {
                str(row[0]): row[1]
                for row in await system.rows(name, "SELECT command_id, status FROM ledger")
            }
    missing = {command: owner for command, owner in campaign.commands.items() if command not in outcomes}
    assert not missing
    assert {outcomes[command] for command in campaign.commands} == {Status.ACCEPTED}
