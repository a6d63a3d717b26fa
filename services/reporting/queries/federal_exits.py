"""Who left special education in a school year: FS009. This SQL is the only definition.

The file of the state has each student once, with the last exit of the year. The file of an LEA has each
student whom the LEA had, with the last event there: an exit, or the move to another LEA.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.codes import EXIT_REASONS
from contracts.dates import CHILD_COUNT
from contracts.errors import Finding
from contracts.types import LeaCode
from services.reporting.domain.definitions import categories
from services.reporting.domain.exits import IN_ERROR
from services.reporting.domain.federal import rules
from services.reporting.domain.federal.declarations import Declarations
from services.reporting.domain.federal.population import Population
from services.reporting.domain.federal.rows import Tallies, Unit, Values
from services.reporting.domain.federal.specification import Category, Level, Specification
from services.reporting.domain.race import MISSING
from services.reporting.queries.facts import AMONG

_FIRST, _LAST = (7, 1), (6, 30)
_MOVED = "MVI"
_FIRST_AGE, _LAST_AGE = 14, 21
_DIPLOMA, _DIPLOMA_AGES = "GHS", range(16, 22)

_EXITS = """
WITH activities AS MATERIALIZED (
    SELECT subject, entered_on, exited_on, exit_reason FROM sped_activities
    WHERE NOT voided AND exit_reason IS DISTINCT FROM :entered_in_error AND {among}
), exits AS (
    SELECT subject, exited_on AS left_on, exit_reason FROM activities
    WHERE exited_on BETWEEN :first AND :last
), there AS (
    SELECT subject,
        bool_or(entered_on <= :first AND (exited_on IS NULL OR exited_on >= :first)) AS at_start,
        bool_or(entered_on <= :last AND (exited_on IS NULL OR exited_on > :last)) AS at_end
    FROM activities GROUP BY subject
)"""
# Of the spells that cover a day, the one that began last counts.
_LAST_OF_STATE = """
    SELECT DISTINCT ON (subject) subject, '' AS lea, left_on, exit_reason FROM exits
    ORDER BY subject, left_on DESC, exit_reason
"""
_OF_STATE = f""", considered AS (
    SELECT subject, '' AS lea FROM students
), events AS ({_LAST_OF_STATE})"""
_OWNED_AND_MOVED = """, owned AS (
    SELECT DISTINCT ON (subject, left_on) subject, lea, left_on, exit_reason
    FROM exits JOIN spells USING (subject)
    WHERE NOT withdrawn AND begin_on <= left_on AND (end_on IS NULL OR end_on >= left_on)
    ORDER BY subject, left_on, begin_on DESC
), moves AS (
    SELECT DISTINCT subject, spells.lea, spells.end_on AS left_on, :moved AS exit_reason
    FROM spells JOIN spells AS next USING (subject) JOIN activities USING (subject)
    WHERE NOT spells.withdrawn AND NOT next.withdrawn
        AND next.begin_on = spells.end_on + 1 AND next.lea <> spells.lea
        AND spells.end_on BETWEEN :first AND :last
        AND entered_on <= spells.end_on AND (exited_on IS NULL OR exited_on > spells.end_on)
)"""
_LAST_OF_LEAS = """
    SELECT DISTINCT ON (subject, lea) subject, lea, left_on, exit_reason
    FROM (SELECT * FROM owned UNION ALL SELECT * FROM moves) AS every
    WHERE true{scope} ORDER BY subject, lea, left_on DESC, exit_reason
"""
_OF_LEAS = f""", considered AS (
    SELECT DISTINCT subject, lea FROM spells
    WHERE NOT withdrawn AND begin_on <= :last AND (end_on IS NULL OR end_on >= :first){{scope}}
){_OWNED_AND_MOVED}, events AS ({_LAST_OF_LEAS})"""
_OF_BOTH = f"""{_OWNED_AND_MOVED}, events AS (
    ({_LAST_OF_STATE}) UNION ALL ({_LAST_OF_LEAS.format(scope="")})
)"""
_SCOPE = " AND lea = :lea"
# The age is that of the last child count before the exit. The disability is the newest that was found, since
# a later evaluation that found none may be why the student left.
_JUDGED = """, bases AS (
    SELECT * FROM unnest(CAST(:reasons AS text[]), CAST(:bases AS text[])) AS row (exit_reason, basis)
), aged AS (
    SELECT events.*, at_start, at_end, race, sex, birth_on,
        CASE WHEN left_on >= :count_day THEN CAST(:count_day AS date) ELSE :count_day_before END AS aged_on,
        at_end AND after.lea IS NOT DISTINCT FROM NULLIF(events.lea, '') AS stays,
        CASE WHEN at_end AND events.lea <> '' THEN 'MKC' ELSE basis END AS basis
    FROM events JOIN there USING (subject) JOIN students USING (subject) LEFT JOIN bases USING (exit_reason)
    LEFT JOIN LATERAL (
        SELECT lea FROM spells WHERE spells.subject = events.subject AND NOT withdrawn
        AND begin_on <= :after AND (end_on IS NULL OR end_on >= :after) ORDER BY begin_on DESC LIMIT 1
    ) AS after ON true
), found AS (
    SELECT aged.*, date_part('year', age(aged_on::timestamp, birth_on::timestamp))::integer AS years,
        determined.disability, planned.environment, profile.english_learner,
        EXISTS (
            SELECT FROM evaluations WHERE evaluations.subject = aged.subject AND determined_on <= left_on
            AND exceptionalities <> '[]'
        ) AS exceptional,
        EXISTS (
            SELECT FROM sped_activities AS one WHERE one.subject = aged.subject AND NOT voided
            AND entered_on <= aged_on AND (exited_on IS NULL OR exited_on >= aged_on)
        ) AS counted_before
    FROM aged
    LEFT JOIN LATERAL (
        SELECT disability FROM evaluations JOIN unnest(
            CAST(:category_codes AS text[]), CAST(:category_disabilities AS text[])
        ) AS row (primary_code, disability) USING (primary_code)
        WHERE evaluations.subject = aged.subject AND determined_on <= left_on
        ORDER BY determined_on DESC, determination DESC NULLS LAST LIMIT 1
    ) AS determined ON true
    LEFT JOIN LATERAL (
        SELECT environment FROM ieps WHERE ieps.subject = aged.subject AND submitted AND begin_on <= left_on
        ORDER BY begin_on DESC, meeting_on DESC, amendment DESC, submission DESC NULLS LAST LIMIT 1
    ) AS planned ON true
    LEFT JOIN LATERAL (
        SELECT english_learner FROM profiles WHERE profiles.subject = aged.subject
        AND effective_on <= left_on ORDER BY effective_on DESC LIMIT 1
    ) AS profile ON true
), judged AS (
    SELECT found.*, CASE
        WHEN NOT at_start THEN 'RPT-102'
        WHEN at_end AND lea = '' THEN 'RPT-103'
        WHEN stays THEN 'RPT-110'
        WHEN basis IS NULL THEN 'RPT-104'
        WHEN birth_on IS NULL THEN 'RPT-113'
        WHEN years NOT BETWEEN :first_age AND :last_age THEN 'RPT-106'
        WHEN disability IS NULL AND NOT exceptional THEN 'RPT-107'
        WHEN disability IS NULL THEN 'RPT-114'
        WHEN disability = 'DD' THEN 'RPT-108'
        WHEN environment = 'PPPS' THEN 'RPT-109'
        WHEN basis <> ALL (CAST(:offered AS text[])) OR basis = 'RMA' AND years <> :maximum THEN 'RPT-112'
    END AS code
    FROM found
)"""
_COUNTED = """
SELECT code, lea, basis AS exit, disability, years, race, sex,
    CASE english_learner WHEN true THEN 'LEP' WHEN false THEN 'NLEP' ELSE :missing END AS el,
    counted_before, count(*) AS children
FROM judged GROUP BY code, lea, basis, disability, years, race, sex, el, counted_before
UNION ALL
SELECT CASE
        WHEN EXISTS (SELECT FROM sped_activities AS one WHERE one.subject = considered.subject)
            AND NOT EXISTS (SELECT FROM there WHERE there.subject = considered.subject) THEN 'RPT-105'
        ELSE 'RPT-101'
    END, lea, NULL, NULL, NULL, NULL, NULL, NULL, NULL, count(*)
FROM considered LEFT JOIN judged USING (subject, lea) WHERE judged.subject IS NULL GROUP BY 1, 2
UNION ALL
SELECT :considered, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, count(*) FROM considered
"""
_OF_STUDENTS = """
SELECT judged.subject, judged.lea = '' AS of_state, coalesce(nullif(judged.lea, ''), owner.lea) AS lea,
    left_on AS exited_on, exit_reason, basis, code, years, disability, race, sex
FROM judged LEFT JOIN LATERAL (
    SELECT spells.lea FROM spells
    WHERE spells.subject = judged.subject AND NOT withdrawn
    AND begin_on <= left_on AND (end_on IS NULL OR end_on >= left_on) ORDER BY begin_on DESC LIMIT 1
) AS owner ON true
"""
_CONSIDERED = "considered"
_BASES = tuple(sorted({found.edfacts for found in EXIT_REASONS.values() if found.edfacts}))


def exits_of_students() -> str:
    """The last exit of each of the given students, and the last event in each LEA that had the student.

    `of_state`: it is the one of the state. `code`: the rule by which FS009 leaves it out; blank: it has it.
    """
    return _EXITS.format(among=AMONG) + _OF_BOTH + _JUDGED + _OF_STUDENTS


def exit_parameters(year: int, through: date) -> dict[str, Any]:
    """The parameters of `exits_of_students`. The school year begins on 1 July of `year`.

    `through`: the last day about which is asked. Before the year's end: the year so far.
    """
    return _days(year, through) | _codes(_BASES, Declarations()) | {"moved": _MOVED}


async def exits(
    database: AsyncConnection,
    of: Specification,
    level: Level,
    lea: LeaCode | None,
    declared: Declarations,
) -> Population:
    """The students who left in the school year: of the state once, or once in each LEA that had them."""
    events = _OF_STATE if level is Level.STATE else _OF_LEAS.format(scope=_SCOPE if lea else "")
    values = _days(of.first_year, date.max) | _codes(of.values[Category.EXIT], declared)
    values |= {"missing": MISSING, "considered": _CONSIDERED}
    values |= {"lea": lea} if lea else {}
    values |= {"moved": _MOVED} if level is not Level.STATE else {}
    statement = _EXITS.format(among="true") + events + _JUDGED + _COUNTED
    rows = (await database.execute(text(statement), values)).all()
    left_out = Counter[str]()
    for row in rows:
        left_out[row.code or ""] += row.children
    left_out.pop("", None)
    considered = left_out.pop(_CONSIDERED)
    tallies = _tallies(of, (row for row in rows if row.code is None))
    every_lea = level is not Level.STATE and lea is None
    moved = await _moved(database, of, declared, tallies) if every_lea else []
    return Population(
        as_of=values["last"],
        tallies=tallies,
        not_counted={rules.RULES[code]: number for code, number in sorted(left_out.items())},
        files=sum(tallies.values()),
        counted=considered - left_out.total(),
        unit=Unit(lea or ""),
        remarks=(*_remarks(rows), *moved),
    )


async def _moved(
    database: AsyncConnection, of: Specification, declared: Declarations, tallies: Tallies
) -> list[Finding]:
    """The finding that the exits of all LEAs are not those of the state."""
    leas = sum(tallies.values())
    state = (await exits(database, of, Level.STATE, None, declared)).files
    return [rules.MOVED_INSIDE.broken(leas=leas, state=state)] if leas != state else []


def _days(year: int, through: date) -> dict[str, Any]:
    first, last = date(year, *_FIRST), min(date(year + 1, *_LAST), through)
    return {
        "first": first,
        "last": last,
        "after": last + timedelta(days=1),
        "count_day": date(year, *CHILD_COUNT),
        "count_day_before": date(year - 1, *CHILD_COUNT),
    }


def _codes(bases: Iterable[str], declared: Declarations) -> dict[str, Any]:
    reported = {code: found.edfacts for code, found in EXIT_REASONS.items() if found.edfacts}
    federal = list(categories())
    return {
        "entered_in_error": IN_ERROR,
        "reasons": list(reported),
        "bases": list(reported.values()),
        "category_codes": [one.code for one in federal],
        "category_disabilities": [one.disability for one in federal],
        "first_age": _FIRST_AGE,
        "last_age": _LAST_AGE,
        "maximum": declared.maximum_age,
        "offered": [one for one in bases if declared.possible({Category.EXIT: one})],
    }


def _tallies(of: Specification, rows: Iterable[Row[Any]]) -> Tallies:
    found: Counter[tuple[Unit, Values]] = Counter()
    for row in rows:
        values = {**row._mapping, "age": str(row.years)}
        found[Unit(row.lea), tuple(values[category] for category in of.categories)] += row.children
    return found


def _remarks(rows: Iterable[Row[Any]]) -> Iterable[Finding]:
    """What is odd about exits, counted or not."""
    odd: Counter[str] = Counter()
    for row in rows:
        if row.code == rules.EXIT_AGE_OUTSIDE.code and row.years < _FIRST_AGE:
            odd[f"students younger than {_FIRST_AGE}"] += row.children
        if row.code is None and not row.counted_before:
            odd["students who were not in special education on the day of the last child count"] += (
                row.children
            )
        if row.code is None and row.exit == _DIPLOMA and row.years not in _DIPLOMA_AGES:
            odd["diplomas before 16 or after 21"] += row.children
    for what, children in sorted(odd.items()):
        yield rules.EXIT_ODD.broken(what=what, children=children)
