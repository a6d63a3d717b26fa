"""Deadline day: everybody sends at once, much of it twice, and a broker fails (family 17)."""

import asyncio
import time
from statistics import quantiles

import pytest

from tests.faults.stage import Stage, lasting
from tests.faults.verdict import Court
from tests.faults.workload import Mixture, Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(900)]

_USUAL = 0.5
"""Students a second whose whole stories come in on an ordinary day: about twenty messages a second."""

_TIMES, _ORDINARY_SECONDS, _SECONDS = 20, 20, 60


async def test_deadline_day(stage: Stage, court: Court) -> None:
    """Twenty times the usual load for a minute, much of it twice, and Kafka restarted: all is answered."""
    mixture = Mixture(twice=0.2, later_again=0.1)
    load = Workload(stage, 170, mixture, window=5_000, pause=1 / _USUAL)
    async with load.running():
        await lasting(_ORDINARY_SECONDS)
        ordinary, sent = len(load.seconds), load.messages
        load.pause, began = 1 / (_USUAL * _TIMES), time.monotonic()
        await lasting(_SECONDS / 2)
        await asyncio.to_thread(stage.system.kafka.stop)
        stage.system.kafka.launch()
        await asyncio.to_thread(stage.system.kafka.wait)
        await lasting(max(0.0, began + _SECONDS - time.monotonic()))
    sent, took = load.messages - sent, time.monotonic() - began
    (usual, _), (median, worst) = percentiles(load.seconds[:ordinary]), percentiles(load.seconds[ordinary:])

    words = (
        f"{sent:,} in {took:.0f} s = {sent / took:,.0f} messages/s;"
        f" answered after {median:.2f} s (p50), {worst:.2f} s (p99); {usual:.2f} s before"
    )
    await court.judge(f"17 {_TIMES} times the load for a minute", load, faults=1, words=words)
    assert sent > _TIMES * _SECONDS, "that was no flood"


def percentiles(seconds: list[float]) -> tuple[float, float]:
    """The median, and what one in a hundred exceeds."""
    cuts = quantiles(seconds, n=100)
    return cuts[49], cuts[98]
