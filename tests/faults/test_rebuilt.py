"""Reporting rebuilds a lost read model from the topics (promise P6, in full)."""

import asyncio
import time
from collections import Counter
from functools import partial

import pytest

from deploy.local.service import ServiceProcess
from services.chassis.keeping.tables import METADATA
from tests.faults.draining import wait_until_drained
from tests.faults.judging import Judge
from tests.faults.proxied_system import ProxiedSystem, until
from tests.faults.test_backlog import forgotten
from tests.faults.workload import Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

_AGAIN = "again"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_OF_EVERY_SERVICE = {"alembic_version", *METADATA.tables}
"""Tables that count a process's work, or that are empty in reporting."""

_HEARTBEATS = "SELECT owner::text || ' ' || ahead::text FROM heartbeats"
"""The services send heartbeats while reporting is rebuilt, so the times of the last ones differ."""

_TALLIES = "SELECT owner::text || ' ' || sum(events) FROM tallies GROUP BY owner"


async def test_rebuilt_beside(system: ProxiedSystem, judge: Judge) -> None:
    """A second reporting that reads all topics from the beginning has the same rows as the first.

    Both have the same group, and heartbeats come all the time. So the first reads all topics again, too.
    """
    async with Workload(system, 610).running(fewest=20) as load:
        pass
    evidence = await judge.check("P6 before the second reporting", load, faults=1)
    first = await rows(system, "reporting")

    await asyncio.to_thread(system.services["reporting"].stop)
    await until(partial(forgotten, system, "reporting"), "the offsets of reporting are forgotten")
    began = time.monotonic()
    second = await another_reporting(system)
    await wait_until_drained(system, restart=False)
    read = time.monotonic() - began
    assert await rows(system, _AGAIN) == first
    await asyncio.to_thread(second.stop)
    await until(partial(forgotten, system, "reporting"), "the offsets of the second reporting are forgotten")
    system.launch(("reporting",))
    await system.ready(("reporting",))

    revisions = len(evidence.reporting.revisions)
    words = f"{sum(map(len, first.values())):,} rows of {revisions:,} events rebuilt in {read:.0f} s"
    await judge.check("P6 rebuilt beside, row by row", load, faults=1, words=words)
    assert await rows(system, "reporting") == first


async def another_reporting(system: ProxiedSystem) -> ServiceProcess:
    """A process of reporting with its own empty database."""
    name = f"ser_{_AGAIN}"
    password = system.home.password(name)
    await asyncio.to_thread(system.local.postgres.create, name, name, password)
    second = system.new_process("reporting", SER_DATABASE=system.local.postgres.url(name, name, password))
    second.start_migrating()
    await asyncio.to_thread(second.finish_migrating)
    second.launch()
    await asyncio.to_thread(second.wait)
    return second


async def rows(system: ProxiedSystem, name: str) -> dict[str, Counter[str]]:
    """Every row of reporting's tables of events, as text."""
    async with system.database(name) as database:
        tables = {row[0] for row in await database.fetch(_TABLES)} - _OF_EVERY_SERVICE
        questions = {table: f"SELECT contents::text FROM {table} AS contents" for table in tables}
        questions |= {"tallies": _TALLIES, "heartbeats": _HEARTBEATS}
        return {
            table: Counter(row[0] for row in await database.fetch(question))
            for table, question in questions.items()
        }
