"""Making a service stand still at one exact place, so that it can be killed there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

from deploy.local.service import ServiceProcess
from tests.faults.proxy import OFFSET_COMMIT, Conduct, Proxy
from tests.faults.stage import Stage, until

# One waits for our lock; whoever else waits behind it stands at the same place.
_STANDING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE $1
"""
# The server would finish a statement whose client is dead.
_END_DELETES = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE '%DELETE FROM outbox%'
"""
SAVING = "a batch is saved"
"""Said at the beginning of the statement that keeps everything, of which the server shows so much only."""

_NEWCOMERS, _REBALANCE_SECONDS = 5, 30.0

_END_RELAY = """
SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE datname = current_database() AND locktype = 'advisory' AND objid = 1 AND granted AND pid <> $1
"""


@asynccontextmanager
async def kept_out(stage: Stage, service: str, table: str) -> AsyncIterator[None]:
    """Nobody gets at a table of the service: who wants to stands in its transaction, and waits."""
    async with stage.database(service) as database, database.transaction():
        await database.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


async def stands(stage: Stage, service: str, statement: str) -> None:
    """Returns when a process of the service waits for a lock in such a statement."""
    async with stage.database(service) as database:

        async def standing() -> int:
            return int(await database.fetchval(_STANDING, f"%{statement}%"))

        await until(standing, f"{service} stands at {statement}")


@asynccontextmanager
async def before_anything(stage: Stage, services: Sequence[str]) -> AsyncIterator[None]:
    """Inside: each service has read records and stands before its transaction has learnt anything."""
    async with _out_of(stage, {name: _first_table(name) for name in services}):
        yield


@asynccontextmanager
async def before_commit(stage: Stage, services: Sequence[str]) -> AsyncIterator[None]:
    """Inside: each service has written everything but its counts, and stands before its commit.

    Rows are locked, not the table: a statement waits for all its tables before it writes anything.
    """
    async with AsyncExitStack() as counts:
        for name in services:
            database = await counts.enter_async_context(stage.database(name))
            await until(partial(database.fetch, "SELECT FROM reads"), f"{name} has read something")
            await counts.enter_async_context(database.transaction())
            await database.execute("SELECT FROM reads FOR UPDATE")
        for name in services:
            await stands(stage, name, SAVING)
        yield


@asynccontextmanager
async def after_commit(stage: Stage, services: Sequence[str]) -> AsyncIterator[None]:
    """Inside: each service has committed a batch to its database, and cannot tell Kafka so."""
    proxies = [stage.kafka[name] for name in services]
    before = [proxy.stalled[OFFSET_COMMIT] for proxy in proxies]
    for proxy in proxies:
        proxy.behave(Conduct(stalled_by=frozenset({OFFSET_COMMIT})))
    try:
        for proxy, stalled in zip(proxies, before, strict=True):
            await _more_than(stalled, proxy)
        yield
    finally:
        for proxy in proxies:
            proxy.behave()


async def _more_than(stalled: int, proxy: Proxy) -> None:
    await until(lambda: proxy.stalled[OFFSET_COMMIT] > stalled, "offsets are to be committed")


@asynccontextmanager
async def between_produce_and_delete(stage: Stage, services: Sequence[str]) -> AsyncIterator[None]:
    """Inside: what was in each outbox is on the topics, and each relay stands before it can delete it."""
    async with AsyncExitStack() as rows:
        for name in services:
            async with relay_of(stage, name):
                await rows.enter_async_context(_outbox_kept(stage, name))
        for name in services:
            await stands(stage, name, "DELETE FROM outbox")
        yield


@asynccontextmanager
async def relay_of(stage: Stage, service: str) -> AsyncIterator[None]:
    """Inside: the test has the lock of the service's relay, so what is written stays in the outbox."""
    async with stage.database(service) as database, stage.database(service) as executioner:
        me = database.get_server_pid()
        waiting = asyncio.create_task(database.execute("SELECT pg_advisory_lock(1)"))

        async def granted() -> bool:
            await executioner.execute(_END_RELAY, me)
            return waiting.done()

        await until(granted, f"the lock of {service}'s relay")
        await waiting
        yield


@asynccontextmanager
async def _outbox_kept(stage: Stage, service: str) -> AsyncIterator[None]:
    """What stands in the outbox can be read and published, and not deleted."""
    async with stage.database(service) as database:
        await until(lambda: database.fetchval("SELECT count(*) FROM outbox"), f"{service} has to publish")
        async with database.transaction():
            await database.execute("SELECT FROM outbox FOR UPDATE")
            yield
            await database.execute(_END_DELETES)


async def rebalancing(stage: Stage, service: str) -> ServiceProcess:
    """The newcomer for whom the service's group divides its partitions anew, while it does.

    It may be done between two looks; then the newcomer is killed, and another one comes.
    """
    async with stage.admin() as admin:

        async def between() -> bool:
            answers = await admin.describe_consumer_groups([f"ser.{service}"])
            return any(group[2] == "PreparingRebalance" for answer in answers for group in answer.groups)

        for _ in range(_NEWCOMERS):
            newcomer = stage.beside(service)
            with suppress(AssertionError):
                await until(between, f"a rebalance of {service}", _REBALANCE_SECONDS)
                return newcomer
            newcomer.kill()
    raise AssertionError(f"{_NEWCOMERS} newcomers, and no rebalance of {service} was seen")


@asynccontextmanager
async def _out_of(stage: Stage, tables: dict[str, str]) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for name, table in tables.items():
            await stack.enter_async_context(kept_out(stage, name, table))
        for name, table in tables.items():
            await stands(stage, name, table)
        yield


def _first_table(service: str) -> str:
    """What a service's transaction asks, or writes, first of all."""
    return "revisions" if service == "reporting" else "ledger"
