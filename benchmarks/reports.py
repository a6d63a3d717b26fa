"""How long the reports of a state take: `python -m benchmarks reports`.

Reporting keeps the events of the 84,473 children of the published figures (`state_in_reporting`). Then the
part measures

- the start of the worker, with one run, apart from all other runs;
- every report, as a run for the state and for its largest LEA: a run gives the summary and the detail;
- two reports as they were known a year before;
- the federal files at all levels, with their checks and the comparison with the year before;
- the child count and reporting's consumer, alone and beside ten runs.

Beside the seconds of the clock stand those of the processor, because the machine may be busy.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from benchmarks.meter import SENDER, Meter, metering
from benchmarks.options import Options
from benchmarks.report_runs import AT_ONCE, Runs, working
from benchmarks.results import Section, Table, Target
from benchmarks.servers import Servers
from benchmarks.state_in_reporting import (
    AS_OF,
    BATCH,
    LAST_YEAR,
    analyze,
    arriving,
    consumer_engine,
    drawn,
    keep,
)
from contracts.access import STATE, Actor, Role
from deploy.demo.display import phase
from deploy.population.pupils import Pupil
from services.chassis.decoding.messages import ReceivedEvent
from services.reporting import queries
from services.reporting.domain.federal.specification import Level, specification
from services.reporting.queries.federal import FileNumber, Wanted
from services.reporting.reports.registry import REPORTS

ANALYST = Actor(sub="an.analyst", lea=STATE, roles=frozenset({Role.STATE}))

_YEAR, _FIRST_YEAR = "2024-25", 2024
_SUMMARY_SECONDS, _DETAIL_SECONDS, _KNOWN_SECONDS = 2, 10, 180
_CHILD_COUNT_SECONDS, _EXITS_SECONDS = 15, 10
_KEPT_PACE, _WORKER_MB = 0.9, 400
_KNOWN = ("child-count", "evaluations")
_WARM_UP = "business-days"
"""A report without students: its run takes hardly longer than the start of the worker."""
_TURNS, _COUNTS = 3, 5
_NEWCOMERS = 6 * 250


async def measure(servers: Servers, options: Options) -> Section:
    """Measure runs, files, and what goes on beside runs."""
    pupils = drawn(options.students)
    place = await servers.place("reports", "reporting")
    consumer, queried = consumer_engine(place), create_async_engine(place.database)
    newcomers = pupils[: min(_NEWCOMERS, len(pupils) // 10)]
    await _fill(servers, consumer, pupils[len(newcomers) :])
    async with (
        metering(postgres=servers.postgres.process) as meter,
        working(place, queried, meter) as runs,
    ):
        reports = await _reports(servers, runs, _largest(pupils))
        known = await _known(servers, runs)
        files = await _files(servers, queried, meter)
        beside = await _beside(servers, consumer, queried, runs, newcomers)
        memory = runs.peak / 1e6
    await consumer.dispose()
    await queried.dispose()
    paragraphs = (
        f"Reporting has the events of {len(pupils):,} children. A process of its own works off the runs, one"
        " after the other. The time of a run begins when somebody asks for it.",
    )
    worker = Target("memory of the worker", _WORKER_MB, memory, " MB", at_most=True)
    tables = (reports[0], known[0], files[0], beside[0])
    return Section("Reports", paragraphs, tables, (*reports[1], *known[1], *files[1], *beside[1], worker))


Part = tuple[Table, tuple[Target, ...]]


def _largest(pupils: Sequence[Pupil]) -> str:
    return Counter(pupil.lea for pupil in pupils).most_common(1)[0][0]


async def _fill(servers: Servers, consumer: AsyncEngine, pupils: Sequence[Pupil]) -> None:
    kept = 0
    async with phase(servers.screen, "events kept", None, lambda: (0, f"{kept:,}")):
        async for batch in arriving(pupils):
            await keep(consumer, batch)
            kept += len(batch)
    async with phase(servers.screen, "VACUUM ANALYZE", None, lambda: (0, "")):
        await analyze(consumer)


_RUN_COLUMNS = ("rows", "seconds", "worker's CPU s", "PostgreSQL's CPU s")


async def _reports(servers: Servers, runs: Runs, lea: str) -> Part:
    rows: list[tuple[str, ...]] = []
    slowest = 0.0
    async with phase(servers.screen, "reports", len(REPORTS), lambda: (len(rows), "")):
        started = await runs.one(_WARM_UP, None, AS_OF)
        rows.append((f"start of the worker, {_WARM_UP}", *started.shown, "", "", ""))
        for name in REPORTS:
            state, own = await runs.one(name, None, AS_OF), await runs.one(name, lea, AS_OF)
            slowest = max(slowest, state.seconds)
            rows.append((name, *state.shown, *own.shown[1:]))
    columns = ("report", *_RUN_COLUMNS, "of the largest LEA: seconds", "CPU s", "PostgreSQL's CPU s")
    targets = (
        Target("the slowest summary of the state", _SUMMARY_SECONDS, slowest, " s", at_most=True),
        Target("the slowest detail of the state", _DETAIL_SECONDS, slowest, " s", at_most=True),
    )
    return Table(columns, rows), targets


async def _known(servers: Servers, runs: Runs) -> Part:
    rows: list[tuple[str, ...]] = []
    slowest = 0.0
    async with phase(servers.screen, "as known a year before", len(_KNOWN), lambda: (len(rows), "")):
        for name in _KNOWN:
            found = await runs.one(name, None, AS_OF, known_at=LAST_YEAR)
            slowest = max(slowest, found.seconds)
            rows.append((name, *found.shown))
    table = Table(("as known a year before", *_RUN_COLUMNS), rows)
    return table, (Target("as known a year before", _KNOWN_SECONDS, slowest, " s", at_most=True),)


async def _files(servers: Servers, queried: AsyncEngine, meter: Meter) -> Part:
    rows: list[tuple[str, ...]] = []
    seconds: dict[FileNumber, float] = dict.fromkeys(FileNumber, 0.0)
    async with queried.connect() as database, phase(servers.screen, "files", None, lambda: (len(rows), "")):
        for file, level in _levels():
            began = time.perf_counter()
            meter.begin()
            found = await queries.federal_file(ANALYST, database, Wanted(file, _YEAR, level))
            took, used = time.perf_counter() - began, meter.used()
            await database.commit()
            seconds[file] += took
            figures = (took, used["postgres"].seconds, used[SENDER].seconds)
            shown = (f"{figure:.1f}" for figure in figures)
            rows.append((f"FS{file} {level}", f"{found.rows:,}", f"{found.children:,}", *shown))
    both = seconds[FileNumber.SCHOOL_AGE] + seconds[FileNumber.EARLY_CHILDHOOD]
    targets = (
        Target("FS002 and FS089 at every level", _CHILD_COUNT_SECONDS, both, " s", at_most=True),
        Target("FS009", _EXITS_SECONDS, seconds[FileNumber.EXITS], " s", at_most=True),
    )
    columns = ("file", "rows", "students", "seconds", "PostgreSQL's CPU s", "SER's CPU s")
    return Table(columns, rows), targets


def _levels() -> Iterator[tuple[FileNumber, Level]]:
    for file in FileNumber:
        for level in specification(file, _FIRST_YEAR).levels:
            yield file, level


async def _beside(
    servers: Servers, consumer: AsyncEngine, queried: AsyncEngine, runs: Runs, newcomers: Sequence[Pupil]
) -> Part:
    """The child count and the consumer, alone and beside runs, in turns."""
    events = [event async for batch in arriving(newcomers) for event in batch]
    parts = [events[turn :: 2 * _TURNS] for turn in range(2 * _TURNS)]
    counts: dict[bool, list[float]] = {False: [], True: []}
    rates: dict[bool, list[float]] = {False: [], True: []}
    async with phase(servers.screen, "beside runs", None, lambda: (len(rates[True]), "turns")):
        for turn, part in enumerate(parts):
            busy = bool(turn % 2)
            if busy:
                await runs.ask_for(AT_ONCE, "evaluations", AS_OF)
            counts[busy].append(await _count(queried))
            rates[busy].append(await _pace(consumer, part))
            if busy:
                await runs.cancel_all()
    alone, beside = (median(counts[busy]) for busy in (False, True))
    quiet, loaded = (median(rates[busy]) for busy in (False, True))
    rows = [
        (
            "child count of the state, ms",
            f"{1000 * alone:,.0f}",
            f"{1000 * beside:,.0f}",
            f"{alone / beside:.2f}",
        ),
        ("events kept a second", f"{quiet:,.0f}", f"{loaded:,.0f}", f"{loaded / quiet:.2f}"),
    ]
    table = Table(("beside ten runs", "alone", "beside them", "ratio"), rows)
    targets = (
        Target("child count beside ten runs ÷ alone", _KEPT_PACE, alone / beside),
        Target("events/s beside ten runs ÷ alone", _KEPT_PACE, loaded / quiet),
    )
    return table, targets


async def _count(queried: AsyncEngine) -> float:
    """The median seconds of a child count of the state."""
    took = []
    async with queried.connect() as database:
        for _ in range(_COUNTS):
            began = time.perf_counter()
            await queries.child_count(ANALYST, database, AS_OF)
            took.append(time.perf_counter() - began)
            await database.commit()
    return median(took)


async def _pace(consumer: AsyncEngine, events: Sequence[ReceivedEvent]) -> float:
    """How many events a second reporting keeps."""
    began = time.perf_counter()
    for first in range(0, len(events), BATCH):
        await keep(consumer, events[first : first + BATCH])
    return len(events) / (time.perf_counter() - began)
