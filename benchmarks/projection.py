"""How fast reporting keeps events, without Kafka: `python -m benchmarks projection`.

The events of the 84,473 children of the published figures come in batches, shuffled as topics shuffle them.
The part measures how many events a second reporting keeps and how large its tables become. If all children
are there, it compares the child count with the published cells.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from benchmarks.options import Options
from benchmarks.published_children import children
from benchmarks.results import Section, Table
from benchmarks.servers import Servers
from deploy.demo.display import phase
from deploy.population.cells import compare
from deploy.population.cells_file import read_cells
from deploy.population.population import LOUISIANA_2017, LOUISIANA_2017_AS_OF
from services.chassis.decoding.messages import ReceivedEvent
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.integration.test_reporting_published import cells_of
from tests.unit.reporting.events import Child, Publisher

_BATCH = 1000
_TOGETHER = 4_000
"""The number of children whose events are shuffled together."""

_SIZES = text(
    "SELECT relname, pg_total_relation_size(oid) / 1048576.0 FROM pg_class WHERE relkind = 'r'"
    " AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC LIMIT 8"
)


@dataclass
class _Kept:
    """The events kept so far, with seconds by the clock and of the processor."""

    events: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    async def keep(self, reporting: ReportingQueries, batch: Sequence[ReceivedEvent]) -> None:
        began, cpu = time.perf_counter(), time.process_time()
        await reporting.receive(batch)
        self.seconds += time.perf_counter() - began
        self.cpu += time.process_time() - cpu
        self.events += len(batch)


async def measure(servers: Servers, options: Options) -> Section:
    """Keep every batch, then count the children."""
    draw, kept, place = random.Random(1), _Kept(), await servers.place("projection")
    async with phase(servers.screen, "histories", None, lambda: (0, "drawn from the published figures")):
        sample = await asyncio.to_thread(children, options.children, draw)
    async with reporting_queries(place.database, servers.home.root / "projection") as reporting:
        async with phase(servers.screen, "events kept", None, lambda: (0, f"{kept.events:,}")):
            async for batch in _batches(sample, draw):
                await kept.keep(reporting, batch)
        async with reporting.queries.engine.connect() as database:
            sizes = [(table, f"{size:,.0f}") for table, size in await database.execute(_SIZES)]
        paragraphs = await _counted(reporting, whole=options.children is None)
    rows = [
        (f"{kept.events:,}", f"{kept.events / kept.seconds:,.0f}", f"{1e6 * kept.cpu / kept.events:,.0f}")
    ]
    tables = (
        Table(("events", "kept a second", "Python's CPU µs an event"), rows),
        Table(("table", "MB"), sizes),
    )
    return Section("Keeping events, without Kafka", paragraphs, tables)


async def _batches(sample: Sequence[Child], draw: random.Random) -> AsyncIterator[Sequence[ReceivedEvent]]:
    for start in range(0, len(sample), _TOGETHER):
        events = Publisher().publish(
            *(event for child in sample[start : start + _TOGETHER] for event in child.all_events())
        )
        draw.shuffle(events)
        for first in range(0, len(events), _BATCH):
            yield events[first : first + _BATCH]


async def _counted(reporting: ReportingQueries, *, whole: bool) -> tuple[str, ...]:
    began = time.perf_counter()
    count = await reporting.child_count(LOUISIANA_2017_AS_OF)
    took = f"The child count took {time.perf_counter() - began:.1f} s afterwards, before a VACUUM."
    if not whole:
        return (took,)
    comparison = compare(read_cells(LOUISIANA_2017), cells_of(count))
    return (f"{took} {comparison.matched:,} of {comparison.total:,} published cells reproduced.",)
