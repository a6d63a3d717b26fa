"""After the last fault everything drains: nothing left to read, nothing left to publish, nobody waits."""

import asyncio
import time
from importlib import import_module

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from contracts.catalog import SERVICES
from services.chassis.hosting.definition import ServiceDefinition
from tests.faults.stage import Stage

_CALM_SECONDS = 120.0
_LOOK_SECONDS = 0.2


def program(name: str) -> ServiceDefinition:
    """A service as a value."""
    return import_module(f"services.{name}.app").SERVICE  # type: ignore[no-any-return]


async def calm(stage: Stage, *, defects: int = 0, tended: bool = True) -> float:
    """Waits until all is drained, and says for how many seconds; the test fails if it takes too long.

    `defects`: messages that wait for newer code, and are to stay. `tended`: who has died is started again.
    """
    began = time.monotonic()
    left = "nothing was looked at"
    while time.monotonic() - began < _CALM_SECONDS:
        if tended:
            stage.tend()
        try:
            left = await _left(stage, defects)
        except (KafkaError, OSError, TimeoutError) as away:
            left = f"{type(away).__name__}: {away}"
        if not left:
            return time.monotonic() - began
        await asyncio.sleep(_LOOK_SECONDS)
    raise AssertionError(f"no calm within {_CALM_SECONDS:.0f} s: {left}")


async def read_out(stage: Stage) -> bool:
    """Whether nobody has anything to read."""
    return not await _unread(stage, await _ends(stage))


async def _left(stage: Stage, defects: int) -> str:
    """What is not drained yet. Nothing was on its way if nothing was left to read before and after the
    outboxes were found empty, and the topics did not grow."""
    before = await _ends(stage)
    if unread := await _unread(stage, before):
        return unread
    for name in SERVICES:
        if kept := await _kept(stage, name, defects):
            return kept
    return "" if await _ends(stage) == before else "the topics grow"


async def _kept(stage: Stage, name: str, defects: int) -> str:
    async with stage.database(name) as database:
        outbox = await database.fetchval("SELECT count(*) FROM outbox")
        waiting = await database.fetchval("SELECT count(*) FROM held WHERE until IS NOT NULL")
        defect = await database.fetchval("SELECT count(*) FROM held WHERE until IS NULL")
    if outbox or waiting:
        return f"{name} has {outbox} messages to publish, and {waiting} that wait"
    return f"{name} holds {defect} messages for a defect" if defect > defects else ""


async def _ends(stage: Stage) -> dict[TopicPartition, int]:
    names = sorted({topic for name in SERVICES for topic in program(name).topics("")})
    consumer = AIOKafkaConsumer(*names, bootstrap_servers=stage.bootstrap, group_id=None)
    await consumer.start()
    try:
        return dict(await consumer.end_offsets(list(consumer.assignment())))
    finally:
        await consumer.stop()


async def _unread(stage: Stage, ends: dict[TopicPartition, int]) -> str:
    async with stage.admin() as admin:
        for name in SERVICES:
            committed = await admin.list_consumer_group_offsets(f"ser.{name}")
            topics = set(program(name).topics(""))
            behind = sum(
                end - (committed[place].offset if place in committed else 0)
                for place, end in ends.items()
                if place.topic in topics and end
            )
            if behind:
                return f"{name} has {behind} records to read"
    return ""
