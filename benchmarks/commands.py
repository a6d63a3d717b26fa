"""Commands a second through students, beside two other ways to do the same: `python -m benchmarks commands`.

Every command lies on its topic before the process that answers it starts. What is measured is how the
outcome topic grows, without the first tenth. The same Kafka and PostgreSQL, the same messages and the same
decider; each in its turn, on topics and a database of its own.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg
from aiokafka import AIOKafkaConsumer
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.filling import fill
from benchmarks.growth import Growth, Stretch, ends
from benchmarks.hearing import heard_by
from benchmarks.meter import metering
from benchmarks.options import Options
from benchmarks.results import Must, Section, Table, usage
from benchmarks.rivals.deciding import COMMANDS, EVENTS, LEA, OUTCOMES
from benchmarks.rivals.tables import Base
from benchmarks.servers import Place, Servers, plain
from benchmarks.students import Arrival, arrivals, asked
from contracts.outcome import Status
from deploy.demo.answers import answer_of
from deploy.demo.showing import phase
from deploy.local.failure import Failure
from deploy.local.process import Process

_WORKERS = "32"
_FIRST = 10
"""One part in so many is the start, and does not count."""

_WAIT_MS = 200

SER, FLOOR, ALONE, MANY = "SER", "floor", "idiomatic", f"idiomatic, {_WORKERS} workers"

_SAYS = (
    "Commands a second through one process, all of them `AddStudent` of students whom eScholar had"
    " announced before. *SER* is the service `students` with nothing switched off. *Floor* reads,"
    " validates, selects, decides, copies the new states into one table, and sends the same messages, in"
    " batches that overlap: no token, ledger, outbox, revision or search. *Idiomatic* is a FastStream"
    " function for each message, with an ORM session, a commit and two publishes: no token, ledger, outbox"
    " or search; its rate is steady, so fewer commands do.",
    "",
    "Every outcome was read again: each command has one, all are accepted, and as many events came.",
)


async def measure(servers: Servers, options: Options) -> Section:
    """Each in its turn."""
    sizes = {SER: options.commands, FLOOR: options.commands, ALONE: options.few, MANY: options.some}
    coming = arrivals(max(sizes.values()))
    measured = {name: await _one(servers, name, coming[:size]) for name, size in sizes.items()}
    return Section("Commands a second", _SAYS, tuple(_tables(measured)), tuple(_musts(measured)))


async def _one(servers: Servers, name: str, coming: Sequence[Arrival]) -> Stretch:
    place = await _ready(servers, name, coming)
    sent = asked(coming, place.prefix, servers.tokens.lea(LEA))
    await fill(servers.screen, place.kafka, f"{name}: commands onto the topic", sent, len(coming))
    await servers.settle(place)
    consumer = AIOKafkaConsumer(
        place.prefix + OUTCOMES,
        place.prefix + EVENTS,
        bootstrap_servers=place.kafka,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async with (
            _process(servers, name, place) as process,
            metering(
                service=process, kafka=servers.kafka.process, postgres=servers.postgres.process
            ) as meter,
        ):
            growth = Growth(
                lambda: ends(consumer, place.prefix + OUTCOMES), len(coming), len(coming) // _FIRST, process
            )
            stretch = await growth.steady(servers.screen, name, meter)
            await _check(servers, consumer, place, coming)
        return stretch
    finally:
        await consumer.stop()


async def _ready(servers: Servers, name: str, coming: Sequence[Arrival]) -> Place:
    """A place where whoever comes is known already, in the way of the one who is to answer."""
    if name == SER:
        place = await servers.place("ser", "students")
        await heard_by(servers, "students", place, coming)
        return place
    place = await servers.place("floor" if name == FLOOR else "idiomatic")
    engine = create_async_engine(place.database)
    async with engine.begin() as database:
        await database.run_sync(Base.metadata.create_all)
    await engine.dispose()
    connection = await asyncpg.connect(plain(place.database))
    rows = [(one.identity.student_id, one.identity.model_dump_json()) for one in coming]
    await connection.copy_records_to_table("identities", records=rows, columns=("student_id", "body"))
    await connection.close()
    return place


@asynccontextmanager
async def _process(servers: Servers, name: str, place: Place) -> AsyncIterator[Process]:
    if name == SER:
        async with servers.service("students", place) as service:
            yield service.process
    else:
        module, *words = ["floor"] if name == FLOOR else ["idiomatic", _WORKERS if name == MANY else "1"]
        async with servers.rival(module, place, *words) as process:
            yield process


async def _check(
    servers: Servers, consumer: AIOKafkaConsumer, place: Place, coming: Sequence[Arrival]
) -> None:
    """Failure unless every command was accepted once, and brought one event."""
    open_, events, outcomes = {str(one.command_id) for one in coming}, 0, 0
    async with phase(servers.screen, "outcomes read again", len(coming), lambda: (outcomes, "")):
        while outcomes < len(coming) or events < len(coming):
            found = await consumer.getmany(timeout_ms=_WAIT_MS)
            for record in (record for records in found.values() for record in records):
                if record.topic == place.prefix + EVENTS:
                    events += 1
                    continue
                outcomes += 1
                answer = answer_of(record.value)
                if answer.status is Status.ACCEPTED:
                    open_.discard(answer.command_id)
    if open_ or outcomes != len(coming) or events != len(coming):
        raise Failure(
            f"{place.name}: of {len(coming):,} commands {len(open_):,} were not accepted;"
            f" {outcomes:,} outcomes and {events:,} events came.",
            f"Look at the topic {place.prefix}{COMMANDS} and the log.",
        )


def _tables(measured: Mapping[str, Stretch]) -> list[Table]:
    ser = measured[SER].rate
    rows = [
        (
            name,
            f"{stretch.rate:,.0f}",
            f"{ser / stretch.rate:,.2f}",
            f"{stretch.messages:,}",
            f"{stretch.seconds:,.1f}",
            f"{stretch.start_seconds:.1f}",
            f"{stretch.first:,} in {stretch.first_seconds:.1f} s",
        )
        for name, stretch in measured.items()
    ]
    columns = (
        "way",
        "commands/s",
        "SER is × as fast",
        "measured",
        "in s",
        "launch to first s",
        "left out",
    )
    sizes = {name: stretch.messages for name, stretch in measured.items()}
    used = {name: stretch.used for name, stretch in measured.items()}
    return [Table(columns, rows), usage(used, sizes, "command")]


def _musts(measured: Mapping[str, Stretch]) -> list[Must]:
    ser = measured[SER].rate
    return [
        Must("SER's commands/s, of the idiomatic service's", 40, ser / measured[ALONE].rate, " ×"),
        Must(f"SER's commands/s, of the same with {_WORKERS} workers", 10, ser / measured[MANY].rate, " ×"),
        Must("SER's commands/s, of the floor's", 0.6, ser / measured[FLOOR].rate, " ×"),
    ]
