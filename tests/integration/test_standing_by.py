"""A service with more processes than partitions: one process stands by."""

import secrets
from dataclasses import replace
from pathlib import Path

from contracts.jurisdiction import ClaimJurisdiction
from contracts.outcome import Status
from services.jurisdiction.app import SERVICE
from services.jurisdiction.domain import DECIDERS
from tests.engines import KafkaServer, PostgresServer
from tests.integration.running import bench, running, until
from tests.unit.chassis.memory_service import claim

_ONE_TOPIC = replace(SERVICE, deciders={ClaimJurisdiction: DECIDERS[ClaimJurisdiction]}, reactions={})


async def test_a_process_without_partitions_is_ready(
    kafka: KafkaServer, topic_prefix: str, postgres: PostgresServer, tmp_path: Path
) -> None:
    """Three processes share two partitions. All are ready, none ends, and commands get outcomes."""
    name = f"j{secrets.token_hex(4)}"
    postgres.create(name, name, name)
    async with (
        bench(kafka.bootstrap, topic_prefix, lambda _: postgres.url(name, name, name), tmp_path) as own_bench,
        running(own_bench, *[_ONE_TOPIC] * 3) as processes,
    ):
        consumers = [process.app.state.health.consumer for process in processes]

        async def shared() -> bool | None:
            given = sorted(len(consumer.kafka.assignment()) for consumer in consumers)
            answers = [(await process.app.state.health.state())[0] for process in processes]
            return True if (given, answers) == ([0, 1, 1], [[], [], []]) else None

        await until(shared, "three processes share two partitions, and all are ready")
        refused = await processes[0].final(await own_bench.send(claim(), lea="LA"))
    assert refused.status is Status.REFUSED
    assert all(consumer.failure is None for consumer in consumers)
