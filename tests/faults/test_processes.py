"""Processes start, stop, pause, and have two versions (families 2, 3, 4 and 16)."""

import asyncio
import shutil
import signal
from pathlib import Path
from random import Random

import pytest

from contracts.catalog import SERVICES
from deploy.local.home import TREE
from deploy.local.service import ServiceProcess
from tests.faults.judging import Judge
from tests.faults.points import before_commit
from tests.faults.proxied_system import ProxiedSystem, until, wait_seconds
from tests.faults.workload import Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

_STILL_SECONDS = 8
"""Longer than the group's session timeout."""


async def test_told_to_end_in_the_middle_of_a_batch(system: ProxiedSystem, judge: Judge) -> None:
    """A service that gets SIGTERM while it saves a batch finishes the batch and exits with 0."""
    async with Workload(system, 201).running(fewest=15) as load:
        async with before_commit(system, SERVICES):
            for service in system.services.values():
                assert service.process.identity is not None
                service.process.identity.signal(signal.SIGTERM)
        await until(lambda: not any(map(alive, system.services.values())), "all have ended")
        assert {service.process.exit_code for service in system.services.values()} == {0}
        system.launch(SERVICES)

    await judge.check("2 told to end in the middle of a batch", load, faults=len(SERVICES))


async def test_rolling_restart(system: ProxiedSystem, judge: Judge) -> None:
    """An operator restarts all five services under load, one after the other, twice."""
    async with Workload(system, 202).running(fewest=30) as load:
        for name in SERVICES * 2:
            service = system.services[name]
            await asyncio.to_thread(service.stop)
            assert service.process.exit_code == 0
            service.launch()
            await system.ready((name,))

    await judge.check("2 rolling restart of all five, twice", load, faults=2 * len(SERVICES))


async def test_stands_still_while_another_takes_over(system: ProxiedSystem, judge: Judge) -> None:
    """A paused process continues after others took over its work, and does no harm."""
    async with Workload(system, 203).running(fewest=30) as load:
        others = [system.launch_another(name) for name in SERVICES]
        for other in others:
            await asyncio.to_thread(other.wait)
        await still(list(system.services.values()))
        await still(others)

    await judge.check("3 stopped past the session, then continued", load, faults=2 * len(SERVICES))


async def test_stands_still_inside_its_transaction(system: ProxiedSystem, judge: Judge) -> None:
    """A process that is paused inside a transaction loses its locks, and others continue."""
    async with Workload(system, 204).running(fewest=30) as load:
        async with before_commit(system, SERVICES):
            for service in system.services.values():
                service.process.pause()
        others = [system.launch_another(name) for name in SERVICES]
        before = len(load.final)
        await until(
            lambda: len(load.final) > before + 100, "other processes answer 100 commands", seconds=120
        )
        for service in system.services.values():
            service.process.resume()
        for other in others:
            await asyncio.to_thread(other.stop)

    await judge.check("3 stopped inside a transaction, then continued", load, faults=len(SERVICES))


def alive(service: ServiceProcess) -> bool:
    """Whether the process of the service runs."""
    return service.process.alive


async def still(services: list[ServiceProcess]) -> None:
    """Pause services for longer than their session timeout."""
    for service in services:
        service.process.pause()
    await wait_seconds(_STILL_SECONDS)
    for service in services:
        service.process.resume()


async def test_members_come_and_go(system: ProxiedSystem, judge: Judge) -> None:
    """For a minute, every 3 seconds a process joins, stops or is killed."""
    draw, turns = Random(4), 0
    async with Workload(system, 205).running(fewest=30) as load:
        members: list[ServiceProcess] = []
        for _ in range(20):
            turns += 1
            if len(members) < 4 and draw.random() < 0.6:
                members.append(system.launch_another(draw.choice(SERVICES)))
            elif members:
                leaving = members.pop(draw.randrange(len(members)))
                await asyncio.to_thread(draw.choice((leaving.stop, leaving.kill)))
            await wait_seconds(3)
        for member in members:
            await asyncio.to_thread(member.stop)

    await judge.check("4 members join and leave for a minute", load, faults=turns)


async def test_two_versions_side_by_side(system: ProxiedSystem, judge: Judge, tmp_path: Path) -> None:
    """A newer version with one more field runs beside the older one, then alone; then it is rolled back."""
    newer = {"PYTHONPATH": str(a_field_more(tmp_path)), "PYTHONSAFEPATH": "1"}
    async with Workload(system, 206).running(fewest=30) as load:
        others = [system.launch_another(name, **newer) for name in SERVICES]
        for other in others:
            await asyncio.to_thread(other.wait)
        await load.accepted(100)
        for service in system.services.values():
            await asyncio.to_thread(service.stop)
        await load.accepted(len(load.final) + 100)
        system.launch(SERVICES)
        await system.ready()
        for other in others:
            await asyncio.to_thread(other.stop)

    evidence = await judge.check("16 two versions side by side, then back", load, faults=2 * len(SERVICES))
    ours = {student.state_id for student in load.students}
    assert any(
        "remark" in state.body
        for database in evidence.databases.values()
        for (student, *_), state in database.records.items()
        if student in ours
    ), "nothing was written by the newer version"


def a_field_more(folder: Path) -> Path:
    """A copy of the services whose records have one more field."""
    for package in ("contracts", "services"):
        shutil.copytree(TREE / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    message = folder / "contracts" / "message.py"
    before = '    revision: int = Field(ge=1, description="Counts the states of this record, from 1.")\n'
    source = message.read_text()
    assert before in source
    message.write_text(source.replace(before, before + '    remark: str = "of a newer version"\n'))
    return folder
