"""PostgreSQL and Kafka are killed under load and come back (families 5 and 7)."""

import asyncio
from random import Random

import pytest

from contracts.catalog import SERVICES
from tests.faults.stage import Stage, lasting
from tests.faults.verdict import Court
from tests.faults.workload import FEW, Workload

pytestmark = pytest.mark.system


@pytest.mark.parametrize("seconds", [2, pytest.param(20, marks=pytest.mark.long)])
async def test_postgres_killed(stage: Stage, court: Court, seconds: int) -> None:
    """Every service waits for its database, and goes on where it was."""
    async with Workload(stage, 500 + seconds, window=FEW).running(fewest=FEW) as load:
        await load.accepted(30)
        stage.system.postgres.kill()
        await lasting(seconds)
        stage.system.postgres.launch()
        await asyncio.to_thread(stage.system.postgres.wait)

    await court.judge(f"5 PostgreSQL killed for {seconds} s", load, faults=1)


@pytest.mark.long
async def test_connections_cut_at_random(stage: Stage, court: Court) -> None:
    """A connection to the database that breaks in the middle of anything loses and repeats nothing."""
    draw, cut = Random(5), 0
    async with Workload(stage, 540).running(fewest=30) as load:
        for _ in range(60):
            cut += stage.postgres[draw.choice(SERVICES)].reset()
            await lasting(draw.uniform(0.1, 0.5))

    await court.judge("5 connections to PostgreSQL cut at random", load, faults=cut)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("away", ["kafka", "postgres"])
async def test_told_to_end_while_a_server_is_away(stage: Stage, court: Court, away: str) -> None:
    """A service that is told to end while it waits for Kafka or for its database ends well all the same."""
    server = stage.system.components[away]
    async with Workload(stage, 560 + len(away)).running(fewest=15) as load:
        await load.accepted(30)
        server.kill()
        await lasting(3)
        await asyncio.gather(*(asyncio.to_thread(service.stop) for service in stage.services.values()))
        assert {service.process.exit_code for service in stage.services.values()} == {0}
        server.launch()
        await asyncio.to_thread(server.wait)
        stage.launch(SERVICES)

    await court.judge(f"2 told to end while {away} is away", load, faults=len(SERVICES))


@pytest.mark.parametrize("times", [1, pytest.param(5, marks=pytest.mark.long)])
async def test_kafka_killed(stage: Stage, court: Court, times: int) -> None:
    """What was said before Kafka died is there when it is back, and nothing is said twice.

    A service that finds no quiet half minute with Kafka ends, and is started again.
    """
    async with Workload(stage, 700 + times, window=FEW).running(fewest=FEW) as load, stage.tended():
        for round in range(1, times + 1):
            await load.accepted(30 * round)
            stage.system.kafka.kill()
            await lasting(1)
            stage.system.kafka.launch()
            await asyncio.to_thread(stage.system.kafka.wait)

    await court.judge(f"7 Kafka killed {times} times", load, faults=times)
