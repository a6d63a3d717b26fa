"""Two processes of reporting retry held messages at the same time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest_asyncio

from services.chassis.deciding.batch import Writes
from services.chassis.decoding.messages import ReceivedEvent
from services.chassis.holding.queue import Held
from services.chassis.keeping.transaction import PostgresStore
from services.reporting.app import SERVICE
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.integration.running import until
from tests.unit.reporting.events import Child, Publisher

ANNA = Child("1000000001")
_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


def keeping(reporting: ReportingQueries, event: ReceivedEvent) -> PostgresStore:
    """Reporting's store, in which every held message is this one."""
    return PostgresStore(reporting.queries.engine, SERVICE, lambda raw, actor: event)


async def test_one_process_takes_up_what_is_held(reporting: ReportingQueries) -> None:
    """One process retries the messages; the other waits and finds none. Otherwise it would delete later
    messages."""
    (event,) = Publisher().publish(ANNA.added())
    store = keeping(reporting, event)
    async with store.transaction() as transaction:
        await transaction.hold_unloaded(event, "KeyError")

    async def taken_up() -> list[Held]:
        async with store.transaction() as transaction:
            return (await transaction.queues([event.subject]))[event.subject]

    async with store.transaction() as first:
        (held,) = (await first.queues([event.subject]))[event.subject]
        second = asyncio.create_task(taken_up())

        async def waits() -> bool | None:
            return True if await reporting.rows(_WAITING) == [(1,)] else None

        await until(waits, "the other process waits")
        await first.save(Writes(released={(event.subject, held.position)}))

    assert await second == []
