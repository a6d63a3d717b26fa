"""Kafka comes back with an empty log (family 7)."""

import asyncio
import shutil
from contextlib import AsyncExitStack

import pytest

from deploy.topics import create_topics, system_topics
from tests.faults.calm import read_out
from tests.faults.kept import DECIDING
from tests.faults.points import relay_of
from tests.faults.stage import Stage, until
from tests.faults.verdict import Court
from tests.faults.workload import Mixture, Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

_MUCH = 50

_READABLE = Mixture(gibberish=0, id_reused=0)
"""Dead letters name a record's place on its topic, and here the places are given twice."""


async def test_an_empty_log(own_stage: Stage, own_court: Court) -> None:
    """When Kafka has lost everything that was read, nothing that was accepted is lost, and work goes on.

    Every service keeps what it has: records and outcomes are in its database, and what was not confirmed by
    Kafka before is still in its outbox and is published to the new log; it may be published twice. Who reads
    from the new log's beginning never takes a place in the old log for one in the new.

    What was on the topics and had not been read is lost with them, and no service can bring it back: a
    command that was confirmed and not answered is to be sent again by whoever sent it, under the same id;
    an event that a service had not read stays unknown to it until that record changes again, and reporting
    shows the gap in its count. So here everything published has been read when the log is lost.
    """
    stage, court = own_stage, own_court
    async with Workload(stage, 750, _READABLE).running(fewest=40) as load:
        await load.accepted(100)
        async with AsyncExitStack() as relays:
            for name in DECIDING:
                await relays.enter_async_context(relay_of(stage, name))
            await until(lambda: much_unpublished(stage), "there is much to publish")
            async with load.silent():
                await until(lambda: read_out(stage), "all that was said is read")
                await court.hear()
                await until(lambda: load.outcomes.as_far_as(court.reader), "every outcome has come")
                waiting = await unpublished(stage)
                await lose_the_log(stage, load, court)
    await court.judge("7 Kafka back with an empty log", load, faults=waiting)


async def unpublished(stage: Stage) -> int:
    """How many messages are in the outboxes."""
    count = 0
    for name in DECIDING:
        async with stage.database(name) as database:
            count += await database.fetchval("SELECT count(*) FROM outbox")
    return count


async def much_unpublished(stage: Stage) -> bool:
    """Whether losing the log now says something about the outboxes."""
    return await unpublished(stage) > _MUCH


async def lose_the_log(stage: Stage, load: Workload, court: Court) -> None:
    """Kafka dies, its disk is empty, it is started again, and the topics are made anew."""
    kafka = stage.system.kafka
    kafka.kill()
    shutil.rmtree(kafka.home / "logs")
    court.reader.emptied()
    load.outcomes.emptied()
    await asyncio.to_thread(kafka.launch)
    await asyncio.to_thread(kafka.wait)
    await create_topics(stage.bootstrap, system_topics())
