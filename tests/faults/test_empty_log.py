"""Kafka loses its log (family 7)."""

import asyncio
import shutil
from contextlib import AsyncExitStack

import pytest

from deploy.topics import create_topics, system_topics
from tests.faults.database_contents import DECIDING, UNPUBLISHED
from tests.faults.draining import all_read
from tests.faults.judging import Judge
from tests.faults.points import relay_of
from tests.faults.proxied_system import ProxiedSystem, until
from tests.faults.workload import Mixture, Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

_MUCH = 50
"""The outboxes need so many messages. They get no more than the students under way have sent, and one row has
many of them."""

_READABLE = Mixture(gibberish=0, id_reused=0)
"""No unreadable messages: dead letters name offsets, and the new log uses the same offsets again."""


async def test_an_empty_log(own_system: ProxiedSystem, own_judge: Judge) -> None:
    """Kafka loses its log after the services have read it. No accepted command is lost, and work continues.

    Each service has its records and outcomes in its database. Its outbox has the messages that Kafka had not
    confirmed. The relay publishes them to the new log, perhaps twice. A service reads the new log from its
    beginning and never mistakes an offset of the old log for one of the new log.

    Unread messages are lost with the log. A sender must send an unanswered command again with the same id. A
    service misses an unread event until its record changes again; reporting shows the gap in its count. So in
    this test the services have read all published messages before Kafka loses its log.
    """
    system, judge = own_system, own_judge
    async with Workload(system, 750, _READABLE).running(fewest=40) as load:
        await load.accepted(100)
        async with AsyncExitStack() as relays:
            for name in DECIDING:
                await relays.enter_async_context(relay_of(system, name))
            await until(lambda: much_unpublished(system), "there is much to publish")
            async with load.paused():
                await until(lambda: all_read(system), "the services have read all messages")
                await judge.read_topics()
                await until(
                    lambda: load.outcomes.has_read_as_far_as(judge.reader),
                    "the sender has read every outcome",
                )
                waiting = await unpublished(system)
                await lose_the_log(system, load, judge)
    await judge.check("7 Kafka back with an empty log", load, faults=waiting)


async def unpublished(system: ProxiedSystem) -> int:
    """The number of messages in all outboxes."""
    count = 0
    for name in DECIDING:
        async with system.database(name) as database:
            count += await database.fetchval(UNPUBLISHED)
    return count


async def much_unpublished(system: ProxiedSystem) -> bool:
    """Whether the outboxes have enough messages for this test."""
    return await unpublished(system) > _MUCH


async def lose_the_log(system: ProxiedSystem, load: Workload, judge: Judge) -> None:
    """Kill Kafka, delete its log, start it again, and create the topics again."""
    kafka = system.local.kafka
    kafka.kill()
    shutil.rmtree(kafka.home / "logs")
    judge.reader.start_over()
    load.outcomes.start_over()
    await asyncio.to_thread(kafka.launch)
    await asyncio.to_thread(kafka.wait)
    await create_topics(system.bootstrap, system_topics())
