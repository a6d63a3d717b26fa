"""Each student's cell in the child count, or the reason for none. This SQL is the only definition.

The ages, bands, environments and disabilities come from the domain, as small tables.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.types import LeaCode
from services.reporting.domain.definitions import (
    NOT_IN_KINDERGARTEN,
    Age,
    AgeGroup,
    age_groups,
    categories,
    year_over,
)
from services.reporting.domain.rules import Reason, Step

Branches = Sequence[tuple[Step, str, str]]

_WITHIN_LEA = " AND subject = ANY (ARRAY(SELECT subject FROM spells WHERE lea = :lea AND NOT withdrawn))"
_HALVES = (" AND subject < CAST(:middle AS bigint)", " AND subject >= CAST(:middle AS bigint)")
_DAY = "CAST(:as_of AS date)"
_AMONG = " AND subject = ANY (CAST(:subjects AS bigint[]))"

_UNSUBMITTED = """(
            SELECT CASE max(CASE stage WHEN 'official' THEN 2 ELSE 1 END)
                WHEN 2 THEN 'IEP not submitted' WHEN 1 THEN 'IEP not official' ELSE 'not entered'
            END
            FROM ieps WHERE ieps.subject = students.subject AND stage IN ('draft', 'official')
                AND begin_on <= {day}
        )"""
_LACKING: Branches = (
    (Step.ENTRY, "entered.subject IS NULL", _UNSUBMITTED),
    (Step.AGE, "birth_on IS NULL", "'no profile'"),
    (Step.JURISDICTION, "owned.subject IS NULL", "'no jurisdiction'"),
    (Step.IEP, "planned.subject IS NULL", "'no IEP in effect'"),
    (Step.DETERMINATION, "determined.subject IS NULL", "'eligibility not determined'"),
)
_UNFIT: Branches = (
    (Step.DETERMINATION, "others = '[]'", "'not eligible'"),
    (Step.DETERMINATION, "others ?| CAST(:category_codes AS text[])", "'primary is no disability'"),
    (Step.DETERMINATION, "disability IS NULL", "'gifted or talented only'"),
    (Step.DETERMINATION, "disability <> ALL (CAST(:disabilities AS text[]))", "'disability not asked for'"),
    (Step.AGE, "age_group IS NULL", "'age outside'"),
    (Step.AGE, "years NOT BETWEEN from_age AND through_age", "'age not declared for the disability'"),
    (Step.ENVIRONMENT, "environment IS NULL", "'no environment'"),
    (
        Step.ENVIRONMENT,
        "age_group IS NOT NULL AND placements.age_group IS NULL",
        "'environment not of the age group'",
    ),
)
"""Why a student is not counted, in the order in which the count tries it: step, condition, reason.

`_LACKING` needs the facts, `_UNFIT` the definitions too. The count takes the first reason of all. The
explanation of one student takes the first of each step, of the same branches.
"""

# The profile that holds on the day shows whether a child is in kindergarten. The query reads it only for
# children near the ages that kindergarten splits, because it makes no difference for others. Of two spells on
# one day the later one counts: reporting has not received the end of the earlier one yet. Of two plans that
# begin on one day, the one of the later meeting counts: a review replaces the older plan's amendments too.
# Of two with the same days, the one that was submitted last counts.
# Of two determinations of one day, the one that was recorded last counts.
_FACTS = """
WITH entered AS (
    SELECT DISTINCT ON (subject) subject{entry} FROM sped_activities
    WHERE NOT voided AND entered_on <= {day} AND (exited_on IS NULL OR exited_on >= {day}){scope}
    ORDER BY subject, entered_on DESC
), owned AS (
    SELECT DISTINCT ON (subject) subject, lea{spell} FROM spells
    WHERE NOT withdrawn AND begin_on <= {day} AND (end_on IS NULL OR end_on >= {day}){scope}
    ORDER BY subject, begin_on DESC, lea
), planned AS (
    SELECT DISTINCT ON (subject) subject, environment, begin_on AS iep_on, meeting_on, amendment{iep}
    FROM ieps WHERE submitted AND begin_on <= {day}{scope}
    ORDER BY subject, begin_on DESC, meeting_on DESC, amendment DESC, submission DESC NULLS LAST
), determined AS (
    SELECT DISTINCT ON (subject) subject, primary_code, exceptionalities{evaluation} FROM evaluations
    WHERE determined_on <= {day}{scope}
    ORDER BY subject, determined_on DESC, determination DESC NULLS LAST
)
SELECT {whose}, sex, race, environment, primary_code,
    date_part('year', age({day}::timestamp, birth_on::timestamp))::integer AS years,
    birth_on > CAST(:split_after AS date) AND birth_on < CAST(:split_before AS date) AND coalesce((
        SELECT grade <> ALL (CAST(:not_in_kindergarten AS text[])) FROM profiles
        WHERE profiles.subject = students.subject AND effective_on <= {day}
        ORDER BY effective_on DESC LIMIT 1
    ), false) AS kindergarten,
    CASE
        WHEN primary_code = ANY (CAST(:category_codes AS text[])) THEN NULL
        ELSE exceptionalities
    END AS others,
    {lacking}
FROM students
LEFT JOIN entered USING (subject)
LEFT JOIN owned USING (subject)
LEFT JOIN planned USING (subject)
LEFT JOIN determined USING (subject)
WHERE {within}{scope}
{grouped}
"""

# The year of a plan begins with its first IEP: an amendment begins no other year. All of them have one
# meeting day, and none begins before it.
_EXPIRED = """coalesce(meeting_on <= CAST(:year_over AS date) AND (
        iep_on <= CAST(:year_over AS date) OR amendment > 0 AND EXISTS (
            SELECT FROM ieps AS first WHERE first.subject = students.subject AND first.submitted
            AND first.amendment = 0 AND first.meeting_on = planned.meeting_on
            AND first.begin_on <= CAST(:year_over AS date)
        )), false)"""

_JUDGED = """WITH facts AS (
{facts}
), ages AS (
    SELECT * FROM unnest(
        CAST(:age_years AS integer[]), CAST(:age_kindergarten AS boolean[]), CAST(:age_groups AS text[]),
        CAST(:age_values AS text[]), CAST(:age_bands AS text[])
    ) AS row (years, kindergarten, age_group, age, ageband)
), categories AS (
    SELECT * FROM unnest(
        CAST(:category_codes AS text[]), CAST(:category_disabilities AS text[]),
        CAST(:category_from AS integer[]), CAST(:category_through AS integer[])
    ) AS row (primary_code, disability, from_age, through_age)
), placements AS (
    SELECT * FROM unnest(CAST(:placement_groups AS text[]), CAST(:placement_environments AS text[]))
        AS row (age_group, environment)
), judged AS (
    SELECT {whose}, years, age_group, age, ageband, disability, environment, race, sex,
    {reason} AS reason
    FROM facts
    LEFT JOIN categories USING (primary_code)
    LEFT JOIN ages USING (years, kindergarten)
    LEFT JOIN placements USING (age_group, environment)
)"""
_MIDDLE = text("""
SELECT coalesce((
    SELECT subject FROM students ORDER BY subject
    OFFSET (SELECT greatest(reltuples, 0)::bigint / 2 FROM pg_class WHERE oid = 'students'::regclass) LIMIT 1
), 0)
""")
_FACT_COLUMNS = "sex, race, environment, primary_code, years, kindergarten, others, lacking"
_NO_NAMES = {"entry": "", "spell": "", "iep": "", "evaluation": ""}
_NAMES = {
    "entry": ", activity_id, entered_on",
    "spell": ", spell_id, begin_on AS spell_on",
    "iep": ", iep_id",
    "evaluation": ", evaluation_id, determined_on",
}
_NAMED = (
    "subject, lea, birth_on, activity_id, entered_on, spell_id, spell_on, iep_id, iep_on, evaluation_id,"
    " determined_on"
)


def _case(branches: Branches, otherwise: str = "NULL") -> str:
    """The reason of the first branch whose condition holds, as SQL."""
    if not branches:
        return otherwise
    return f"CASE {' '.join(f'WHEN {when} THEN {then}' for _, when, then in branches)} ELSE {otherwise} END"


_REASON = f"coalesce(lacking, {_case(_UNFIT, repr(str(Reason.COUNTED)))})"


def judged_students(lea: LeaCode | None) -> str:
    """The tables up to `judged`, with a row for each of the given students: of all, or of one LEA's."""
    facts = _facts(f"subject, lea, {_EXPIRED} AS expired", _AMONG, lea)
    return _JUDGED.format(facts=facts, whose="subject, lea, expired", reason=_REASON)


def explained_students() -> str:
    """The tables up to `judged`, with a row for each of the given students, as `judged_students` gives it.

    The row also names the records and days of the facts. For each step it has the step's own reason not to
    count the student (`lacks_…`), blank if the step is satisfied.
    """
    by_step = ", ".join(f"lacking_{step.name.lower()}" for step in Step)
    whose = f"{_NAMED}, expired, primary_code, {by_step}"
    facts = _facts(f"{_NAMED}, {_EXPIRED} AS expired", _AMONG, None, names=_NAMES, also=_lacking_by_step())
    reason = f"{', '.join(map(_lacks, Step))}, {_REASON}"
    return _JUDGED.format(facts=facts, whose=whose, reason=reason)


def _lacking_by_step() -> str:
    """For each step the reason that its facts give not to count a student."""
    return "".join(f", {_case(_of(step, _LACKING))} AS lacking_{step.name.lower()}" for step in Step)


def _lacks(step: Step) -> str:
    """The reason of one step. No IEP in effect: then no environment either."""
    rests_on = Step.IEP if step is Step.ENVIRONMENT else step
    lacking, unfit = f"lacking_{rests_on.name.lower()}", _case(_of(step, _UNFIT))
    return f"coalesce({lacking}, {unfit}) AS lacks_{step.name.lower()}"


def _of(step: Step, branches: Branches) -> Branches:
    return tuple(branch for branch in branches if branch[0] is step)


async def judged_numbers(
    database: AsyncConnection, as_of: date, disabilities: Sequence[str], lea: LeaCode | None
) -> tuple[str, dict[str, Any]]:
    """The tables up to `judged`, with a row for each set of equal facts and its number of children, of whom
    `expired` have a plan past its year; and the parameters.

    The query counts the state in two halves: below the `middle` of its students, and above. PostgreSQL counts
    both at the same time if the state is large.
    """
    scopes = [_WITHIN_LEA] if lea else _HALVES
    grouped = f"GROUP BY {_FACT_COLUMNS}"
    numbers = f"count(*) AS children, count(*) FILTER (WHERE {_EXPIRED}) AS expired"
    facts = [f"({_facts(numbers, scope, lea, grouped)})" for scope in scopes]
    values = parameters(as_of, disabilities, lea) | ({} if lea else {"middle": await middle(database)})
    return _JUDGED.format(facts=" UNION ALL ".join(facts), whose="children, expired", reason=_REASON), values


def _facts(
    whose: str,
    scope: str,
    lea: LeaCode | None,
    grouped: str = "",
    names: Mapping[str, str] = _NO_NAMES,
    also: str = "",
) -> str:
    return _FACTS.format(
        day=_DAY,
        whose=whose,
        scope=scope,
        within="lea = :lea" if lea else "true",
        grouped=grouped,
        lacking=f"{_case(_LACKING)} AS lacking{also}".format(day=_DAY),
        **names,
    )


async def middle(database: AsyncConnection) -> int:
    """A State ID with about as many students below as above. Only the speed of the count depends on it."""
    return int((await database.execute(_MIDDLE)).scalar_one())


def parameters(as_of: date, disabilities: Sequence[str], lea: LeaCode | None) -> dict[str, Any]:
    """The parameters: the day, the requested disabilities, the definitions of the school year."""
    groups = age_groups(as_of)
    values = {
        "as_of": as_of,
        "year_over": year_over(as_of),
        "disabilities": list(disabilities),
    } | ({"lea": lea} if lea else {})
    return {**values, **_ages(groups), **_split(groups, as_of), **_categories(), **_placements(groups)}


def _ages(groups: Sequence[AgeGroup]) -> Mapping[str, Any]:
    rows: list[tuple[AgeGroup, Age, bool]] = [
        (group, age, half) for group in groups for age in group.ages for half in age.halves()
    ]
    return {
        "age_years": [age.years for _, age, _ in rows],
        "age_kindergarten": [half for _, _, half in rows],
        "age_groups": [group.name for group, _, _ in rows],
        "age_values": [age.value for _, age, _ in rows],
        "age_bands": [group.band(age) for group, age, _ in rows],
    }


def _split(groups: Sequence[AgeGroup], as_of: date) -> Mapping[str, Any]:
    """The birth dates (exclusive) between which a child may have an age that kindergarten splits."""
    ages = [age.years for group in groups for age in group.ages if age.kindergarten is not None]
    return {
        "split_after": as_of - timedelta(days=366 * (max(ages) + 1) if ages else 0),
        "split_before": as_of - timedelta(days=365 * min(ages) - 1 if ages else 0),
        "not_in_kindergarten": list(NOT_IN_KINDERGARTEN),
    }


def _categories() -> Mapping[str, Any]:
    rows = list(categories())
    return {
        "category_codes": [row.code for row in rows],
        "category_disabilities": [row.disability for row in rows],
        "category_from": [row.from_age for row in rows],
        "category_through": [row.through_age for row in rows],
    }


def _placements(groups: Sequence[AgeGroup]) -> Mapping[str, Any]:
    rows = [(group.name, environment) for group in groups for environment in group.environments]
    return {
        "placement_groups": [name for name, _ in rows],
        "placement_environments": [environment for _, environment in rows],
    }
