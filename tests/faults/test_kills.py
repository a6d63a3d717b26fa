"""Services are killed at every point of their work (family 1)."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

import pytest

from contracts.catalog import SERVICES
from tests.faults.judging import Judge
from tests.faults.points import (
    after_commit,
    before_anything,
    before_commit,
    between_produce_and_delete,
    rebalancing,
)
from tests.faults.proxied_system import ProxiedSystem
from tests.faults.topic_contents import TopicContents
from tests.faults.workload import FEW, Workload

pytestmark = pytest.mark.system

Point = Callable[[ProxiedSystem, Sequence[str]], AbstractAsyncContextManager[None]]

DECIDING = tuple(name for name in SERVICES if name != "reporting")


def one_and(all_of_them: Sequence[str], one: str) -> pytest.MarkDecorator:
    """One service in the short selection; all services at once in the long one."""
    everybody = pytest.param(tuple(all_of_them), marks=pytest.mark.long, id="all-at-once")
    return pytest.mark.parametrize("services", [pytest.param((one,), id=one), everybody])


@one_and(SERVICES, "students")
async def test_before_its_transaction(system: ProxiedSystem, judge: Judge, services: Sequence[str]) -> None:
    """A service dies after it has read messages. The next process handles them."""
    async with workload(system, 100, services).running(fewest=FEW) as load:
        killed = await killed_at(before_anything, system, services)

    await judge.check(words("before the transaction", services), load, killed)


@one_and(SERVICES, "jurisdiction")
async def test_before_its_commit(system: ProxiedSystem, judge: Judge, services: Sequence[str]) -> None:
    """A service dies before its commit. Nothing of its batch has happened."""
    async with workload(system, 110, services).running(fewest=FEW) as load:
        killed = await killed_at(before_commit, system, services)

    await judge.check(words("before the commit", services), load, killed)


@one_and(SERVICES, "ieps")
async def test_between_commit_and_acknowledgement(
    system: ProxiedSystem, judge: Judge, services: Sequence[str]
) -> None:
    """A service dies after its commit. It reads its messages again and finds that they are duplicates."""
    async with workload(system, 120, services).running(fewest=FEW) as load:
        killed = await killed_at(after_commit, system, services)

    await judge.check(words("after commit, before ack", services), load, killed, must_reread=True)


@one_and(DECIDING, "provision")
async def test_between_produce_and_delete(
    system: ProxiedSystem, judge: Judge, services: Sequence[str]
) -> None:
    """A relay dies before it deletes published rows. It publishes them again; they have their effect once."""
    async with workload(system, 130, services).running(fewest=FEW) as load:
        killed = await killed_at(between_produce_and_delete, system, services)

    evidence = await judge.check(words("after produce, before delete", services), load, killed)
    assert all(published_twice(evidence.topics, name) > 0 for name in services), "nothing was published twice"


@one_and(SERVICES, "reporting")
async def test_during_a_rebalance(system: ProxiedSystem, judge: Judge, services: Sequence[str]) -> None:
    """A service dies during a rebalance. The other processes take over its partitions."""
    async with workload(system, 140, services).running(fewest=FEW) as load:
        newcomers = []
        for name in services:
            newcomers.append(await rebalancing(system, name))
            system.kill((name,))
        system.launch(services)
        await system.ready(services)
        for newcomer in newcomers:
            newcomer.stop()

    await judge.check(words("during a rebalance", services), load, len(services))


def workload(system: ProxiedSystem, family: int, services: Sequence[str]) -> Workload:
    """A workload with few students for one service, and more for all."""
    return Workload(system, family + len(services), window=FEW if len(services) == 1 else 20)


async def killed_at(point: Point, system: ProxiedSystem, services: Sequence[str]) -> int:
    """Kill services at a point and start them again; returns their number."""
    async with point(system, services):
        killed = system.kill(services)
    system.launch(services)
    return killed


def published_twice(topics: TopicContents, owner: str) -> int:
    """The number of a service's messages that are on the topics more than once."""
    ids = Counter(event.id for event in topics.events_of(owner))
    ids.update(outcome.id for outcome in topics.outcomes if outcome.owner == owner)
    return sum(times > 1 for times in ids.values())


def words(point: str, services: Sequence[str]) -> str:
    """The name of the family in the table."""
    return f"1 killed {point} ({services[0] if len(services) == 1 else len(services)})"
