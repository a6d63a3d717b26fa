"""How fast reporting takes in what is said: `python -m benchmarks.bench_intake [children]`.

PostgreSQL itself, started for it on this machine. The lives of the 84,473 children of the published figures
come in batches as from Kafka, shuffled as topics shuffle them. Prints how many events a second are kept, how
large the tables become, and, if all children were told of, how many of the published cells come out again.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from deploy.population.compare import compare
from deploy.population.leas import read_leas
from deploy.population.population import LOUISIANA_2017, LOUISIANA_2017_AS_OF, LOUISIANA_LEAS, populate
from deploy.population.reading import read_cells
from services.chassis.records import Told
from tests.integration.hearing import Hearing, hearing
from tests.integration.test_reporting_published import cells_of, child_of
from tests.unit.reporting.story import Voice

_BATCH = 1000
_TOGETHER = 4_000
"""Children whose events are on their way at the same time, and may overtake each other."""

_SIZES = text(
    "SELECT relname, pg_total_relation_size(oid) / 1048576.0 FROM pg_class WHERE relkind = 'r'"
    " AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC LIMIT 8"
)


def _said(draw: random.Random, children: int | None) -> Iterator[list[Told]]:
    cells = read_cells(LOUISIANA_2017)
    pupils = list(populate(cells, read_leas(LOUISIANA_LEAS), LOUISIANA_2017_AS_OF).pupils)
    draw.shuffle(pupils)
    pupils = pupils[:children]
    for start in range(0, len(pupils), _TOGETHER):
        some = map(child_of, pupils[start : start + _TOGETHER])
        said = Voice().says(*(event for child in some for event in child.life()))
        draw.shuffle(said)
        yield said


async def _measure(reporting: Hearing, children: int | None) -> None:
    events, seconds, cpu = 0, 0.0, 0.0
    for said in _said(random.Random(1), children):
        seconds, cpu = seconds - time.perf_counter(), cpu - time.process_time()
        for start in range(0, len(said), _BATCH):
            await reporting.hear(said[start : start + _BATCH])
        seconds, cpu = seconds + time.perf_counter(), cpu + time.process_time()
        events += len(said)
    print(f"{events:,} events in {seconds:.1f} s: {events / seconds:,.0f} a second")
    print(f"Python's CPU: {1e6 * cpu / events:.0f} µs an event")
    async with reporting.desk.engine.connect() as database:
        for table, size in await database.execute(_SIZES):
            print(f"{table:<18}{size:8.0f} MB")
    started = time.perf_counter()
    counted = await reporting.counts(LOUISIANA_2017_AS_OF)
    print(f"counted in {time.perf_counter() - started:.1f} s, statistics or not")
    if children is None:
        comparison = compare(read_cells(LOUISIANA_2017), cells_of(counted))
        print(f"{comparison.matched:,} of {comparison.total:,} published cells reproduced")


async def _run(url: str, home: Path, children: int | None) -> None:
    async with hearing(url, home) as reporting:
        await _measure(reporting, children)


def main() -> None:
    """Measure once."""
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        server = Postgres(Path(home) / "postgres", free_port(), dies_with_parent=True)
        server.start()
        try:
            server.create("reporting", "reporting", "reporting")
            url = server.url("reporting", "reporting", "reporting")
            asyncio.run(_run(url, Path(home), int(sys.argv[1]) if len(sys.argv) > 1 else None))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
