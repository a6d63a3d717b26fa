"""The counted children of FS002 and FS089, with their LEA and school: the rows of the child count."""

from collections import Counter
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.types import LeaCode
from services.reporting.domain.definitions import age_groups, disabilities
from services.reporting.domain.federal.population import Population
from services.reporting.domain.federal.rows import Unit, Values
from services.reporting.domain.federal.specification import Level, Specification
from services.reporting.domain.race import MISSING
from services.reporting.domain.rules import NOT_COUNTED, Reason
from services.reporting.queries.child_count import child_count
from services.reporting.queries.judged import judged_children, parameters

_COUNT_DAY = (10, 1)
_EARLY = "089"
_LATERALLY = text("SELECT set_config('enable_nestloop', 'on', true)")
# Of two stays that begin on one day, the later one in the list counts.
_SCHOOL = """(
        SELECT stay ->> 0 FROM jsonb_array_elements(schools) WITH ORDINALITY AS stays (stay, n)
        WHERE CAST(stay ->> 1 AS date) <= :as_of ORDER BY stay ->> 1 DESC, n DESC LIMIT 1
    )"""
_UNITS = {
    Level.STATE: ("CAST(NULL AS text)", "CAST(NULL AS text)"),
    Level.LEA: ("lea", "CAST(NULL AS text)"),
    Level.SCHOOL: ("lea", _SCHOOL),
}
_TALLIED = """, counted AS MATERIALIZED (
    SELECT * FROM judged WHERE reason = :counted
), placed AS (
    SELECT {lea} AS lea, {school} AS school, disability, age, environment, race, sex, profile.english_learner,
        profile.grade
    FROM counted LEFT JOIN LATERAL (
        SELECT english_learner, grade FROM profiles WHERE profiles.subject = counted.subject
        AND effective_on <= :as_of ORDER BY effective_on DESC LIMIT 1
    ) AS profile ON true
    WHERE age_group = :age_group
)
SELECT lea, school, disability, age, environment, race, sex,
    CASE english_learner WHEN true THEN 'LEP' WHEN false THEN 'NLEP' ELSE :missing END AS el,
    count(*) AS children, count(*) FILTER (WHERE grade IS NULL) AS ungraded,
    (SELECT count(*) FROM counted) AS of_both_files
FROM placed GROUP BY lea, school, disability, age, environment, race, sex, el
"""


async def children(
    viewer: Actor, database: AsyncConnection, of: Specification, level: Level, lea: LeaCode | None
) -> Population:
    """The children of a file on 1 October, of the state or of one LEA, by the units of a level.

    Every child of the count is in one of the two files: `files` has those of both.
    """
    as_of = date(of.first_year, *_COUNT_DAY)
    count = (await child_count(viewer, database, as_of, lea)).reconciliation
    await database.execute(_LATERALLY)
    early, school_age = age_groups(as_of)
    values = parameters(as_of, disabilities(), lea) | {
        "counted": Reason.COUNTED,
        "missing": MISSING,
        "age_group": early.name if of.file == _EARLY else school_age.name,
    }
    of_lea, of_school = _UNITS[level]
    tallied = _TALLIED.format(lea=of_lea, school=of_school)
    rows = (await database.execute(text(judged_children(lea) + tallied), values)).all()
    tallies: Counter[tuple[Unit, Values]] = Counter()
    for row in rows:
        values_of = tuple([getattr(row, category) for category in of.categories])
        tallies[Unit(row.lea or "", row.school or ""), values_of] += row.children
    return Population(
        as_of=as_of,
        tallies=tallies,
        not_counted={NOT_COUNTED[one.reason]: one.students for one in count.not_counted if one.students},
        files=rows[0].of_both_files if rows else count.counted,
        counted=count.counted,
        unit=Unit(lea or ""),
        ungraded=sum(row.ungraded for row in rows),
    )
