"""Everything is read again from the start, or read late (families 8 and 14)."""

import asyncio
import time
from functools import partial

import pytest
from aiokafka.protocol.admin import DeleteGroupsRequest

from contracts.catalog import SERVICES
from tests.faults.judge import rereads
from tests.faults.stage import Stage, lasting, until
from tests.faults.verdict import Court
from tests.faults.workload import Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

_AWAY_SECONDS = 60


async def test_offsets_wiped(stage: Stage, court: Court) -> None:
    """Every service reads everything again while work goes on, and nothing happens twice."""
    async with Workload(stage, 300).running(fewest=30) as load:
        await load.accepted(100)
        for service in stage.services.values():
            await asyncio.to_thread(service.stop)
        for name in SERVICES:
            await until(partial(forgotten, stage, name), f"the offsets of {name} are forgotten")
        stage.launch(SERVICES)
        await stage.ready()

    case = await court.judge("8 offsets wiped", load, len(SERVICES), must_be_read_again=True)
    assert rereads(case) > load.messages / 4


async def forgotten(stage: Stage, service: str) -> bool:
    """Whether Kafka has forgotten the service's group, which it does once nobody is in it."""
    group = f"ser.{service}"
    async with stage.admin() as admin:
        coordinator = await admin.find_coordinator(group)
        answer = await admin._send_request_to_node(coordinator, DeleteGroupsRequest([group]))
    return all(code == 0 for _, code in answer.results)


async def test_reporting_away_under_load(stage: Stage, court: Court) -> None:
    """Reporting, away for a minute under load, catches up, and has missed nothing."""
    async with Workload(stage, 301).running(fewest=30) as load:
        stage.kill(("reporting",))
        await lasting(_AWAY_SECONDS)
        stage.launch(("reporting",))
        began = time.monotonic()
    case = await court.judge("14 reporting away for a minute", load, faults=1)
    assert time.monotonic() - began < _AWAY_SECONDS
    assert case.reported.streams
