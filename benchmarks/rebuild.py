"""Events a second into reporting when it starts empty and hears everything: `python -m benchmarks rebuild`.

The topics hold the lives of children as their services would have said them. The real service reads them
into an empty database; beside it two processes that only copy: the rows that SER makes of the same events,
and the bytes. For each the measure is how the offsets that its group has committed grow, from its first batch
to its last event.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from benchmarks.filling import fill
from benchmarks.growth import Growth, Stretch
from benchmarks.lives import lived, said_of
from benchmarks.options import Options
from benchmarks.results import Must, Section, Table, usage
from benchmarks.rivals import copying, folding
from benchmarks.servers import Place, Servers
from deploy.demo.showing import phase
from deploy.local.failure import Failure
from deploy.local.postgres import plain
from deploy.local.process import Process

CHILDREN = 20_000
SER, FLOOR, BYTES = "SER", "floor", "bytes only"

_BECAME = "SELECT result, sum(messages)::int FROM reads GROUP BY result"
_KEPT = "SELECT 'applied', count(*)::int FROM {}"
_RESULTS = {SER: _BECAME, FLOOR: _KEPT.format(folding.STATES), BYTES: _KEPT.format("copied")}
_TABLES = {SER: (), FLOOR: folding.TABLES, BYTES: (copying.TABLE,)}
_GROUPS = {SER: "ser.reporting", FLOOR: folding.GROUP, BYTES: copying.GROUP}


async def measure(servers: Servers, options: Options) -> Section:
    """The service, then those that copy, on the same topics."""
    place = await servers.place("rebuild", "reporting")
    async with phase(servers.screen, "lives", None, lambda: (0, "drawn from the published figures")):
        lives = await asyncio.to_thread(lived, options.children or CHILDREN)
    total = sum(map(len, lives))
    said = (event for life in lives for event in said_of(life, place.prefix))
    await fill(servers.screen, place.kafka, "events onto the topics", said, total)
    places = {SER: place}
    for name, schema in ((FLOOR, "reporting"), (BYTES, "")):
        beside = await servers.place(name.partition(" ")[0], schema)  # of which the database is used only
        places[name] = replace(place, name=beside.name, database=beside.database)
    measured = {name: await _one(servers, name, there, total) for name, there in places.items()}
    return _section(measured, len(lives), total)


async def _one(servers: Servers, name: str, place: Place, total: int) -> Stretch:
    database = await asyncpg.connect(plain(place.database))
    admin = AIOKafkaAdminClient(bootstrap_servers=place.kafka)
    await admin.start()
    try:
        for table in _TABLES[name]:
            await database.execute(table)
        await servers.settle(place)
        group = place.prefix + _GROUPS[name]
        async with (
            _process(servers, name, place) as process,
            servers.metering(process) as meter,
        ):
            growth = Growth(lambda: _read(admin, group), total, 1, process)
            stretch = await growth.steady(servers.screen, name, meter)
        became = dict(await database.fetch(_RESULTS[name]))
        if became != {"applied": total}:
            raise Failure(f"{name} should have kept {total:,} events: {became}.", "Look at its log.")
        return stretch
    finally:
        await admin.close()
        await database.close()


@asynccontextmanager
async def _process(servers: Servers, name: str, place: Place) -> AsyncIterator[Process]:
    if name == SER:
        async with servers.service("reporting", place) as service:
            yield service.process
    else:
        async with servers.rival(place, _GROUPS[name]) as process:
            yield process


async def _read(admin: AIOKafkaAdminClient, group: str) -> int:
    """How many records a group has read and is done with; none before Kafka knows of the group."""
    try:
        offsets = await admin.list_consumer_group_offsets(group)
    except KafkaError:
        return 0
    return sum(max(0, found.offset) for found in offsets.values())


def _section(measured: Mapping[str, Stretch], children: int, total: int) -> Section:
    ser, floor = measured[SER].rate, measured[FLOOR].rate
    rows = [
        (
            name,
            f"{stretch.rate:,.0f}",
            f"{ser / stretch.rate:.2f}",
            f"{stretch.messages:,}",
            f"{stretch.seconds:.1f}",
            f"{stretch.start_seconds:.1f}",
        )
        for name, stretch in measured.items()
    ]
    columns = ("way", "events/s", "SER ÷ this", "measured", "in s", "launch to first batch s")
    sizes = {name: stretch.messages for name, stretch in measured.items()}
    used = {name: stretch.used for name, stretch in measured.items()}
    says = (
        f"Events a second into an empty database, from the topics: the lives of {children:,} children,"
        f" {total:,} events that lay there before. *SER* is the service `reporting`. *Floor* reads and"
        " validates the same events, has SER's own functions make the same rows of them, and copies these: it"
        " compares them with nothing, counts nothing, and would keep an event twice. *Bytes only* copies the"
        " student, name, number and body of each event into one table as they came, and shows what reading"
        " them costs.",
        "",
        "Afterwards each had kept every event once.",
    )
    musts = (
        Must("events/s, rebuilding: SER ÷ floor", 0.6, ser / floor),
        Must("events/s, rebuilding", 15_000, ser),
    )
    return Section(
        "Rebuilding reporting", says, (Table(columns, rows), usage(used, sizes, "an event")), musts
    )
