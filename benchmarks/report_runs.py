"""Asks reporting for runs of reports, and measures the process that works them off."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import psutil
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.meter import Meter
from benchmarks.servers import Place
from contracts.access import STATE, Actor, Role
from deploy.local.failure import Failure
from services.reporting.reports import asking
from services.reporting.reports.registry import REPORTS
from services.reporting.reports.worker import beside
from services.reporting.store import runs
from tests.processes import children_running

AT_ONCE = 10
"""So many runs wait while the other things are measured."""

_MODULE = "services.reporting.reports.worker"
_LOOK_SECONDS = 0.05
_ROWS = text("SELECT count(*) FROM run_rows WHERE run_id = :run_id")
_UNDER_WAY = text("SELECT EXISTS (SELECT FROM runs WHERE state = 'running' AND total > 0)")


class Measured(NamedTuple):
    """A finished run: its rows, its seconds from the question to the answer, and those of the processor."""

    rows: int
    seconds: float
    worker: float
    postgres: float

    @property
    def shown(self) -> tuple[str, ...]:
        """As the tables have it."""
        return (f"{self.rows:,}", *(f"{figure:.1f}" for figure in (self.seconds, self.worker, self.postgres)))


@dataclass
class Runs:
    """Reporting's runs. `peak`: the most bytes that the worker took."""

    engine: AsyncEngine
    meter: Meter
    peak: int = 0

    async def one(
        self, report: str, lea: str | None, as_of: date, known_at: datetime | None = None
    ) -> Measured:
        """Ask for a run and wait until it is done. Failure: it is not done in the end."""
        self.meter.begin()
        spent = self._spent()
        run_id = await self._ask(report, lea, as_of, known_at)
        async for _ in self._looks():
            run = await self._run(run_id)
            if run["finished_at"] is not None:
                break
        if run["state"] != "done":
            raise Failure(f"The run of {report} is {run['state']}.", "Look at the worker's log.")
        used = self.meter.used()["postgres"].seconds
        seconds = (run["finished_at"] - run["asked_at"]).total_seconds()
        return Measured(await self._rows(run_id), seconds, self._spent() - spent, used)

    async def ask_for(self, number: int, report: str, as_of: date) -> None:
        """Ask for several runs, and wait until the first is under way."""
        for _ in range(number):
            await self._ask(report, None, as_of, None)
        async for _ in self._looks():
            if await self._any_under_way():
                return

    async def cancel_all(self) -> None:
        """Cancel the runs that are not done."""
        async with self.engine.begin() as database:
            for run_id in await runs.unfinished(database):
                await runs.cancel(database, run_id)

    async def _ask(self, report: str, lea: str | None, as_of: date, known_at: datetime | None) -> UUID:
        viewer = Actor(
            sub="an.analyst", lea=lea or STATE, roles=frozenset({Role.READER if lea else Role.STATE})
        )
        asked = REPORTS[report]
        parameters = asked.parameters(as_of=as_of, known_at=known_at)
        async with self.engine.begin() as database:
            return (await asking.ask(viewer, database, asked, parameters)).run_id

    async def _run(self, run_id: UUID) -> RowMapping:
        async with self.engine.connect() as database:
            run = await runs.one(database, run_id)
        assert run is not None, "nobody deletes it"
        return run

    async def _rows(self, run_id: UUID) -> int:
        async with self.engine.connect() as database:
            return int((await database.execute(_ROWS, {"run_id": run_id})).scalar_one())

    async def _any_under_way(self) -> bool:
        async with self.engine.connect() as database:
            return bool((await database.execute(_UNDER_WAY)).scalar_one())

    async def _looks(self) -> AsyncIterator[None]:
        """Look at the worker's memory again and again."""
        while True:
            for worker in _workers():
                with contextlib.suppress(psutil.NoSuchProcess):
                    self.peak = max(self.peak, worker.memory_info().rss)
            yield
            await asyncio.sleep(_LOOK_SECONDS)

    def _spent(self) -> float:
        """The processor seconds of the worker so far."""
        times = [worker.cpu_times() for worker in _workers()]
        return sum((float(one.user + one.system) for one in times), 0.0)


def _workers() -> list[psutil.Process]:
    return children_running(_MODULE)


@asynccontextmanager
async def working(place: Place, engine: AsyncEngine, meter: Meter) -> AsyncIterator[Runs]:
    """Inside: the worker of reporting works off runs, as it does beside the service."""
    os.environ.update(place.settings)
    task = asyncio.create_task(beside(engine))
    try:
        yield Runs(engine, meter)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
