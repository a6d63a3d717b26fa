"""How long the federal files of the state take: `python -m benchmarks reports`.

SQL fills reporting's tables with the 84,473 children of the published figures, as of 1 October 2024. A tenth
of those of 14 and older left special education in the school year. The part makes each file at each level
with its checks and its comparison with the year before, and shows the seconds.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.meter import SENDER, metering
from benchmarks.options import Options
from benchmarks.results import Section, Table, Target
from benchmarks.servers import Servers
from contracts.access import STATE, Actor, Role
from contracts.codes import EXCEPTIONALITIES
from deploy.demo.display import phase
from deploy.population.cells_file import read_cells
from deploy.population.leas import read_leas
from deploy.population.population import LOUISIANA_2017, LOUISIANA_LEAS, populate
from deploy.population.pupils import Pupil
from services.reporting import queries
from services.reporting.domain.federal.specification import Level, specification
from services.reporting.queries.federal import FileNumber, Wanted

_AS_OF, _YEAR = date(2024, 10, 1), "2024-25"
_FIRST_YEAR = 2024
_CHILD_COUNT_SECONDS, _EXITS_SECONDS = 15, 10
_ANALYST = Actor(sub="an.analyst", lea=STATE, roles=frozenset({Role.STATE}))

_FILL = """
CREATE TABLE made AS SELECT * FROM unnest(
    CAST(:subjects AS bigint[]), CAST(:born AS date[]), CAST(:sexes AS text[]), CAST(:races AS text[]),
    CAST(:leas AS text[]), CAST(:schools AS text[]), CAST(:grades AS text[]), CAST(:codes AS text[]),
    CAST(:environments AS text[]), CAST(:ages AS integer[])
) AS row (subject, birth_on, sex, race, lea, school, grade, code, environment, age);
INSERT INTO students (subject, revision, birth_on, sex, race)
    SELECT subject, 1, birth_on, sex, race FROM made;
INSERT INTO profiles (subject, effective_on, revision, grade, english_learner, military_connected)
    SELECT subject, day, 1, grade, subject % 20 = 0, false
    FROM made, unnest(ARRAY[date '1900-01-01', '2022-08-10', '2024-08-10']) AS day;
INSERT INTO spells (subject, spell_id, revision, lea, begin_on, withdrawn, schools)
    SELECT subject, gen_random_uuid(), 1, lea, '2021-08-01', false,
        jsonb_build_array(jsonb_build_array(school, '2021-08-01'), jsonb_build_array(school, '2024-08-10'))
    FROM made;
INSERT INTO sped_activities (subject, activity_id, revision, lea, entered_on, exited_on, exit_reason,
        voided)
    SELECT subject, gen_random_uuid(), 1, lea, '2021-09-01',
        CASE WHEN age >= 14 AND subject % 10 = 0 THEN date '2025-05-16' END,
        CASE WHEN age >= 14 AND subject % 10 = 0 THEN 'GRD' END, false
    FROM made;
INSERT INTO ieps (subject, iep_id, revision, lea, iep_type, plan_kind, stage, meeting_on, begin_on,
        environment, amendment, submitted)
    SELECT subject, gen_random_uuid(), 4, lea, 'review', 'IEP', 'submitted', day, day, environment, 0, true
    FROM made, unnest(ARRAY[date '2022-09-01', '2023-09-01', '2024-09-01']) AS day;
INSERT INTO evaluations (subject, evaluation_id, revision, lea, evaluation_type, stage, extensions,
        clock_stopped, determined_on, determination, primary_code, exceptionalities)
    SELECT subject, gen_random_uuid(), 4, lea, 'initial', 'determined', '[]', false, '2021-08-15', 1, code,
        jsonb_build_array(code)
    FROM made;
DROP TABLE made
"""


async def _fill(url: str, pupils: Sequence[Pupil]) -> None:
    """Fill the tables, then run VACUUM ANALYZE, as autovacuum does after a while."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    values = _columns(pupils)
    async with engine.connect() as database:
        for statement in (*_FILL.split(";\n"), "VACUUM ANALYZE"):
            await database.execute(text(statement), values if ":subjects" in statement else {})
    await engine.dispose()


def _columns(pupils: Sequence[Pupil]) -> dict[str, list[Any]]:
    codes = {found.edfacts: code for code, found in EXCEPTIONALITIES.items() if found.edfacts}
    return {
        "subjects": [int(one.state_id) for one in pupils],
        "born": [one.birth_on for one in pupils],
        "sexes": [one.child.sex for one in pupils],
        "races": [one.child.race for one in pupils],
        "leas": [one.lea for one in pupils],
        "schools": [one.school for one in pupils],
        "grades": [one.grade for one in pupils],
        "codes": [codes[one.child.disability] for one in pupils],
        "environments": [one.child.environment for one in pupils],
        "ages": [one.child.age for one in pupils],
    }


async def measure(servers: Servers, options: Options) -> Section:
    """Make each file at each of its levels."""
    cells = read_cells(LOUISIANA_2017)
    pupils = populate(cells, read_leas(LOUISIANA_LEAS), _AS_OF).pupils[: options.students]
    place = await servers.place("reports", "reporting")
    async with phase(servers.screen, f"{len(pupils):,} students", None, lambda: (0, "filled in by SQL")):
        await _fill(place.database, pupils)
    engine = create_async_engine(place.database)
    rows: list[tuple[str, ...]] = []
    seconds: dict[FileNumber, float] = dict.fromkeys(FileNumber, 0.0)
    async with (
        engine.connect() as database,
        metering(postgres=servers.postgres.process) as meter,
        phase(servers.screen, "files", None, lambda: (len(rows), "")),
    ):
        for file, level in _files():
            wanted = Wanted(file, _YEAR, level)
            began = time.perf_counter()
            meter.begin()
            found = await queries.federal_file(_ANALYST, database, wanted)
            took, used = time.perf_counter() - began, meter.used()
            await database.commit()
            seconds[file] += took
            figures = (took, used["postgres"].seconds, used[SENDER].seconds)
            rows.append(
                (
                    f"FS{file} {level}",
                    f"{found.rows:,}",
                    f"{found.children:,}",
                    *(f"{n:.1f}" for n in figures),
                )
            )
    await engine.dispose()
    both = seconds[FileNumber.SCHOOL_AGE] + seconds[FileNumber.EARLY_CHILDHOOD]
    return Section(
        "The federal files",
        (f"Each file of {_YEAR} with its checks, over {len(pupils):,} students.",),
        (Table(("file", "rows", "students", "seconds", "PostgreSQL's CPU s", "SER's CPU s"), rows),),
        (
            Target("FS002 and FS089 at every level", _CHILD_COUNT_SECONDS, both, " s", at_most=True),
            Target("FS009", _EXITS_SECONDS, seconds[FileNumber.EXITS], " s", at_most=True),
        ),
    )


def _files() -> Iterator[tuple[FileNumber, Level]]:
    for file in FileNumber:
        for level in specification(file, _FIRST_YEAR).levels:
            yield file, level
