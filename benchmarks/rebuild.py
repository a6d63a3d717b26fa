"""Events a second into an empty reporting: `python -m benchmarks rebuild`.

The histories of children go through the four deciding services in memory, and their events onto the topics.
The reporting service reads the topics into an empty database. Beside it run a floor, which keeps the same
rows, and a program that copies bytes. The part measures how fast the committed offsets of each grow, without
the first tenth and the last.
"""

import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from benchmarks.deciding import in_memory_services, replay
from benchmarks.options import Options
from benchmarks.published_children import pupils
from benchmarks.results import Section, Table, Target, usage
from benchmarks.rivals import bytes_only, rebuild_floor
from benchmarks.servers import Place, Servers
from benchmarks.throughput import Growth, Round, Stretch, median_round, ratios
from benchmarks.topics import Sent, fill, yielding
from contracts.catalog import events
from deploy.demo.display import phase
from deploy.demo.history import history_of
from deploy.local.failure import Failure
from deploy.local.postgres import plain
from deploy.local.process import Process
from deploy.population.population import LOUISIANA_2017_AS_OF

CHILDREN = 12_000
SER, FLOOR, BYTES = "SER", "floor", "bytes only"

_ROUNDS = 3
_UNDER_WAY = 1_500
"""Children whose histories run at the same time, as in the demonstration."""

_BECAME = "SELECT result, sum(messages)::int FROM reads GROUP BY result"
_KEPT = "SELECT 'applied', count(*)::int FROM {}"
_RESULTS = {SER: _BECAME, FLOOR: _KEPT.format("states"), BYTES: _KEPT.format("copied")}
_TABLES = {SER: (), FLOOR: rebuild_floor.TABLES, BYTES: (bytes_only.TABLE,)}
_GROUPS = {SER: "ser.reporting", FLOOR: rebuild_floor.GROUP, BYTES: bytes_only.GROUP}


async def measure(servers: Servers, options: Options) -> Section:
    """Measure the service, the floor and the copying program, each on topics and a database of its own."""
    count, events_sent = options.children or CHILDREN, list[Sent]()
    async with phase(servers.screen, "histories", None, lambda: (0, f"{len(events_sent):,} events")):
        async for event in yielding(_published(servers, count)):
            events_sent.append(event)
    rounds = [{name: await _one(servers, name, events_sent) for name in (SER, FLOOR)} for _ in range(_ROUNDS)]
    measured = {**median_round(rounds, SER, FLOOR), BYTES: await _one(servers, BYTES, events_sent)}
    return _section(measured, count, len(events_sent), ratios(rounds, SER, FLOOR))


def _published(servers: Servers, count: int) -> Iterator[Sent]:
    """The events of the services and of the eScholar bridge about `count` children."""
    services, topics = in_memory_services(servers.issuer.keys), set(_topics())
    drawn = list(pupils())
    random.Random(1).shuffle(drawn)
    for start in range(0, count, _UNDER_WAY):
        part = drawn[start : min(start + _UNDER_WAY, count)]
        for raw in replay(servers, services, [history_of(pupil, LOUISIANA_2017_AS_OF) for pupil in part]):
            if raw.topic in topics:
                headers = [(name, value or b"") for name, value in raw.headers]
                yield raw.topic, (raw.key or b"").decode(), raw.value or b"", headers


def _topics() -> list[str]:
    return [entry.topic() for entry in events().values()]


async def _one(servers: Servers, name: str, events_sent: Sequence[Sent]) -> Stretch:
    place = await servers.place(name.partition(" ")[0], "reporting" if name == SER else "")
    sent = ((place.prefix + topic, key, value, headers) for topic, key, value, headers in events_sent)
    total = await fill(servers.screen, place.kafka, f"{name}: events onto the topics", sent, len(events_sent))
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
            growth = Growth(lambda: _read(admin, group), total, process)
            stretch = await growth.measure_stretch(servers.screen, name, meter)
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
        async with servers.rival(place, _GROUPS[name], *_topics()) as process:
            yield process


async def _read(admin: AIOKafkaAdminClient, group: str) -> int:
    """The sum of a group's committed offsets. Zero before Kafka knows the group."""
    try:
        offsets = await admin.list_consumer_group_offsets(group)
    except KafkaError:
        return 0
    return sum(max(0, found.offset) for found in offsets.values())


def _section(measured: Round, children: int, total: int, found: str) -> Section:
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
    columns = ("program", "events/s", "SER ÷ this", "measured", "in s", "launch to first batch s")
    sizes = {name: stretch.messages for name, stretch in measured.items()}
    used = {name: stretch.used for name, stretch in measured.items()}
    paragraphs = (
        f"Events a second from the topics into an empty database. The topics hold all {total:,} events of"
        f" {children:,} children's histories, and no outcomes. *SER* is the service"
        " `reporting`. *Floor* is a program that shares no code with SER. It reads and validates the same"
        " events. It copies a row for each state, with reporting's key, and a row for each counted record. It"
        " compares no event with earlier ones, counts nothing, and fails if an event comes twice. *Bytes"
        " only* copies the student, name, number and body of each event into one table. It shows the cost of"
        " reading.",
        "",
        f"SER and the floor had {_ROUNDS} turns each, one after the other. The median of the ratios is what"
        f" counts, and the tables show its round. SER ÷ floor: {found}. Each kept every event once.",
    )
    targets = (Target("events/s, rebuilding: SER ÷ floor", 0.6, ser / floor),)
    return Section(
        "Rebuilding reporting", paragraphs, (Table(columns, rows), usage(used, sizes, "an event")), targets
    )
