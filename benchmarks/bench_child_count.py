"""How long a child count takes over generated students: `python -m benchmarks.bench_child_count [students]`.

PostgreSQL itself, started for it on this machine, its read models filled by SQL: three IEPs a student, and
some moved. Prints the median and the worst of ten runs of each query, and the CPU that PostgreSQL spent on it
(the machine may be busy); with `--explain` also where the time of the count goes.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from pathlib import Path

import psutil
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from contracts.access import STATE, Actor, Role
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from services.chassis.migrations import migrate
from services.chassis.settings import Settings
from services.reporting import queries
from services.reporting.domain.definitions import disabilities
from services.reporting.queries.child_count import TALLIED
from services.reporting.queries.judged import judged_numbers, parameters
from services.reporting.queries.moment import in_order
from services.reporting.queries.students import StudentsAsked

PUBLISHED = 84_473
AS_OF = date(2017, 10, 1)
ROUNDS = 10
ANALYST = Actor(sub="an.analyst", lea=STATE, roles=frozenset({Role.STATE}))

# In the order of a hash, as students come when sixty-nine LEAs enter them at the same time.
_FILL = """
CREATE TABLE made AS
    SELECT 1000000000 + n AS subject, n % 997 AS a, n % 13 AS b, n % 7 AS d,
        lpad((n % 71)::text, 3, '0') AS lea
    FROM generate_series(1, :students) AS n ORDER BY hashint4(n);
INSERT INTO students
    SELECT subject, 2, date '2014-01-01' - a * 5, CASE WHEN b < 4 THEN 'F' ELSE 'M' END,
        (ARRAY['AM7', 'AS7', 'BL7', 'HI7', 'PI7', 'MU7', 'WH7'])[d + 1],
        CASE WHEN a % 3 > 0 THEN '01' END, false
    FROM made;
INSERT INTO spells SELECT subject, gen_random_uuid(), 1, lea, '2014-08-01', NULL, '[]' FROM made;
INSERT INTO spells
    SELECT subject, gen_random_uuid(), 2, '900', '2013-08-01', '2014-07-31', '[]' FROM made WHERE a % 5 = 0;
INSERT INTO sped_activities
    SELECT subject, gen_random_uuid(), 1, lea, '2014-09-01', NULL FROM made WHERE a > 2;
INSERT INTO ieps
    SELECT subject, gen_random_uuid(), 4, lea, 'review', 'submitted', day, day,
        (ARRAY['RC80', 'RC79TO40', 'RC39', 'SS', 'RF', 'HH', 'CF'])[d + 1], 0, true
    FROM made, unnest(ARRAY[date '2015-09-01', '2016-09-01', '2017-09-01']) AS day;
INSERT INTO evaluations
    SELECT subject, gen_random_uuid(), 4, lea, 'determined', '2014-06-01', 'consented', '2014-06-02',
        '2014-07-20', '2014-08-01', (ARRAY['AUT', 'DB', 'ED', 'DEAF', 'HH', 'IDM', 'MD', 'OI', 'OHI', 'SLD',
        'SLI', 'TBI', 'VI'])[b + 1], '["SLD"]'
    FROM made;
INSERT INTO streams
    SELECT subject, owner, 4, 4
    FROM made, unnest(ARRAY['students', 'jurisdiction', 'ieps', 'provision']::owner[]) AS owner;
INSERT INTO tallies SELECT owner, 0, sum(heard) FROM streams GROUP BY owner;
DROP TABLE made
"""


async def fill(url: str, students: int) -> None:
    """Generate students, and let PostgreSQL tidy up as it does by itself after a while."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as database:
        for statement in (*_FILL.split(";\n"), "VACUUM ANALYZE"):
            asked = {"students": students} if ":students" in statement else {}
            await database.execute(text(statement), asked)
    await engine.dispose()


async def _timed(database: AsyncConnection, name: str, ask: Callable[[], Awaitable[object]]) -> None:
    session = psutil.Process(await database.scalar(text("SELECT pg_backend_pid()")))
    await database.commit()
    seconds, before = [], session.cpu_times()
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await ask()
        seconds.append(1000 * (time.perf_counter() - started))
        await database.commit()
    after = session.cpu_times()
    cpu = 1000 * (after.user - before.user + after.system - before.system) / ROUNDS
    print(f"{name:<26}{statistics.median(seconds):7.0f} ms{max(seconds):7.0f} ms{cpu:7.0f} ms")


async def measure(url: str, *, explain: bool) -> None:
    """Ask each question ten times."""
    engine = create_async_engine(url)
    async with engine.connect() as database:
        page = StudentsAsked(as_of=AS_OF, after="1000040000", limit=100)
        count = partial(queries.child_count, ANALYST, database, AS_OF)
        print(f"{'':<26}{'median':>10}{'worst':>10}{'CPU':>10}")
        await _timed(database, "child count of the state", count)
        await _timed(database, "child count of one LEA", partial(count, "017"))
        await _timed(database, "a page of students", partial(queries.students, ANALYST, database, page))
        await _timed(database, "completeness", partial(queries.completeness, ANALYST, database))
        if explain:
            await in_order(database)
            asked = text(f"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF) {judged_numbers(None)}{TALLIED}")
            plan = await database.execute(asked, parameters(AS_OF, disabilities(), None))
            print("\n".join(plan.scalars()))
    await engine.dispose()


def main() -> None:
    """Measure once."""
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    students = numbers[0] if numbers else PUBLISHED
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        server = Postgres(Path(home), free_port(), dies_with_parent=True)
        server.start()
        try:
            server.create("reporting", "reporting", "reporting")
            url = server.url("reporting", "reporting", "reporting")
            migrate("reporting", Settings(database=SecretStr(url), token_public_key=Path("unused")))
            asyncio.run(fill(url, students))
            print(f"{students:,} students")
            asyncio.run(measure(url, explain="--explain" in sys.argv))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
