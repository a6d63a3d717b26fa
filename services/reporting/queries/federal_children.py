"""The counted children of FS002 and FS089, with their LEA and school: the rows of the child count."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.dates import CHILD_COUNT
from contracts.types import LeaCode
from services.reporting.domain.definitions import age_groups, disabilities
from services.reporting.domain.federal.population import Population
from services.reporting.domain.federal.rows import Tallies, Unit, Values
from services.reporting.domain.federal.specification import Level, Specification
from services.reporting.domain.race import MISSING
from services.reporting.domain.rules import NOT_COUNTED, Reason
from services.reporting.queries.judged import judged_children, parameters
from services.reporting.queries.moment import in_order

_EARLY = "089"
_COUNTED = Reason.COUNTED
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
# The second part counts every considered student by reason, and the counted ones by age group.
_TALLIED = """, placed AS (
    SELECT {lea} AS lea, {school} AS school, disability, age, environment, race, sex, profile.english_learner,
        profile.grade
    FROM judged LEFT JOIN LATERAL (
        SELECT english_learner, grade FROM profiles WHERE profiles.subject = judged.subject
        AND effective_on <= :as_of ORDER BY effective_on DESC LIMIT 1
    ) AS profile ON true
    WHERE reason = :counted AND age_group = :age_group
)
SELECT NULL AS reason, NULL AS age_group, lea, school, disability, age, environment, race, sex,
    CASE english_learner WHEN true THEN 'LEP' WHEN false THEN 'NLEP' ELSE :missing END AS el,
    count(*) AS children, count(*) FILTER (WHERE grade IS NULL) AS ungraded
FROM placed GROUP BY lea, school, disability, age, environment, race, sex, el
UNION ALL
SELECT reason, age_group, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, count(*), NULL
FROM judged GROUP BY reason, age_group
"""


async def children(
    database: AsyncConnection, of: Specification, level: Level, lea: LeaCode | None
) -> Population:
    """The children of a file on 1 October, of the state or of one LEA, by the units of a level.

    Every child of the count is in one of the two files: `files` has those of both. The transaction must be of
    one moment.
    """
    as_of = date(of.first_year, *CHILD_COUNT)
    await in_order(database)
    await database.execute(_LATERALLY)
    early, school_age = age_groups(as_of)
    values = parameters(as_of, disabilities(), lea) | {
        "counted": _COUNTED,
        "missing": MISSING,
        "age_group": early.name if of.file == _EARLY else school_age.name,
    }
    of_lea, of_school = _UNITS[level]
    tallied = _TALLIED.format(lea=of_lea, school=of_school)
    judged = judged_children(lea, schools=level is Level.SCHOOL)
    rows = (await database.execute(text(judged + tallied), values)).all()
    in_file, by_reason = [row for row in rows if row.reason is None], [row for row in rows if row.reason]
    considered: Counter[str] = Counter()
    for row in by_reason:
        considered[row.reason] += row.children
    groups = (early.name, school_age.name)
    return Population(
        as_of=as_of,
        tallies=_tallies(of, in_file),
        not_counted={rule: considered[reason] for reason, rule in NOT_COUNTED.items() if considered[reason]},
        files=sum(row.children for row in by_reason if row.age_group in groups and row.reason == _COUNTED),
        counted=considered[_COUNTED],
        unit=Unit(lea or ""),
        ungraded=sum(row.ungraded for row in in_file),
    )


def _tallies(of: Specification, rows: Iterable[Row[Any]]) -> Tallies:
    tallies: Counter[tuple[Unit, Values]] = Counter()
    for row in rows:
        values = tuple([getattr(row, category) for category in of.categories])
        tallies[Unit(row.lea or "", row.school or ""), values] += row.children
    return tallies
