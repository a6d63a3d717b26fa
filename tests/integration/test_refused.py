"""Messages that Kafka refuses for good: the relay sets them aside, an operator puts them back, all others go
on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from pydantic_core import to_json
from sqlalchemy import text

from contracts.envelope import Envelope
from contracts.topics import kinds, topic_settings
from deploy.topics import Topic, create_topics
from services.chassis.hosting.run import _put_back
from services.jurisdiction.app import SERVICE
from tests.integration.running import Bench, Record, RunningService, running, until
from tests.unit.chassis.memory_service import NOON, claim, student_added

LARGE = "x" * 3_000
HEADERS = to_json(Envelope("1", "StudentClaimed", "/test", "", NOON, "StudentClaimed.v1").values()).decode()


@asynccontextmanager
async def admin_of(bench: Bench) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client that may change topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bench.kafka)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def limit(bench: Bench, topic: str, **settings: str) -> None:
    """An operator changes a topic's setting while services run."""
    name = bench.prefix + topic
    wanted = topic_settings(kinds(bench.prefix)[name], 1) | settings
    async with admin_of(bench) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, wanted)])

        async def so() -> bool | None:
            (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
            ((_, _, _, _, entries),) = answer.resources
            return True if {entry[0]: entry[1] for entry in entries}.items() >= wanted.items() else None

        await until(so, "the topic is kept otherwise")


async def put(service: RunningService, topic: str, *messages: tuple[str, str]) -> None:
    """A row of the outbox, of messages with these keys and bodies."""
    keys, bodies = [key for key, _ in messages], [body for _, body in messages]
    async with service.engine.begin() as database:
        await database.execute(
            text("INSERT INTO outbox (topic, keys, headers, bodies) VALUES (:topic, :keys, :headers, :said)"),
            {"topic": topic, "keys": keys, "headers": [HEADERS] * len(keys), "said": bodies},
        )


async def reasons(service: RunningService) -> list[str]:
    """The reasons why the process is not ready."""
    return list((await service.app.state.health.state())[0])


def bodies(records: list[Record]) -> list[bytes | None]:
    """The bodies of messages."""
    return [record.value for record in records]


async def test_a_message_that_is_too_large(own_bench: Bench) -> None:
    """The relay sets aside a message that is too large for Kafka. All other messages go on, also of the same
    row and student. An operator puts the message back when Kafka accepts its size."""
    async with running(own_bench, SERVICE) as (service,):
        service.http.headers["authorization"] = f"Bearer {own_bench.token()}"
        await limit(own_bench, "StudentClaimed", **{"max.message.bytes": "2000"})
        topic = own_bench.prefix + "StudentClaimed"
        await put(service, topic, ("1", "first"), ("1", LARGE), ("2", "other"))
        await put(service, topic, ("1", "later"))

        found = await own_bench.read("StudentClaimed", lambda records: len(set(bodies(records))) >= 3)
        assert set(bodies(found)) == {b"first", b"other", b"later"}
        await own_bench.publish(student_added())
        assert (await service.final(await own_bench.send(claim()))).status.final

        async def seen() -> list[dict[str, str]] | None:
            return (await service.http.get("/set-aside")).json() or None

        (refused,) = await until(seen, "the refused message is shown")
        assert (refused["topic"], refused["reason"]) == (topic, "MessageSizeTooLargeError")
        assert LARGE not in str(refused)
        assert any("refused 1 messages for good" in reason for reason in await reasons(service))
        assert f'ser_refused_total{{error="MessageSizeTooLargeError",topic="{topic}"}} 1.0' in (
            (await service.http.get("/metrics")).text
        )
        await limit(own_bench, "StudentClaimed")
        settings = service.app.state.door.settings
        assert await _put_back(settings) == 1
        await own_bench.read("StudentClaimed", lambda records: LARGE.encode() in bodies(records))
        assert (await service.http.get("/set-aside")).json() == []


@pytest.mark.timeout(120)
async def test_a_topic_that_is_not_there(own_bench: Bench) -> None:
    """While a topic is missing, the relay publishes the messages of other topics. If the topic is created in
    time, its messages follow. If not, the relay sets them aside."""
    own_bench.more["stall_seconds"] = 4
    async with running(own_bench, SERVICE) as (service,):
        await put(service, own_bench.prefix + "soon", ("1", "late"))
        await put(service, own_bench.prefix + "never", ("1", "lost"), ("2", "lost too"))
        await put(service, own_bench.prefix + "StudentClaimed", ("1", "in time"))
        await own_bench.read("StudentClaimed", lambda records: len(records) == 1)
        assert await service.rows("SELECT 1 FROM set_aside") == []
        await create_topics(own_bench.kafka, [Topic(own_bench.prefix + "soon", 2)])
        await own_bench.read("soon", lambda records: len(records) == 1)

        async def aside() -> list[object] | None:
            rows = await service.rows("SELECT topic, key, body, reason FROM set_aside ORDER BY id")
            return [tuple(row) for row in rows] or None

        never = own_bench.prefix + "never"
        assert await until(aside, "what cannot be published is set aside") == [
            (never, "1", "lost", "UnknownTopicOrPartitionError"),
            (never, "2", "lost too", "UnknownTopicOrPartitionError"),
        ]
        assert await service.rows("SELECT 1 FROM outbox WHERE topic = :topic", topic=never) == []
