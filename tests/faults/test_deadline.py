"""Deadline day: all LEAs send at once, many messages twice, and Kafka restarts (family 17)."""

import asyncio
import time
from statistics import quantiles

import pytest

from tests.faults.judging import Judge
from tests.faults.proxied_system import ProxiedSystem, wait_seconds
from tests.faults.workload import Mixture, Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(900)]

_USUAL = 0.5
"""Students per second on an ordinary day: about twenty messages per second."""

_TIMES, _ORDINARY_SECONDS, _SECONDS = 20, 20, 60


async def test_deadline_day(system: ProxiedSystem, judge: Judge) -> None:
    """Twenty times the usual load comes for a minute and Kafka restarts. Every command is answered."""
    mixture = Mixture(twice=0.2, later_again=0.1)
    load = Workload(system, 170, mixture, window=5_000, pause=1 / _USUAL)
    async with load.running():
        await wait_seconds(_ORDINARY_SECONDS)
        ordinary, sent = len(load.seconds), load.messages
        load.pause, began = 1 / (_USUAL * _TIMES), time.monotonic()
        await wait_seconds(_SECONDS / 2)
        await asyncio.to_thread(system.local.kafka.stop)
        system.local.kafka.launch()
        await asyncio.to_thread(system.local.kafka.wait)
        await wait_seconds(max(0.0, began + _SECONDS - time.monotonic()))
    sent, took = load.messages - sent, time.monotonic() - began
    (usual, _), (median, worst) = percentiles(load.seconds[:ordinary]), percentiles(load.seconds[ordinary:])

    words = (
        f"{sent:,} in {took:.0f} s = {sent / took:,.0f} messages/s;"
        f" answered after {median:.2f} s (p50), {worst:.2f} s (p99); {usual:.2f} s before"
    )
    await judge.check(f"17 {_TIMES} times the load for a minute", load, faults=1, words=words)
    assert sent > _TIMES * _SECONDS, "too few messages for a flood"


def percentiles(seconds: list[float]) -> tuple[float, float]:
    """The median and the 99th percentile."""
    cuts = quantiles(seconds, n=100)
    return cuts[49], cuts[98]
