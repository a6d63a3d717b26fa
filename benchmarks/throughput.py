"""How fast a number grows: where a start ends and the steady stretch begins, and how long that takes."""

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
_PATIENCE_SECONDS = 120.0

Count = Callable[[], Awaitable[int]]
"""How many there are now."""


@dataclass(frozen=True)
class Stretch:
    """A steady stretch: messages, seconds and what each process used in it; and the time before it.

    `start_seconds`: from the launch of the process to its first message; `first`: how many messages were
    left out before the stretch, in `first_seconds`. As many are left out behind it.
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

    One part in ten is left out at either end: there some messages are under way whose time is outside of the
    stretch, or the last of them wait to be told.
    """

    def __init__(self, count: Count, total: int, process: Process) -> None:
        self._count = count
        self._total = total
        self._process = process
        self._launched_at = time.monotonic()
        self._moved_at = self._launched_at
        self._reached = 0

    async def steady(self, screen: Console, title: str, meter: Meter) -> Stretch:
        """The stretch without its ends; returns when all have come. Failure: the process dies or stands."""
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

    async def all(self, screen: Console, title: str) -> None:
        """Returns when all have come. Failure: the process dies or stands."""
        async with phase(screen, title, self._total, lambda: (self._reached, "")):
            await self._until(self._total)

    async def _until(self, enough: int) -> tuple[int, float]:
        """The first count seen that is enough, and when (monotonic seconds)."""
        while self._reached < enough:
            now, count = time.monotonic(), await self._count()
            if count > self._reached:
                self._reached, self._moved_at = count, now
            elif not self._process.alive:
                raise died(self._process)
            elif now - self._moved_at > _PATIENCE_SECONDS:
                raise Failure(f"{self._process.name} stands still at {count:,}.", self._process.last_lines())
            await asyncio.sleep(_LOOK_SECONDS)
        return self._reached, self._moved_at


Round = Mapping[str, Stretch]
"""A stretch of each way, one after the other."""


def in_the_middle(rounds: Sequence[Round], one: str, other: str) -> Round:
    """The round in which one way's rate divided by another's is neither among the best nor the worst."""
    return sorted(rounds, key=lambda ways: ratio(ways, one, other))[len(rounds) // 2]


def ratio(ways: Round, one: str, other: str) -> float:
    """One way's rate divided by another's."""
    return ways[one].rate / ways[other].rate


def ratios(rounds: Sequence[Round], one: str, other: str) -> str:
    """One way's rate divided by another's in each round."""
    return ", ".join(f"{ratio(ways, one, other):.3g}" for ways in rounds)


async def ends(consumer: AIOKafkaConsumer, topic: str) -> int:
    """How many records a topic has had, by the ends of its partitions."""
    places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
    found = await consumer.end_offsets(places)
    return int(sum(found.values()))
