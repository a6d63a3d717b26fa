"""PostgreSQL and Kafka are killed under load and restart (families 5 and 7)."""

import asyncio
from random import Random

import pytest

from contracts.catalog import SERVICES
from tests.faults.judging import Judge
from tests.faults.proxied_system import ProxiedSystem, wait_seconds
from tests.faults.workload import FEW, Workload

pytestmark = pytest.mark.system


@pytest.mark.parametrize("seconds", [2, pytest.param(20, marks=pytest.mark.long)])
async def test_postgres_killed(system: ProxiedSystem, judge: Judge, seconds: int) -> None:
    """Every service waits for its database and continues where it was."""
    async with Workload(system, 500 + seconds, window=FEW).running(fewest=FEW) as load:
        await load.accepted(30)
        system.local.postgres.kill()
        await wait_seconds(seconds)
        system.local.postgres.launch()
        await asyncio.to_thread(system.local.postgres.wait)

    await judge.check(f"5 PostgreSQL killed for {seconds} s", load, faults=1)


@pytest.mark.long
async def test_connections_cut_at_random(system: ProxiedSystem, judge: Judge) -> None:
    """Connections to the database break at random. Nothing is lost and nothing happens twice."""
    draw, cut = Random(5), 0
    async with Workload(system, 540).running(fewest=30) as load:
        for _ in range(60):
            cut += system.postgres[draw.choice(SERVICES)].reset()
            await wait_seconds(draw.uniform(0.1, 0.5))

    await judge.check("5 connections to PostgreSQL cut at random", load, faults=cut)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("away", ["kafka", "postgres"])
async def test_told_to_end_while_a_server_is_away(system: ProxiedSystem, judge: Judge, away: str) -> None:
    """A service that gets SIGTERM while Kafka or its database is down exits with 0."""
    server = system.local.components[away]
    async with Workload(system, 560 + len(away)).running(fewest=15) as load:
        await load.accepted(30)
        server.kill()
        await wait_seconds(3)
        await asyncio.gather(*(asyncio.to_thread(service.stop) for service in system.services.values()))
        assert {service.process.exit_code for service in system.services.values()} == {0}
        server.launch()
        await asyncio.to_thread(server.wait)
        system.launch(SERVICES)

    await judge.check(f"2 told to end while {away} is away", load, faults=len(SERVICES))


@pytest.mark.parametrize("times", [1, pytest.param(5, marks=pytest.mark.long)])
async def test_kafka_killed(system: ProxiedSystem, judge: Judge, times: int) -> None:
    """Kafka is killed and restarts. No published event is lost, and none has two effects.

    A service that cannot reach Kafka for too long ends, and the test starts it again.
    """
    async with Workload(system, 700 + times, window=FEW).running(fewest=FEW) as load, system.restarting():
        for round in range(1, times + 1):
            await load.accepted(30 * round)
            system.local.kafka.kill()
            await wait_seconds(1)
            system.local.kafka.launch()
            await asyncio.to_thread(system.local.kafka.wait)

    await judge.check(f"7 Kafka killed {times} times", load, faults=times)
