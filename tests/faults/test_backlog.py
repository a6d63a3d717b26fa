"""Services read all messages again, or late (families 8 and 14)."""

import asyncio
import time
from functools import partial

import pytest
from aiokafka.protocol.admin import DeleteGroupsRequest

from contracts.catalog import SERVICES
from tests.faults.judging import Judge
from tests.faults.promises import rereads
from tests.faults.proxied_system import ProxiedSystem, until, wait_seconds
from tests.faults.workload import Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

_AWAY_SECONDS = 60


async def test_offsets_wiped(system: ProxiedSystem, judge: Judge) -> None:
    """Every service reads all messages again under load. Nothing happens twice."""
    async with Workload(system, 300).running(fewest=30) as load:
        await load.accepted(100)
        for service in system.services.values():
            await asyncio.to_thread(service.stop)
        for name in SERVICES:
            await until(partial(forgotten, system, name), f"the offsets of {name} are forgotten")
        system.launch(SERVICES)
        await system.ready()

    evidence = await judge.check("8 offsets wiped", load, len(SERVICES), must_reread=True)
    assert rereads(evidence) > load.messages / 4


async def forgotten(system: ProxiedSystem, service: str) -> bool:
    """Whether Kafka has deleted the service's group. It does so when the group has no members."""
    group = f"ser.{service}"
    async with system.admin() as admin:
        coordinator = await admin.find_coordinator(group)
        answer = await admin._send_request_to_node(coordinator, DeleteGroupsRequest([group]))
    return all(code == 0 for _, code in answer.results)


async def test_reporting_away_under_load(system: ProxiedSystem, judge: Judge) -> None:
    """Reporting is down for a minute under load. It catches up within a minute and misses nothing."""
    async with Workload(system, 301).running(fewest=30) as load:
        system.kill(("reporting",))
        await wait_seconds(_AWAY_SECONDS)
        system.launch(("reporting",))
        began = time.monotonic()
    evidence = await judge.check("14 reporting away for a minute", load, faults=1)
    assert time.monotonic() - began < _AWAY_SECONDS
    assert evidence.reporting.streams
