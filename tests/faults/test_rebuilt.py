"""A read model that was lost is rebuilt from the topics (promise P6, the slow way)."""

import asyncio
import time
from collections import Counter
from functools import partial

import pytest

from deploy.local.service import ServiceProcess
from services.chassis.keeping.tables import METADATA
from tests.faults.calm import calm
from tests.faults.stage import Stage, until
from tests.faults.test_backlog import forgotten
from tests.faults.verdict import Court
from tests.faults.workload import Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

_AGAIN = "again"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_OF_EVERY_SERVICE = {"alembic_version", *METADATA.tables}
"""Tables that tell what a process did, or that reporting leaves empty."""

_TALLIES = "SELECT owner::text || ' ' || sum(events) FROM tallies GROUP BY owner"


async def test_rebuilt_beside(stage: Stage, court: Court) -> None:
    """A second reporting that reads the topics from their beginning has, row by row, what the first has."""
    async with Workload(stage, 610).running(fewest=20) as load:
        pass
    case = await court.judge("P6 before the second reporting", load, faults=1)
    first = await rows(stage, "reporting")

    await asyncio.to_thread(stage.services["reporting"].stop)
    await until(partial(forgotten, stage, "reporting"), "the offsets of reporting are forgotten")
    began = time.monotonic()
    second = await another_reporting(stage)
    await calm(stage, tended=False)
    read = time.monotonic() - began
    assert await rows(stage, _AGAIN) == first
    await asyncio.to_thread(second.stop)
    stage.launch(("reporting",))
    await stage.ready(("reporting",))

    revisions = len(case.reported.revisions)
    words = f"{sum(map(len, first.values())):,} rows of {revisions:,} events rebuilt in {read:.0f} s"
    await court.judge("P6 rebuilt beside, row by row", load, faults=1, words=words)
    assert await rows(stage, "reporting") == first


async def another_reporting(stage: Stage) -> ServiceProcess:
    """A process of reporting with an empty database of its own."""
    name = f"ser_{_AGAIN}"
    password = stage.home.password(name)
    await asyncio.to_thread(stage.system.postgres.create, name, name, password)
    second = stage.another("reporting", SER_DATABASE=stage.system.postgres.url(name, name, password))
    second.start_migrating()
    await asyncio.to_thread(second.finish_migrating)
    second.launch()
    await asyncio.to_thread(second.wait)
    return second


async def rows(stage: Stage, name: str) -> dict[str, Counter[str]]:
    """Every row of every table in which a reporting keeps what it was told, as text."""
    async with stage.database(name) as database:
        tables = {row[0] for row in await database.fetch(_TABLES)} - _OF_EVERY_SERVICE
        questions = {table: f"SELECT kept::text FROM {table} AS kept" for table in tables}
        questions["tallies"] = _TALLIES
        return {
            table: Counter(row[0] for row in await database.fetch(question))
            for table, question in questions.items()
        }
