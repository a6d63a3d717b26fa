"""Delivers events of other services to a service before a measurement."""

from collections.abc import Sequence

import asyncpg

from benchmarks.servers import Place, Servers
from benchmarks.throughput import Growth
from benchmarks.topics import Sent, fill
from deploy.local.postgres import plain

_APPLIED = "SELECT coalesce(sum(messages), 0)::int FROM reads WHERE result = 'applied'"


async def deliver_events(servers: Servers, service: str, place: Place, events: Sequence[Sent]) -> None:
    """Put events onto their topics, and run the service until it has applied all of them."""
    await fill(servers.screen, place.kafka, "events onto the topics", events, len(events))
    database = await asyncpg.connect(plain(place.database))
    try:
        async with servers.service(service, place) as running:
            growth = Growth(lambda: database.fetchval(_APPLIED), len(events), running.process)
            await growth.wait_for_all(servers.screen, f"{service}: events applied")
    finally:
        await database.close()
