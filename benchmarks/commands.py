"""Commands a second through students, beside two other programs: `python -m benchmarks commands`.

All commands are on their topic before the process that answers them starts. The part measures how fast the
outcome topic grows, without the first tenth and the last. Each program uses the same Kafka and PostgreSQL
and gets the same commands. They take turns, each on topics and a database of its own.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg
from aiokafka import AIOKafkaConsumer
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.options import Options
from benchmarks.preparation import deliver_events
from benchmarks.results import Section, Table, Target, usage
from benchmarks.rivals import commands_floor
from benchmarks.rivals.idiomatic import Base
from benchmarks.rivals.students import COMMANDS, EVENTS, LEA, OUTCOMES
from benchmarks.servers import Place, Servers
from benchmarks.students import Arrival, command_messages, draw_arrivals, identity_messages
from benchmarks.throughput import Growth, Stretch, count_messages, median_round, ratio, ratios
from benchmarks.topics import fill
from contracts.identity import Identity
from contracts.outcome import Status
from deploy.demo.display import phase
from deploy.demo.outcomes import parse_outcome
from deploy.local.failure import Failure
from deploy.local.postgres import plain
from deploy.local.process import Process

_WORKERS = "32"
SER, FLOOR, SEARCHABLE = "SER", "floor", "floor with search"
ALONE, MANY = "idiomatic", f"idiomatic, {_WORKERS} workers"

_PROGRAMS = {
    FLOOR: ("commands_floor",),
    SEARCHABLE: ("commands_floor",),
    ALONE: ("idiomatic",),
    MANY: ("idiomatic", _WORKERS),
}
"""Each rival's module and its arguments."""

_ROUNDS = 3
"""The turns of each program. The machine is faster in one minute than in another."""

_WAIT_MS = 200


_PARAGRAPHS = (
    "Commands a second through one process. All commands are `AddStudent` of students whom eScholar announced"
    " before. *SER* is the service `students` with everything switched on. *Floor* is a program that shares"
    " no code with SER. It reads and validates the commands, selects the students, decides, copies new states"
    " into one table, and sends as many messages of the same size, in batches that overlap. It has no token,"
    " ledger, outbox, revision, retry or search. *Floor with search* is the same program on the database of"
    " `students`, whose triggers keep the search index; every third name brings a new word, which is the hard"
    " case. *Idiomatic* is a FastStream function for each message, with an ORM session, a commit and two"
    " publishes. It has no token, ledger, outbox or search either. Its rate is steady, so it gets fewer"
    " commands. SER and the floor collect garbage rarely; idiomatic runs with Python's defaults.",
    "",
    "The benchmark reads every outcome: each command has one outcome and one event, and is accepted.",
)


async def measure(servers: Servers, options: Options) -> Section:
    """Measure each program in alternating turns."""
    sizes = {SER: options.commands, FLOOR: options.commands, ALONE: options.few, MANY: options.some}
    arrivals = await draw_arrivals(servers.screen, max(sizes.values()))
    rounds = [
        {name: await _one(servers, name, arrivals[:size]) for name, size in sizes.items()}
        for _ in range(_ROUNDS)
    ]
    searchable = await _one(servers, SEARCHABLE, arrivals[: options.commands])
    targets = [
        Target(f"commands/s: SER ÷ {name}", limit, ratio(median_round(rounds, SER, name), SER, name))
        for name, limit in ((FLOOR, 0.6), (ALONE, 35))
    ]
    found = "; ".join(f"÷ {name} {ratios(rounds, SER, name)}" for name in (ALONE, MANY, FLOOR))
    paragraphs = (
        *_PARAGRAPHS,
        "",
        f"Each program but the floor with search had {_ROUNDS} turns, one after the other. The median of the"
        " ratios is what counts. The tables show the round with the median of SER ÷ floor."
        f" SER {found}.",
    )
    shown = {**median_round(rounds, SER, FLOOR), SEARCHABLE: searchable}
    return Section("Commands a second", paragraphs, tuple(_tables(shown)), tuple(targets))


async def _one(servers: Servers, name: str, arrivals: Sequence[Arrival]) -> Stretch:
    place = await prepare_place(servers, name, arrivals)
    sent = command_messages(arrivals, place.prefix, servers.tokens.lea(LEA))
    await fill(servers.screen, place.kafka, f"{name}: commands onto the topic", sent, len(arrivals))
    await servers.settle(place)
    async with (
        place.reading(OUTCOMES, EVENTS, since="earliest") as consumer,
        process_of(servers, name, place) as process,
        servers.metering(process) as meter,
    ):
        growth = Growth(lambda: count_messages(consumer, place.prefix + OUTCOMES), len(arrivals), process)
        stretch = await growth.measure_stretch(servers.screen, name, meter)
        await _check(servers, consumer, place, arrivals)
    return stretch


async def prepare_place(servers: Servers, name: str, arrivals: Sequence[Arrival]) -> Place:
    """A place on which the program `name` already knows the identities of all arrivals."""
    if name == SER:
        place = await servers.place("ser", "students")
        await deliver_events(servers, "students", place, list(identity_messages(arrivals, place.prefix)))
        return place
    place = await servers.place(_PROGRAMS[name][0], "students" if name == SEARCHABLE else "")
    async with phase(servers.screen, f"{name}: identities", None, lambda: (0, f"{len(arrivals):,}")):
        await _insert_known(place, name, [one.identity for one in arrivals])
    return place


async def _insert_known(place: Place, name: str, known: Sequence[Identity]) -> None:
    """Insert identities into a rival's tables. Creates the tables, unless the service students has them."""
    database = await asyncpg.connect(plain(place.database))
    if name in (FLOOR, SEARCHABLE):
        if name == FLOOR:
            await database.execute(commands_floor.TABLE)
        rows = [(one.student_id, one.kind, "", one.revision, one.model_dump_json()) for one in known]
        await database.copy_records_to_table("records", records=rows, columns=commands_floor.COLUMNS)
    else:
        await _create_tables(place)
        bodies = [(identity.student_id, identity.model_dump_json()) for identity in known]
        await database.copy_records_to_table("identities", records=bodies, columns=("student_id", "body"))
    await database.close()


async def _create_tables(place: Place) -> None:
    """The tables of the idiomatic service."""
    engine = create_async_engine(place.database)
    async with engine.begin() as database:
        await database.run_sync(Base.metadata.create_all)
    await engine.dispose()


@asynccontextmanager
async def process_of(servers: Servers, name: str, place: Place) -> AsyncIterator[Process]:
    """Launch the program `name`. It ends with the context."""
    if name == SER:
        async with servers.service("students", place) as service:
            yield service.process
    else:
        async with servers.rival(place, *_PROGRAMS[name]) as process:
            yield process


async def _check(
    servers: Servers, consumer: AIOKafkaConsumer, place: Place, arrivals: Sequence[Arrival]
) -> None:
    """Check that each command has one outcome, *accepted*, and one event. Failure: it has not."""
    open_, events, outcomes = {str(one.command_id) for one in arrivals}, 0, 0
    async with phase(servers.screen, "outcomes read again", len(arrivals), lambda: (outcomes, "")):
        while outcomes < len(arrivals) or events < len(arrivals):
            found = await consumer.getmany(timeout_ms=_WAIT_MS)
            for record in (record for records in found.values() for record in records):
                if record.topic == place.prefix + EVENTS:
                    events += 1
                    continue
                outcomes += 1
                answer = parse_outcome(record.value)
                if answer.status is Status.ACCEPTED:
                    open_.discard(answer.command_id)
    if open_ or outcomes != len(arrivals) or events != len(arrivals):
        raise Failure(
            f"{place.name}: of {len(arrivals):,} commands {len(open_):,} were not accepted;"
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
        "program",
        "commands/s",
        "SER ÷ this",
        "measured",
        "in s",
        "launch to first s",
        "left out",
    )
    sizes = {name: stretch.messages for name, stretch in measured.items()}
    used = {name: stretch.used for name, stretch in measured.items()}
    return [Table(columns, rows), usage(used, sizes, "a command")]
