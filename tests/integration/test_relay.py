"""The relay while Kafka is down."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError, NotLeaderForPartitionError
from sqlalchemy import event, text

from contracts.partitions import partition_of
from services.chassis.hosting.run import engine_for
from services.chassis.hosting.settings import Settings
from services.chassis.keeping.migrations import DatabaseOfAnotherVersion, upgrade_with
from services.chassis.publishing.relay import Relay
from tests.conftest import Database
from tests.integration.running import until


@dataclass
class _Batch:
    """Messages that go to one partition together."""

    bodies: list[bytes] = field(default_factory=list)

    def append(self, *, value: bytes, **_: object) -> object:
        self.bodies.append(value)
        return self


@dataclass
class _Deaf:
    """A producer to two partitions, one without a leader for a while. It notes the messages that
    were sent."""

    leaderless: int | None
    took: dict[int, list[bytes]] = field(default_factory=lambda: {0: [], 1: []})
    refused: int = 0

    @property
    def client(self) -> "_Deaf":
        return self

    @property
    def cluster(self) -> "_Deaf":
        return self

    def partitions_for_topic(self, topic: str) -> set[int]:
        return {0, 1}

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def create_batch(self) -> _Batch:
        return _Batch()

    async def send_batch(self, batch: _Batch, topic: str, *, partition: int) -> "asyncio.Future[None]":
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if partition == self.leaderless:
            self.refused += 1
            answer.set_exception(NotLeaderForPartitionError())
        else:
            self.took[partition].extend(batch.bodies)
            answer.set_result(None)
        return answer


class _NoKafka:
    """A producer that never gets an answer. It counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    @property
    def client(self) -> Any:
        self.calls += 1
        raise KafkaTimeoutError

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@pytest.mark.timeout(60)
async def test_a_relay_that_failed_gets_its_lock_again(database: Database) -> None:
    """After a failure of Kafka the relay gets its lock again and retries. If Kafka fails for too long, the
    relay gives up, and a new process starts with a new producer."""
    settings = Settings(database=database("jurisdiction"), token_keys="/unused")
    await upgrade_with("jurisdiction", settings)
    engine, producer = engine_for(settings, connections=4), _NoKafka()
    async with engine.begin() as connection:
        await connection.execute(
            text("INSERT INTO outbox (topic, keys, headers, bodies) VALUES ('t', '{k}', '{[]}', '{{}}')")
        )
    others = [await engine.connect() for _ in range(3)]  # as the consumer and its looks take their turns
    for other in others:
        await other.close()
    relay = Relay(engine, lambda: producer, rows=10, poll_seconds=0.01, idle_seconds=30, give_up_seconds=1.2)

    running = asyncio.create_task(relay.run())

    async def tried_again() -> bool | None:
        return True if producer.calls >= 3 else None

    await until(tried_again, "the relay tried three times")
    with pytest.raises(KafkaTimeoutError):
        await running
    await engine.dispose()


def _keys(partition: int, count: int) -> list[str]:
    """This many students whose messages go to that partition."""
    every = (str(number) for number in range(2_000_000_000, 2_000_001_000))
    return [key for key in every if partition_of(key, 2) == partition][:count]


@pytest.mark.timeout(60)
async def test_a_row_stays_until_kafka_has_all_of_it(database: Database) -> None:
    """A row stays in the outbox until Kafka has confirmed all of its messages. Other rows are deleted at
    once."""
    settings = Settings(database=database("jurisdiction"), token_keys="/unused")
    await upgrade_with("jurisdiction", settings)
    engine, producer = engine_for(settings, connections=4), _Deaf(leaderless=1)
    here, there = _keys(0, 3), _keys(1, 3)
    rows = [here[:1], [here[1], there[0]], there[1:2], [here[2], there[2]]]
    put = text("INSERT INTO outbox (topic, keys, headers, bodies) VALUES ('t', :keys, :headers, :keys)")
    async with engine.begin() as connection:
        for keys in rows:
            await connection.execute(put, {"keys": keys, "headers": ["[]"] * len(keys)})
    relay = Relay(engine, lambda: producer, rows=10, poll_seconds=0.01, idle_seconds=30, give_up_seconds=30)
    running = asyncio.create_task(relay.run())

    async def left() -> list[Any]:
        async with engine.connect() as connection:
            return list((await connection.execute(text("SELECT keys FROM outbox ORDER BY id"))).scalars())

    async def refused_twice() -> bool | None:
        return True if producer.refused >= 2 else None

    async def nothing_left() -> bool | None:
        return None if await left() else True

    await until(refused_twice, "a partition refused twice")
    assert await left() == rows[1:]
    assert producer.took[1] == []
    producer.leaderless = None
    await until(nothing_left, "everything is published")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert producer.took[1] == [key.encode() for key in there]
    assert list(dict.fromkeys(producer.took[0])) == [key.encode() for key in here]
    assert producer.took[0].count(here[0].encode()) == 1
    await engine.dispose()


@pytest.mark.timeout(60)
async def test_who_stands_by_rests(database: Database) -> None:
    """A process that waits for the relay's lock asks for it only at the polling interval, even if its own
    batches wake it."""
    settings = Settings(database=database("jurisdiction"), token_keys="/unused")
    await upgrade_with("jurisdiction", settings)
    engine, calls = engine_for(settings, connections=4), list[float]()

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(_: object, __: object, statement: str, *___: object) -> None:
        if "pg_try_advisory_lock" in statement:
            calls.append(asyncio.get_running_loop().time())

    async with engine.connect() as leader:
        await leader.execute(text("SELECT pg_advisory_lock(1)"))
        producer = _Deaf(None)
        relay = Relay(
            engine, lambda: producer, rows=10, poll_seconds=0.2, idle_seconds=30, give_up_seconds=30
        )
        running = asyncio.create_task(relay.run())
        relay.wake()

        async def five_times() -> bool | None:
            return True if len(calls) >= 5 else None

        await until(five_times, "it asked five times")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert calls[4] - calls[1] >= 0.5
    await engine.dispose()


async def test_a_database_of_another_version_is_refused(database: Database) -> None:
    """A service does not start on a database of another version, and says so."""
    settings = Settings(database=database("jurisdiction"), token_keys="/unused")
    await upgrade_with("jurisdiction", settings)
    engine = engine_for(settings, connections=1)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    await engine.dispose()
    with pytest.raises(DatabaseOfAnotherVersion, match="jurisdiction"):
        await upgrade_with("jurisdiction", settings)
