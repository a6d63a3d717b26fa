"""A service hears what others say before anything is measured."""

from collections.abc import Sequence

import asyncpg

from benchmarks.servers import Place, Servers
from benchmarks.throughput import Growth
from benchmarks.topics import Sent, fill
from deploy.local.postgres import plain

_HEARD = "SELECT coalesce(sum(messages), 0)::int FROM reads WHERE result = 'applied'"


async def heard_by(servers: Servers, service: str, place: Place, said: Sequence[Sent]) -> None:
    """Put events onto their topics, and run a process of the service until it has taken all of them."""
    await fill(servers.screen, place.kafka, "events onto the topics", said, len(said))
    database = await asyncpg.connect(plain(place.database))
    try:
        async with servers.service(service, place) as running:
            growth = Growth(lambda: database.fetchval(_HEARD), len(said), running.process)
            await growth.all(servers.screen, f"{service} hears of them")
    finally:
        await database.close()
