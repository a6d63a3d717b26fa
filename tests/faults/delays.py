"""Delays events: each topic has its own delay."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg

from contracts.catalog import SERVICES, events
from tests.faults.proxied_system import ProxiedSystem

# A trigger moves each new row of the outbox into the table `late`. When the row is due, the test moves it
# back into the outbox. The service and the relay do not notice it. The order within a topic stays.
_INSTALL = """
CREATE TABLE late (LIKE outbox INCLUDING IDENTITY, due timestamptz NOT NULL);
CREATE TABLE lateness (topic text PRIMARY KEY, seconds double precision NOT NULL);
CREATE FUNCTION come_late() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO late (topic, keys, headers, bodies, at, due)
    SELECT new.topic, new.keys, new.headers, new.bodies, new.at, clock_timestamp() + seconds * interval '1 s'
    FROM lateness WHERE lateness.topic = new.topic;
    RETURN CASE WHEN FOUND THEN NULL ELSE new END;
END $$;
CREATE TRIGGER come_late BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION come_late();
"""
_DUE = """
WITH gone AS (DELETE FROM late WHERE due <= clock_timestamp() RETURNING *)
INSERT INTO outbox (topic, keys, headers, bodies, at)
SELECT topic, keys, headers, bodies, at FROM gone ORDER BY id
"""
_UNINSTALL = """
LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE;
DROP TRIGGER come_late ON outbox;
INSERT INTO outbox (topic, keys, headers, bodies, at)
SELECT topic, keys, headers, bodies, at FROM late ORDER BY id;
DROP TABLE late, lateness;
DROP FUNCTION come_late();
"""
_LOOK_SECONDS = 0.1


@asynccontextmanager
async def late(system: ProxiedSystem, seconds: Mapping[str, float]) -> AsyncIterator[list[int]]:
    """Inside: each topic's events arrive this many seconds late. The only element of the list counts them."""
    counted = [0]
    async with AsyncExitStack() as stack:
        for service in SERVICES:
            topics = {entry.topic(): seconds[entry.topic()] for entry in events(service).values()}
            if topics:
                await stack.enter_async_context(_late_from(system, service, topics, counted))
        yield counted


@asynccontextmanager
async def _late_from(
    system: ProxiedSystem, service: str, seconds: Mapping[str, float], counted: list[int]
) -> AsyncIterator[None]:
    async with system.database(service) as database:
        async with database.transaction():
            await database.execute(_INSTALL)
            await database.executemany("INSERT INTO lateness VALUES ($1, $2)", [*seconds.items()])
        releasing = asyncio.create_task(_release(database, counted))
        try:
            yield
        finally:
            releasing.cancel()
            await asyncio.gather(releasing, return_exceptions=True)
            async with system.database(service) as last, last.transaction():
                await last.execute(_UNINSTALL)


async def _release(database: asyncpg.Connection, counted: list[int]) -> None:
    """Moves due rows back into the outbox, without the trigger, until cancelled."""
    await database.execute("SET session_replication_role = replica")
    while True:
        done = await database.execute(_DUE)
        counted[0] += int(done.split()[-1])
        await asyncio.sleep(_LOOK_SECONDS)
