"""Measures how fast a count grows: the rate of its steady stretch, and the time before it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from rich.console import Console

from benchmarks.meter import Meter, Used
from benchmarks.servers import died
from deploy.demo.display import phase
from deploy.local.failure import Failure
from deploy.local.process import Process

_EDGE = 10
_LOOK_SECONDS = 0.05
_STALL_SECONDS = 120.0

Count = Callable[[], Awaitable[int]]
"""Gives the present count."""


@dataclass(frozen=True)
class Stretch:
    """A steady stretch: messages, seconds and the usage of each process, and the time before it.

    `start_seconds`: from the launch of the process to its first message. `first`: the number of messages
    before the stretch, in `first_seconds`. The same number after the stretch is left out too.
    """

    messages: int
    seconds: float
    used: Mapping[str, Used]
    start_seconds: float
    first: int
    first_seconds: float

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds


class Growth:
    """Watches a count from the launch of a process until it has reached `total`.

    The stretch leaves out a tenth at either end. At the start the process warms up; at the end it commits
    its last offsets up to a second late.
    """

    def __init__(self, count: Count, total: int, process: Process) -> None:
        self._count = count
        self._total = total
        self._process = process
        self._launched_at = time.monotonic()
        self._moved_at = self._launched_at
        self._reached = 0

    async def measure_stretch(self, screen: Console, title: str, meter: Meter) -> Stretch:
        """Wait for the whole count, and measure its middle. Failure: the process dies or stalls for 120 s."""
        edge = self._total // _EDGE
        async with phase(screen, title, self._total, lambda: (self._reached, "")):
            _, first_at = await self._until(1)
            before, began_at = await self._until(max(1, edge))
            await asyncio.to_thread(meter.begin)
            until, ended_at = await self._until(self._total - edge)
            used = await asyncio.to_thread(meter.used)
            await self._until(self._total)
            if until == before:
                raise Failure(f"{self._total:,} are too few to measure {title}.", "Choose a larger size.")
        return Stretch(
            messages=until - before,
            seconds=ended_at - began_at,
            used=used,
            start_seconds=first_at - self._launched_at,
            first=before,
            first_seconds=began_at - first_at,
        )

    async def wait_for_all(self, screen: Console, title: str) -> None:
        """Wait for the whole count. Failure: the process dies or stalls for 120 s."""
        async with phase(screen, title, self._total, lambda: (self._reached, "")):
            await self._until(self._total)

    async def _until(self, enough: int) -> tuple[int, float]:
        """The first count that is enough, and its time (monotonic seconds)."""
        while self._reached < enough:
            now, count = time.monotonic(), await self._count()
            if count > self._reached:
                self._reached, self._moved_at = count, now
            elif not self._process.alive:
                raise died(self._process)
            elif now - self._moved_at > _STALL_SECONDS:
                raise Failure(f"{self._process.name} has stalled at {count:,}.", self._process.last_lines())
            await asyncio.sleep(_LOOK_SECONDS)
        return self._reached, self._moved_at


Round = Mapping[str, Stretch]
"""A stretch of each program, measured one after the other."""


def median_round(rounds: Sequence[Round], one: str, other: str) -> Round:
    """The round with the median ratio of one program's rate to another's."""
    return sorted(rounds, key=lambda ways: ratio(ways, one, other))[len(rounds) // 2]


def ratio(ways: Round, one: str, other: str) -> float:
    """One program's rate divided by another's."""
    return ways[one].rate / ways[other].rate


def ratios(rounds: Sequence[Round], one: str, other: str) -> str:
    """One program's rate divided by another's, of each round."""
    return ", ".join(f"{ratio(ways, one, other):.3g}" for ways in rounds)


async def count_messages(consumer: AIOKafkaConsumer, topic: str) -> int:
    """The number of messages that a topic has had, by the ends of its partitions."""
    places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
    found = await consumer.end_offsets(places)
    return int(sum(found.values()))
