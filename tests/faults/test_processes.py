"""Processes of a service come, go, stand still, and are of two versions (families 2, 3, 4 and 16)."""

import asyncio
import shutil
import signal
from pathlib import Path
from random import Random

import pytest

from contracts.catalog import SERVICES
from deploy.local.home import TREE
from deploy.local.service import ServiceProcess
from tests.faults.points import before_commit
from tests.faults.stage import Stage, lasting, until
from tests.faults.verdict import Court
from tests.faults.workload import Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

_STILL_SECONDS = 8
"""Longer than a session of the group."""


async def test_told_to_end_in_the_middle_of_a_batch(stage: Stage, court: Court) -> None:
    """Told to end while it writes, each service finishes what it has in hand and ends well."""
    async with Workload(stage, 201).running(fewest=15) as load:
        async with before_commit(stage, SERVICES):
            for service in stage.services.values():
                assert service.process.identity is not None
                service.process.identity.signal(signal.SIGTERM)
        await until(lambda: not any(map(alive, stage.services.values())), "all have ended")
        assert {service.process.exit_code for service in stage.services.values()} == {0}
        stage.launch(SERVICES)

    await court.judge("2 told to end in the middle of a batch", load, faults=len(SERVICES))


async def test_rolling_restart(stage: Stage, court: Court) -> None:
    """All five are restarted under load, one after the other, twice."""
    async with Workload(stage, 202).running(fewest=30) as load:
        for name in SERVICES * 2:
            service = stage.services[name]
            await asyncio.to_thread(service.stop)
            assert service.process.exit_code == 0
            service.launch()
            await stage.ready((name,))

    await court.judge("2 rolling restart of all five, twice", load, faults=2 * len(SERVICES))


async def test_stands_still_while_another_takes_over(stage: Stage, court: Court) -> None:
    """A process that stood still and moves again finds that others did its work, and does no harm."""
    async with Workload(stage, 203).running(fewest=30) as load:
        others = [stage.beside(name) for name in SERVICES]
        for other in others:
            await asyncio.to_thread(other.wait)
        await still(list(stage.services.values()))
        await still(others)

    await court.judge("3 stopped past the session, then continued", load, faults=2 * len(SERVICES))


async def test_stands_still_inside_its_transaction(stage: Stage, court: Court) -> None:
    """A process that stands still with locks in its hands loses them, and others go on."""
    async with Workload(stage, 204).running(fewest=30) as load:
        async with before_commit(stage, SERVICES):
            for service in stage.services.values():
                service.process.pause()
        others = [stage.beside(name) for name in SERVICES]
        before = len(load.final)
        await until(lambda: len(load.final) > before + 100, "others go on", seconds=120)
        for service in stage.services.values():
            service.process.resume()
        for other in others:
            await asyncio.to_thread(other.stop)

    await court.judge("3 stopped inside a transaction, then continued", load, faults=len(SERVICES))


def alive(service: ServiceProcess) -> bool:
    """Whether its process is there."""
    return service.process.alive


async def still(services: list[ServiceProcess]) -> None:
    """All of them stand still for longer than a session of their group."""
    for service in services:
        service.process.pause()
    await lasting(_STILL_SECONDS)
    for service in services:
        service.process.resume()


async def test_members_come_and_go(stage: Stage, court: Court) -> None:
    """For a minute, every few seconds a process of some service joins, ends or is killed."""
    draw, turns = Random(4), 0
    async with Workload(stage, 205).running(fewest=30) as load:
        members: list[ServiceProcess] = []
        for _ in range(20):
            turns += 1
            if len(members) < 4 and draw.random() < 0.6:
                members.append(stage.beside(draw.choice(SERVICES)))
            elif members:
                leaving = members.pop(draw.randrange(len(members)))
                await asyncio.to_thread(draw.choice((leaving.stop, leaving.kill)))
            await lasting(3)
        for member in members:
            await asyncio.to_thread(member.stop)

    await court.judge("4 members join and leave for a minute", load, faults=turns)


async def test_two_versions_side_by_side(stage: Stage, court: Court, tmp_path: Path) -> None:
    """Processes whose messages have a field more work beside those of before, alone, and are taken back."""
    newer = {"PYTHONPATH": str(a_field_more(tmp_path)), "PYTHONSAFEPATH": "1"}
    async with Workload(stage, 206).running(fewest=30) as load:
        others = [stage.beside(name, **newer) for name in SERVICES]
        for other in others:
            await asyncio.to_thread(other.wait)
        await load.accepted(100)
        for service in stage.services.values():
            await asyncio.to_thread(service.stop)
        await load.accepted(len(load.final) + 100)
        stage.launch(SERVICES)
        await stage.ready()
        for other in others:
            await asyncio.to_thread(other.stop)

    case = await court.judge("16 two versions side by side, then back", load, faults=2 * len(SERVICES))
    ours = {student.state_id for student in load.students}
    assert any(
        "remark" in state.body
        for kept in case.kept.values()
        for (student, *_), state in kept.own.items()
        if student in ours
    ), "nothing was written by the newer version"


def a_field_more(folder: Path) -> Path:
    """A copy of the services whose every record has a field that ours do not know."""
    for package in ("contracts", "services"):
        shutil.copytree(TREE / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    message = folder / "contracts" / "message.py"
    before = '    revision: int = Field(ge=1, description="Counts the states of this record_id, from 1.")\n'
    source = message.read_text()
    assert before in source
    message.write_text(source.replace(before, before + '    remark: str = "of a newer version"\n'))
    return folder
