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
from services.reporting.queries import facts

Branches = Sequence[tuple[Step, str, str]]

_WITHIN_LEA = "subject = ANY (ARRAY(SELECT subject FROM spells WHERE lea = :lea AND NOT withdrawn))"
_HALVES = ("subject < CAST(:middle AS bigint)", "subject >= CAST(:middle AS bigint)")

_UNSUBMITTED = """(
            SELECT CASE max(CASE stage WHEN 'official' THEN 2 ELSE 1 END)
                WHEN 2 THEN 'IEP not submitted' WHEN 1 THEN 'IEP not official' ELSE 'not entered'
            END
            FROM ieps WHERE ieps.subject = students.subject AND stage IN ('draft', 'official')
                AND begin_on <= CAST(:as_of AS date)
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

_SPLIT = """
    birth_on > CAST(:split_after AS date) AND birth_on < CAST(:split_before AS date) AND coalesce((
        SELECT grade <> ALL (CAST(:not_in_kindergarten AS text[])) FROM profiles
        WHERE profiles.subject = students.subject AND effective_on <= CAST(:as_of AS date)
        ORDER BY effective_on DESC LIMIT 1
    ), false)
"""
"""Whether a child is in kindergarten, by the profile that holds on the day. The query reads the profile only
for children near the ages that kindergarten splits, because it makes no difference for others."""

# The year of a plan begins with its first IEP: an amendment begins no other year. All of them have one
# meeting day, and none begins before it.
_EXPIRED = """coalesce(meeting_on <= CAST(:year_over AS date) AND (
        iep_on <= CAST(:year_over AS date) OR amendment > 0 AND EXISTS (
            SELECT FROM ieps AS first WHERE first.subject = students.subject AND first.submitted
            AND first.amendment = 0 AND first.meeting_on = planned.meeting_on
            AND first.begin_on <= CAST(:year_over AS date)
        )), false)"""

_DEFINITIONS = """ages AS (
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
)"""
_MIDDLE = text("""
SELECT coalesce((
    SELECT subject FROM students ORDER BY subject
    OFFSET (SELECT greatest(reltuples, 0)::bigint / 2 FROM pg_class WHERE oid = 'students'::regclass) LIMIT 1
), 0)
""")
_FACT_COLUMNS = "sex, race, environment, primary_code, years, kindergarten, others, lacking"
_NO_NAMES: Mapping[str, str] = {"entry": "", "spell": "", "iep": "", "evaluation": ""}
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
    rows = _facts(f"subject, lea, {_EXPIRED} AS expired", facts.AMONG, lea)
    return _judged(rows, "subject, lea, expired", _REASON)


def judged_children(lea: LeaCode | None, *, schools: bool) -> str:
    """The tables up to `judged`, with a row for each student of the state, or of one LEA.

    `schools`: the row also has the school stays of the spell. Without them an index has all of a spell.
    """
    stays = ", schools" if schools else ""
    names = {**_NO_NAMES, "spell": stays}
    rows = _facts(f"subject, lea{stays}", _WITHIN_LEA if lea else "true", lea, names=names)
    return _judged(rows, f"subject, lea{stays}", _REASON)


def explained_students() -> str:
    """The tables up to `judged`, with a row for each of the given students, as `judged_students` gives it.

    The row also names the records and days of the facts. For each step it has the step's own reason not to
    count the student (`lacks_…`), blank if the step is satisfied.
    """
    by_step = ", ".join(f"lacking_{step.name.lower()}" for step in Step)
    whose = f"{_NAMED}, expired, primary_code, {by_step}"
    rows = _facts(
        f"{_NAMED}, {_EXPIRED} AS expired", facts.AMONG, None, names=_NAMES, also=_lacking_by_step()
    )
    reason = f"{', '.join(map(_lacks, Step))}, {_REASON}"
    return _judged(rows, whose, reason)


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
    halves = [f"({_facts(numbers, scope, lea, grouped)})" for scope in scopes]
    values = parameters(as_of, disabilities, lea) | ({} if lea else {"middle": await middle(database)})
    return _judged(" UNION ALL ".join(halves), "children, expired", _REASON), values


def _judged(rows: str, whose: str, reason: str) -> str:
    """The tables up to `judged`. `whose`: the first columns of a row. `reason`: its last ones."""
    return f"""WITH facts AS ({rows}), {_DEFINITIONS}, judged AS (
        SELECT {whose}, years, age_group, age, ageband, disability, environment, race, sex, {reason} AS reason
        FROM facts
        LEFT JOIN categories USING (primary_code)
        LEFT JOIN ages USING (years, kindergarten)
        LEFT JOIN placements USING (age_group, environment)
    )"""


def _facts(
    whose: str,
    among: str,
    lea: LeaCode | None,
    grouped: str = "",
    names: Mapping[str, str] = _NO_NAMES,
    also: str = "",
) -> str:
    query = f"""
        SELECT {whose}, sex, race, environment, primary_code, {facts.years_old()} AS years,
            {_SPLIT} AS kindergarten,
            CASE
                WHEN primary_code = ANY (CAST(:category_codes AS text[])) THEN NULL
                ELSE exceptionalities
            END AS others,
            {_case(_LACKING)} AS lacking{also}
        FROM students
        LEFT JOIN entered USING (subject)
        LEFT JOIN owned USING (subject)
        LEFT JOIN planned USING (subject)
        LEFT JOIN determined USING (subject)
        WHERE {"lea = :lea" if lea else "true"} AND {among}
        {grouped}
    """
    return facts.with_facts(
        query,
        entered=facts.in_special_education(among, names["entry"]),
        owned=facts.owner(among, names["spell"]),
        planned=facts.plan_in_force(among, names["iep"]),
        determined=facts.determination(among, names["evaluation"]),
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
