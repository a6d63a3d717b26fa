"""The relay between a database that is there and a Kafka that is not."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError
from sqlalchemy import text

from services.chassis.migrations import upgrade_with
from services.chassis.relay import Relay
from services.chassis.run import engine_for
from services.chassis.settings import Settings
from tests.conftest import Database
from tests.integration.running import until


class _NoKafka:
    """A producer that never gets an answer; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def partitions_for(self, topic: str) -> Any:
        self.asked += 1
        raise KafkaTimeoutError


@pytest.mark.timeout(60)
async def test_a_relay_that_failed_gets_its_lock_again(database: Database) -> None:
    """The relay tries again when Kafka has failed, for its lock does not stay behind in the pool; it gives up
    when that has gone on for too long, so that a new process begins with a new producer."""
    settings = Settings(database=database("jurisdiction"), token_public_key="/unused")
    await upgrade_with("jurisdiction", settings)
    engine, producer = engine_for(settings, connections=4), _NoKafka()
    async with engine.begin() as connection:
        await connection.execute(
            text("INSERT INTO outbox (topic, keys, headers, bodies) VALUES ('t', '{k}', '{[]}', '{{}}')")
        )
    others = [await engine.connect() for _ in range(3)]  # as the consumer and its looks take their turns
    for other in others:
        await other.close()
    relay = Relay(engine, producer, rows=10, poll_seconds=0.01, silent_seconds=30, give_up_seconds=1.2)

    running = asyncio.create_task(relay.run())

    async def tried_again() -> bool | None:
        return True if producer.asked >= 3 else None

    await until(tried_again, "the relay tried three times")
    with pytest.raises(KafkaTimeoutError):
        await running
    await engine.dispose()
