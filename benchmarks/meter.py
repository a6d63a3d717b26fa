"""Meters each process during a measurement: processor seconds and peak memory."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psutil

from deploy.local.process import Process
from deploy.local.run import ComponentRun
from deploy.local.usage import measure_usage

_LOOK_SECONDS = 1.0
SENDER = "sender and clock"
"""This process: it sends the messages and measures the time."""


@dataclass(frozen=True)
class Used:
    """Processor time in seconds and peak memory in bytes. Child processes included, shared pages once."""

    seconds: float
    memory: int


@dataclass
class Meter:
    """Reads the usage of processes once a second. `begin` starts a new stretch and forgets the one before."""

    processes: Mapping[str, Process]
    _peaks: dict[str, int] = field(default_factory=dict)
    _before: dict[str, float] = field(default_factory=dict)

    def begin(self) -> None:
        """Start a new stretch."""
        self._peaks.clear()
        self._before = self._look()

    def used(self) -> dict[str, Used]:
        """The usage of each process since `begin`."""
        now = self._look()
        return {
            name: Used(seconds - self._before.get(name, 0.0), self._peaks[name])
            for name, seconds in now.items()
        }

    async def follow(self) -> None:
        """Read the usage every second until cancelled."""
        while True:
            await asyncio.to_thread(self._look)
            await asyncio.sleep(_LOOK_SECONDS)

    def _look(self) -> dict[str, float]:
        parts = [
            ComponentRun(name, 0, "", process=process.identity) for name, process in self.processes.items()
        ]
        found = {name: (use.seconds, use.memory) for name, use in measure_usage(parts).items()}
        me = psutil.Process()
        times = me.cpu_times()
        found[SENDER] = (times.user + times.system, me.memory_info().rss)
        for name, (_, memory) in found.items():
            self._peaks[name] = max(memory, self._peaks.get(name, 0))
        return {name: seconds for name, (seconds, _) in found.items()}


@asynccontextmanager
async def metering(**processes: Process) -> AsyncIterator[Meter]:
    """A meter that runs as long as the context."""
    meter = Meter(processes)
    meter.begin()
    following = asyncio.create_task(meter.follow())
    try:
        yield meter
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
