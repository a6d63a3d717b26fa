"""The constraints of this database, and the SQL of the lists."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.calendars import Calendar
from contracts.codes import ENVIRONMENTS, EXCEPTIONALITIES
from contracts.dates import day_at
from contracts.decision import Known
from contracts.evaluations import Evaluation
from contracts.ieps import IEP, IEPContents, IEPDeletion
from contracts.types import LeaCode, StudentId
from services.ieps.domain import STORED
from services.ieps.domain.requirements import placement

CONSTRAINTS = {
    "records_pkey": "EVA-001, IEP-006, ACT-015",
    "evaluation_id_names_the_evaluation": "EVA-001",
    "iep_id_names_the_iep": "IEP-006",
    "evaluation_dates_in_order": "EVA-005",
    "evaluation_begins_as_its_type": "each type of evaluation has its own first day",
    "waiver_has_only_a_signature": "a triennial waiver has no other step",
    "one_determination_of_each": "a student's determinations have different ordinals",
    "determination_is_counted": "a determination has a day and an ordinal",
    "iep_dates_in_order": "IEP-009, IEP-010",
    "activity_dates_in_order": "ACT-002",
    "iep_id_names_the_deletion": "a request to delete an IEP bears the id of the IEP",
    "two_people_delete": "IEP-027",
    "iep_id_names_the_contents": "contents bear the id of their IEP",
    "iep_names_its_contents": "an IEP has contents of the revision that it names",
    "contents_are_as_the_iep_says": "an IEP's environment is that of its placement form",
    "one_primary_exceptionality": "EVA-006",
    "one_open_evaluation": "EVA-002",
    "one_open_sped_activity": "only the first submission is an entry into special education",
    "one_amendment_of_each": "IEP-016, IEP-017",
    "submitted_iep_stays": "IEP-008, IEP-027",
    "discarded_or_deleted_iep_stays": "IEP-008, IEP-024",
    "official_contents_stay": "IEP-008",
}
"""The constraints by name, each with the rule that it enforces a second time.

An id is unique among one student's records, not among all. Every rule is about one student, and a sender that
uses one id for two students must block neither. PostgreSQL checks the two `one_open` constraints at the end
of a transaction, because a batch may close one evaluation and open the next.
"""

# The record `spell` is that of the LEA that owns the student today (`contracts.facts.holding`).
_OVER = """({0}.body ->> 'end_on' IS NOT NULL
        AND (
            {0}.body ->> 'closed' = 'true'
            OR {0}.body ->> 'end_on' < greatest(:today, {0}.body ->> 'begin_on')
        ))"""
_OWNING = f"""
    spell.kind = 'spell' AND spell.body ->> 'withdrawn' IS DISTINCT FROM 'true'
    AND NOT {_OVER.format("spell")} AND NOT EXISTS (
        SELECT FROM records AS other WHERE other.subject = spell.subject AND other.kind = 'spell'
        AND other.body ->> 'withdrawn' IS DISTINCT FROM 'true' AND other.record_id <> spell.record_id
        AND CASE
            WHEN (other.body ->> 'begin_on') COLLATE "C" > (spell.body ->> 'begin_on') COLLATE "C"
                THEN other.body ->> 'begin_on' <= :today
            ELSE spell.body ->> 'begin_on' > :today AND NOT {_OVER.format("other")}
        END
    )
"""
_OWNED = f"SELECT subject FROM records AS spell WHERE spell.body ->> 'lea' = :lea AND {_OWNING}"
# A re-evaluation is due three years after an earlier one, so a student's evaluations are read together.
_EVALUATIONS = text(f"""
    SELECT body::text FROM records WHERE kind = 'evaluation' AND subject IN (
        SELECT subject FROM records WHERE kind = 'evaluation' AND subject IN ({_OWNED}) AND (
            body ->> 'stage' IN ('requested', 'consented', 'begun')
            OR body ->> 'stage' = 'completed' AND body ->> 'evaluation_type' = 'initial'
        )
    )
""")
_UNSUBMITTED_IEPS = text(f"""
    SELECT body::text, (
        SELECT body::text FROM records AS deletion WHERE deletion.kind = 'iep_deletion'
            AND deletion.subject = records.subject AND deletion.record_id = records.record_id
    ), revision, changed_by, changed_at FROM records
    WHERE kind = 'iep' AND body ->> 'stage' IN ('draft', 'official')
        AND body ->> 'stage' = ANY(CAST(:stages AS text[])) AND subject IN ({_OWNED})
        AND (subject, record_id) > (:after_subject, :after_iep)
    ORDER BY subject, record_id LIMIT :limit
""")
_DELETIONS = text(f"""
    SELECT deletion.body::text, header.body::text FROM records AS deletion
    JOIN records AS header USING (subject, record_id)
    WHERE deletion.kind = 'iep_deletion' AND deletion.body ->> 'state' = 'requested'
        AND header.kind = 'iep' AND subject IN ({_OWNED})
        AND (subject, record_id) > (:after_subject, :after_iep)
    ORDER BY subject, record_id LIMIT :limit
""")
# Students whose birth date may not agree with a record: a few more than do not. `birth_dates` decides.
_AGES_TO_CHECK = text(f"""
    SELECT subject FROM records AS student WHERE kind = 'student' AND subject IN ({_OWNED}) AND EXISTS (
        SELECT FROM records AS record
        CROSS JOIN LATERAL (
            SELECT
                (CAST(record.body ->> 'begin_on' AS date) - born.day) / 365.25 AS begun,
                (CAST(record.body ->> 'determined_on' AS date) - born.day) / 365.25 AS determined
            FROM (SELECT CAST(student.body ->> 'birth_on' AS date) AS day) AS born
        ) AS age
        WHERE record.subject = student.subject AND (
            record.kind = 'evaluation' AND (
                least(
                    record.body ->> 'permission_requested_on', record.body ->> 'begun_on',
                    record.body ->> 'parent_signed_on'
                ) < student.body ->> 'birth_on'
                OR EXISTS (
                    SELECT FROM jsonb_array_elements(record.body -> 'exceptionalities') AS found (one)
                    JOIN unnest(CAST(:codes AS text[]), CAST(:lowest AS int[]), CAST(:highest AS int[]))
                        AS limits (code, lowest, highest) ON limits.code = found.one ->> 'code'
                    WHERE age.determined NOT BETWEEN limits.lowest + 0.01 AND limits.highest + 0.98
                )
            )
            OR record.kind = 'iep' AND record.body ->> 'stage' IN ('official', 'submitted') AND (
                age.begun NOT BETWEEN 3.01 AND 22.98
                OR age.begun > 5.98 AND record.body ->> 'environment' = ANY (CAST(:early AS text[]))
                OR age.begun < 6.01 AND record.body ->> 'environment' = ANY (CAST(:school_age AS text[]))
            )
        )
    ) ORDER BY subject
""")
_CHANGED = text("""
    SELECT record_id, revision, changed_by, changed_at FROM records
    WHERE subject = :subject AND kind = 'iep'
""")
_RECORDS = text(
    "SELECT subject, kind, body::text FROM records WHERE subject = ANY(CAST(:subjects AS text[]))"
)
_CONTENTS = text("""
    SELECT body::text
    FROM unnest(CAST(:subjects AS text[]), CAST(:ieps AS text[])) AS named (subject, record_id)
    JOIN contents USING (subject, record_id) WHERE kind = 'iep_contents'
""")
# A calendar's subject is `calendar/` and its year.
_CALENDARS = text("""
    SELECT body::text FROM records
    WHERE kind = 'calendar' AND subject > 'calendar/' AND subject < 'calendar0' ORDER BY subject
""")
_RUNNING = text(f"""
    SELECT evaluation.subject, spell.body ->> 'lea' AS lea, evaluation.body::text AS body
    FROM records AS evaluation JOIN records AS spell USING (subject)
    WHERE evaluation.kind = 'evaluation' AND {_OWNING} AND EXISTS (
        SELECT FROM records AS running WHERE running.subject = evaluation.subject
        AND running.kind = 'evaluation' AND running.body ->> 'stage' IN ('consented', 'begun')
    )
    ORDER BY evaluation.subject
""")
_OLDEST = 199
_MODELS = {model.kind: model for model in STORED}


class Changed(NamedTuple):
    """The revision of a record, and who caused it when. Blank: no command caused it."""

    revision: int
    by: str | None
    at: datetime | None


class Running(NamedTuple):
    """A student whose evaluation has a due date: the owner, and all of the student's evaluations."""

    student_id: StudentId
    lea: LeaCode
    evaluations: Sequence[Evaluation]


async def calendars(database: AsyncConnection) -> Sequence[Calendar]:
    """The state's calendars, by year."""
    return [_calendar(body) for body in (await database.execute(_CALENDARS)).scalars()]


@lru_cache(maxsize=64)
def _calendar(body: str) -> Calendar:
    return Calendar.model_validate_json(body)


def _today() -> str:
    return day_at(datetime.now(UTC)).isoformat()


async def running_evaluations(database: AsyncConnection) -> Sequence[Running]:
    """The students of all LEAs who have an evaluation that is still to be completed, by State ID."""
    rows = (await database.execute(_RUNNING, {"today": _today()})).all()
    return [
        Running(subject, lea, [Evaluation.model_validate_json(row.body) for row in of_student])
        for (subject, lea), of_student in groupby(rows, key=lambda row: (row.subject, row.lea))
    ]


async def evaluations(database: AsyncConnection, lea: LeaCode) -> Sequence[Evaluation]:
    """Every evaluation of the students whom the LEA owns and who have an open one."""
    found = await database.execute(_EVALUATIONS, {"lea": lea, "today": _today()})
    return [Evaluation.model_validate_json(body) for body in found.scalars()]


async def unsubmitted_ieps(
    database: AsyncConnection, lea: LeaCode, stages: Collection[str], after: tuple[str, str], limit: int
) -> Sequence[tuple[IEP, IEPDeletion | None, Changed]]:
    """The IEPs, in one of the stages, of the students whom the LEA owns, each with the request to delete it:
    by State ID and id, after a pair."""
    given: dict[str, Any] = {"lea": lea, "today": _today(), "stages": list(stages), "limit": limit}
    given |= {"after_subject": after[0], "after_iep": after[1]}
    rows = await database.execute(_UNSUBMITTED_IEPS, given)
    return [
        (IEP.model_validate_json(body), _deletion(deletion), Changed(*changed))
        for body, deletion, *changed in rows
    ]


async def requested_deletions(
    database: AsyncConnection, lea: LeaCode, after: tuple[str, str], limit: int
) -> Sequence[tuple[IEPDeletion, IEP]]:
    """The open requests to delete IEPs of the students whom the LEA owns, each with the IEP: by State ID and
    id, after a pair."""
    given = {"lea": lea, "today": _today(), "limit": limit, "after_subject": after[0], "after_iep": after[1]}
    rows = await database.execute(_DELETIONS, given)
    return [
        (IEPDeletion.model_validate_json(deletion), IEP.model_validate_json(header))
        for deletion, header in rows
    ]


async def ages_to_check(database: AsyncConnection, lea: LeaCode) -> Sequence[StudentId]:
    """The students whom the LEA owns and whose birth date may not agree with a record, by State ID."""
    limited = [(code, one.more) for code, one in EXCEPTIONALITIES.items() if one.more["from_age"]]
    given = {
        "lea": lea,
        "today": _today(),
        "codes": [code for code, _ in limited],
        "lowest": [int(more["from_age"]) for _, more in limited],
        "highest": [int(more["through_age"] or _OLDEST) for _, more in limited],
        "early": _environments_of(placement.EARLY_CHILDHOOD),
        "school_age": _environments_of(placement.SCHOOL_AGE),
    }
    return (await database.execute(_AGES_TO_CHECK, given)).scalars().all()


def _environments_of(age_group: str) -> list[str]:
    return [code for code, one in ENVIRONMENTS.items() if one.more["age_group"] == age_group]


async def changed(database: AsyncConnection, student_id: StudentId) -> dict[str, Changed]:
    """Who changed each of a student's IEPs last, by the IEP's id."""
    rows = await database.execute(_CHANGED, {"subject": student_id})
    return {record_id: Changed(*rest) for record_id, *rest in rows}


async def known_of(database: AsyncConnection, students: Collection[StudentId]) -> dict[StudentId, Known]:
    """The records of each student, without the contents of IEPs."""
    found: dict[StudentId, Known] = defaultdict(Known)
    if students:
        for subject, kind, body in await database.execute(_RECORDS, {"subjects": list(students)}):
            found[subject].learn(_MODELS[kind].model_validate_json(body))
    return found


async def contents(database: AsyncConnection, ieps: Collection[IEP]) -> Sequence[IEPContents]:
    """The contents of these IEPs."""
    if not ieps:
        return ()
    given = {"subjects": [iep.subject for iep in ieps], "ieps": [iep.record_id for iep in ieps]}
    return [
        IEPContents.model_validate_json(body) for body in (await database.execute(_CONTENTS, given)).scalars()
    ]


def _deletion(body: str | None) -> IEPDeletion | None:
    return IEPDeletion.model_validate_json(body) if body else None
