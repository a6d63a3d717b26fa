"""A service is killed at every point of its work (family 1)."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

import pytest

from contracts.catalog import SERVICES
from tests.faults.heard import Heard
from tests.faults.points import (
    after_commit,
    before_anything,
    before_commit,
    between_produce_and_delete,
    rebalancing,
)
from tests.faults.stage import Stage
from tests.faults.verdict import Court
from tests.faults.workload import FEW, Workload

pytestmark = pytest.mark.system

Standing = Callable[[Stage, Sequence[str]], AbstractAsyncContextManager[None]]

DECIDING = tuple(name for name in SERVICES if name != "reporting")


def one_and(all_of_them: Sequence[str], one: str) -> pytest.MarkDecorator:
    """A service in the smoke selection; all of them at once where there is time."""
    everybody = pytest.param(tuple(all_of_them), marks=pytest.mark.long, id="all-at-once")
    return pytest.mark.parametrize("services", [pytest.param((one,), id=one), everybody])


@one_and(SERVICES, "students")
async def test_before_its_transaction(stage: Stage, court: Court, services: Sequence[str]) -> None:
    """A service that dies with records it has only read leaves them to the next process."""
    async with workload(stage, 100, services).running(fewest=FEW) as load:
        killed = await killed_at(before_anything, stage, services)

    await court.judge(words("before the transaction", services), load, killed)


@one_and(SERVICES, "jurisdiction")
async def test_before_its_commit(stage: Stage, court: Court, services: Sequence[str]) -> None:
    """A service that dies with everything written and nothing committed has done nothing."""
    async with workload(stage, 110, services).running(fewest=FEW) as load:
        killed = await killed_at(before_commit, stage, services)

    await court.judge(words("before the commit", services), load, killed)


@one_and(SERVICES, "ieps")
async def test_between_commit_and_acknowledgement(
    stage: Stage, court: Court, services: Sequence[str]
) -> None:
    """A service that dies after its commit reads its records again, and each is a duplicate."""
    async with workload(stage, 120, services).running(fewest=FEW) as load:
        killed = await killed_at(after_commit, stage, services)

    await court.judge(words("after commit, before ack", services), load, killed, must_be_read_again=True)


@one_and(DECIDING, "provision")
async def test_between_produce_and_delete(stage: Stage, court: Court, services: Sequence[str]) -> None:
    """What was published and not crossed off is published again under the same id, and happens once."""
    async with workload(stage, 130, services).running(fewest=FEW) as load:
        killed = await killed_at(between_produce_and_delete, stage, services)

    case = await court.judge(words("after produce, before delete", services), load, killed)
    assert all(said_again(case.heard, name) > 0 for name in services), "nothing was published twice"


@one_and(SERVICES, "reporting")
async def test_during_a_rebalance(stage: Stage, court: Court, services: Sequence[str]) -> None:
    """A service that dies while its group divides the partitions anew leaves its share to the others."""
    async with workload(stage, 140, services).running(fewest=FEW) as load:
        newcomers = []
        for name in services:
            newcomers.append(await rebalancing(stage, name))
            stage.kill((name,))
        stage.launch(services)
        await stage.ready(services)
        for newcomer in newcomers:
            newcomer.stop()

    await court.judge(words("during a rebalance", services), load, len(services))


def workload(stage: Stage, family: int, services: Sequence[str]) -> Workload:
    """Few students where one service is killed, more where all are."""
    return Workload(stage, family + len(services), window=FEW if len(services) == 1 else 20)


async def killed_at(point: Standing, stage: Stage, services: Sequence[str]) -> int:
    """Kill services that stand at a point and start them again; says how many."""
    async with point(stage, services):
        killed = stage.kill(services)
    stage.launch(services)
    return killed


def said_again(heard: Heard, owner: str) -> int:
    """How many of a service's messages stand on the topics more than once."""
    ids = Counter(told.id for told in heard.events(owner))
    ids.update(answered.id for answered in heard.answered if answered.owner == owner)
    return sum(times > 1 for times in ids.values())


def words(point: str, services: Sequence[str]) -> str:
    """The name of the family in the table."""
    return f"1 killed {point} ({services[0] if len(services) == 1 else len(services)})"
