"""Rebuilds a projection: empties the tables that come from the topics, and reads all topics again.

Tables that no topic can bring back stay: `ServiceDefinition.keeps`, and those that every service has, such as
the access log.
"""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.settings import Settings
from services.chassis.keeping.tables import METADATA
from services.chassis.reading.cluster import Cluster, group_of

_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
_OF_EVERY_SERVICE = frozenset({"alembic_version", *METADATA.tables})


async def rebuild(service: ServiceDefinition, settings: Settings, engine: AsyncEngine) -> Sequence[str]:
    """Empty the tables, and let Kafka forget how far the service has read. Returns the emptied tables.

    StillRead: a process of the service runs. Then nothing changes. If this process ends in between, the
    service reads the topics into full tables, which changes nothing.
    """
    cluster = Cluster(settings.kafka, f"ser-{service.name}-rebuild")
    await cluster.start()
    try:
        async with engine.begin() as database:
            emptied = await empty(database, service.keeps)
            await cluster.forget(group_of(service.name, settings.topic_prefix))
    finally:
        await cluster.stop()
    return emptied


async def empty(database: AsyncConnection, keeps: Sequence[str]) -> Sequence[str]:
    """Empty every table that comes from the topics. The lock keeps every other process out until the end."""
    tables = (await database.execute(_TABLES)).scalars().all()
    emptied = [name for name in tables if name not in _OF_EVERY_SERVICE and name not in keeps]
    await database.execute(text(f"TRUNCATE {', '.join(emptied)}"))
    return emptied
