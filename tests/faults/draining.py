"""Waits until the system has drained: no unread messages, empty outboxes, no held messages."""

import asyncio
import time
from importlib import import_module

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from contracts.catalog import SERVICES
from services.chassis.hosting.definition import ServiceDefinition
from tests.faults.database_contents import UNPUBLISHED
from tests.faults.proxied_system import ProxiedSystem

_DRAIN_SECONDS = 120.0
_LOOK_SECONDS = 0.2


def definition_of(name: str) -> ServiceDefinition:
    """The definition of a service."""
    return import_module(f"services.{name}.app").SERVICE  # type: ignore[no-any-return]


async def wait_until_drained(system: ProxiedSystem, *, defects: int = 0, restart: bool = True) -> float:
    """Waits until the system has drained, and returns the seconds. The test fails after 120 seconds.

    `defects`: messages that the services hold because of a defect; they stay held. `restart`: starts ended
    services again.
    """
    began = time.monotonic()
    left = "no check was made"
    while time.monotonic() - began < _DRAIN_SECONDS:
        if restart:
            system.restart_ended()
        try:
            left = await _left(system, defects)
        except (KafkaError, OSError, TimeoutError) as away:
            left = f"{type(away).__name__}: {away}"
        if not left:
            return time.monotonic() - began
        await asyncio.sleep(_LOOK_SECONDS)
    raise AssertionError(f"not drained within {_DRAIN_SECONDS:.0f} s: {left}")


async def all_read(system: ProxiedSystem) -> bool:
    """Whether every service has read all messages of its topics."""
    return not await _unread(system, await _ends(system))


async def _left(system: ProxiedSystem, defects: int) -> str:
    """Says what has not drained yet. The system has drained if all messages are read, then all outboxes are
    empty, and meanwhile no topic has grown."""
    before = await _ends(system)
    if unread := await _unread(system, before):
        return unread
    for name in SERVICES:
        if unfinished := await _unfinished(system, name, defects):
            return unfinished
    return "" if await _ends(system) == before else "the topics grow"


async def _unfinished(system: ProxiedSystem, name: str, defects: int) -> str:
    async with system.database(name) as database:
        outbox = await database.fetchval(UNPUBLISHED)
        waiting = await database.fetchval("SELECT count(*) FROM held WHERE until IS NOT NULL")
        defect = await database.fetchval("SELECT count(*) FROM held WHERE until IS NULL")
    if outbox or waiting:
        return f"{name} has {outbox} messages to publish and holds {waiting} that wait"
    return f"{name} holds {defect} messages because of a defect" if defect > defects else ""


async def _ends(system: ProxiedSystem) -> dict[TopicPartition, int]:
    names = sorted({topic for name in SERVICES for topic in definition_of(name).topics("")})
    consumer = AIOKafkaConsumer(*names, bootstrap_servers=system.bootstrap, group_id=None)
    await consumer.start()
    try:
        return dict(await consumer.end_offsets(list(consumer.assignment())))
    finally:
        await consumer.stop()


async def _unread(system: ProxiedSystem, ends: dict[TopicPartition, int]) -> str:
    async with system.admin() as admin:
        for name in SERVICES:
            committed = await admin.list_consumer_group_offsets(f"ser.{name}")
            topics = set(definition_of(name).topics(""))
            behind = sum(
                end - (committed[place].offset if place in committed else 0)
                for place, end in ends.items()
                if place.topic in topics and end
            )
            if behind:
                return f"{name} has {behind} messages to read"
    return ""
