"""A service has heard who the students are before anything is measured."""

from collections.abc import Sequence

import asyncpg

from benchmarks.filling import fill
from benchmarks.growth import Growth
from benchmarks.servers import Place, Servers
from benchmarks.students import Arrival, announced
from deploy.local.postgres import plain

_HEARD = "SELECT coalesce(sum(messages), 0)::int FROM reads WHERE result = 'applied'"


async def heard_by(servers: Servers, service: str, place: Place, coming: Sequence[Arrival]) -> None:
    """Identities onto the topic, and a process of the service that hears them all; it is ended again."""
    identities = announced(coming, place.prefix)
    await fill(servers.screen, place.kafka, "identities onto the topic", identities, len(coming))
    database = await asyncpg.connect(plain(place.database))
    try:
        async with servers.service(service, place) as running:
            growth = Growth(lambda: database.fetchval(_HEARD), len(coming), running.process)
            await growth.all(servers.screen, f"{service} hears of them")
    finally:
        await database.close()
