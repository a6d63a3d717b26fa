"""Stops a service at one exact point of its work, so that a test can kill it there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

from deploy.local.service import ServiceProcess
from tests.faults.proxied_system import ProxiedSystem, until
from tests.faults.proxy import OFFSET_COMMIT, Behavior, Proxy

# One statement waits for our lock; statements that wait behind it are at the same point.
_BLOCKED = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE $1
"""
# PostgreSQL finishes a statement even if its client is dead.
_END_DELETES = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE '%DELETE FROM outbox%'
"""
SAVING = "a batch is saved"
"""The first words of the statement that saves a batch. PostgreSQL shows only the beginning of a statement."""

_NEWCOMERS, _REBALANCE_SECONDS = 5, 30.0

_END_RELAY = """
SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE datname = current_database() AND locktype = 'advisory' AND objid = 1 AND granted AND pid <> $1
"""


@asynccontextmanager
async def table_locked(system: ProxiedSystem, service: str, table: str) -> AsyncIterator[None]:
    """Inside: the test has an exclusive lock on a table, so that the service's transaction waits for it."""
    async with system.database(service) as database, database.transaction():
        await database.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


async def until_blocked(system: ProxiedSystem, service: str, statement: str) -> None:
    """Returns when a process of the service waits for a lock in a statement that contains `statement`."""
    async with system.database(service) as database:

        async def blocked() -> int:
            return int(await database.fetchval(_BLOCKED, f"%{statement}%"))

        await until(blocked, f"{service} waits at {statement}")


@asynccontextmanager
async def before_anything(system: ProxiedSystem, services: Sequence[str]) -> AsyncIterator[None]:
    """Inside: each service has read messages, and its transaction waits at its first statement."""
    async with _blocked_at(system, {name: _first_table(name) for name in services}):
        yield


@asynccontextmanager
async def before_commit(system: ProxiedSystem, services: Sequence[str]) -> AsyncIterator[None]:
    """Inside: each service has written all but its counts, and waits before its commit.

    The test locks rows, not the table: a statement gets all its table locks before it writes anything.
    """
    async with AsyncExitStack() as counts:
        for name in services:
            database = await counts.enter_async_context(system.database(name))
            await until(partial(database.fetch, "SELECT FROM reads"), f"{name} has read something")
            await counts.enter_async_context(database.transaction())
            await database.execute("SELECT FROM reads FOR UPDATE")
        for name in services:
            await until_blocked(system, name, SAVING)
        yield


@asynccontextmanager
async def after_commit(system: ProxiedSystem, services: Sequence[str]) -> AsyncIterator[None]:
    """Inside: each service has committed a batch to its database and cannot commit its offsets to Kafka."""
    proxies = [system.kafka[name] for name in services]
    before = [proxy.stalled[OFFSET_COMMIT] for proxy in proxies]
    for proxy in proxies:
        proxy.behave(Behavior(stalled_by=frozenset({OFFSET_COMMIT})))
    try:
        for proxy, stalled in zip(proxies, before, strict=True):
            await _more_than(stalled, proxy)
        yield
    finally:
        for proxy in proxies:
            proxy.behave()


async def _more_than(stalled: int, proxy: Proxy) -> None:
    await until(lambda: proxy.stalled[OFFSET_COMMIT] > stalled, "a request to commit offsets")


@asynccontextmanager
async def between_produce_and_delete(system: ProxiedSystem, services: Sequence[str]) -> AsyncIterator[None]:
    """Inside: each relay has published its outbox, and waits before it deletes the rows."""
    async with AsyncExitStack() as rows:
        for name in services:
            async with relay_of(system, name):
                await rows.enter_async_context(_outbox_rows_locked(system, name))
        for name in services:
            await until_blocked(system, name, "DELETE FROM outbox")
        yield


@asynccontextmanager
async def relay_of(system: ProxiedSystem, service: str) -> AsyncIterator[None]:
    """Inside: the test has the relay's lock, so that all new rows stay in the outbox."""
    async with system.database(service) as database, system.database(service) as administrator:
        me = database.get_server_pid()
        waiting = asyncio.create_task(database.execute("SELECT pg_advisory_lock(1)"))

        async def granted() -> bool:
            await administrator.execute(_END_RELAY, me)
            return waiting.done()

        await until(granted, f"the lock of {service}'s relay")
        await waiting
        yield


@asynccontextmanager
async def _outbox_rows_locked(system: ProxiedSystem, service: str) -> AsyncIterator[None]:
    """Inside: the relay can read and publish the rows of the outbox, and cannot delete them."""
    async with system.database(service) as database:
        await until(lambda: database.fetchval("SELECT count(*) FROM outbox"), f"{service} has to publish")
        async with database.transaction():
            await database.execute("SELECT FROM outbox FOR UPDATE")
            yield
            await database.execute(_END_DELETES)


async def rebalancing(system: ProxiedSystem, service: str) -> ServiceProcess:
    """Starts another process of a service and returns it while Kafka rebalances the group.

    If the test misses the rebalance, it kills that process and starts another one.
    """
    async with system.admin() as admin:

        async def between() -> bool:
            answers = await admin.describe_consumer_groups([f"ser.{service}"])
            return any(group[2] == "PreparingRebalance" for answer in answers for group in answer.groups)

        for _ in range(_NEWCOMERS):
            newcomer = system.launch_another(service)
            with suppress(AssertionError):
                await until(between, f"a rebalance of {service}", _REBALANCE_SECONDS)
                return newcomer
            newcomer.kill()
    raise AssertionError(f"started {_NEWCOMERS} processes of {service} and saw no rebalance")


@asynccontextmanager
async def _blocked_at(system: ProxiedSystem, tables: dict[str, str]) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for name, table in tables.items():
            await stack.enter_async_context(table_locked(system, name, table))
        for name, table in tables.items():
            await until_blocked(system, name, table)
        yield


def _first_table(service: str) -> str:
    """The first table that a service's transaction uses."""
    return "revisions" if service == "reporting" else "ledger"
