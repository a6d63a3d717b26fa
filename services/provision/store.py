"""The constraints of this database, and the SQL of the lists."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.calendars import Calendar
from contracts.counting import Calendars
from contracts.decision import Known
from contracts.provision import Service, Session
from contracts.types import LeaCode, SessionId, StaffId, StudentId
from services.provision.domain import STORED
from services.provision.domain.providers import Part

CONSTRAINTS = {
    "records_pkey": "PRO-006, PRO-036",
    "service_id_names_the_service": "PRO-006",
    "service_ends_after_it_began": "PRO-013",
    "first_session_within_service": "PRO-021, PRO-022, PRO-023",
    "terminated_with_a_reason": "a termination has a last day and a reason",
    "terminated_stays_terminated": "PRO-012",
}
"""The constraints by name, each with its rule. A service id is unique among one student's services."""

# The list may include students with superseded answers. `waiting_claims` leaves these out.
BLOCKED_BY = text(
    "SELECT DISTINCT subject FROM records AS answer"
    " WHERE kind = 'transfer_answer' AND body ->> 'state' = 'blocked' AND body ->> 'from_lea' = :lea"
    " AND subject > :after AND EXISTS ("
    "  SELECT FROM records AS service WHERE service.subject = answer.subject AND service.kind = 'service'"
    "  AND service.body ->> 'end_on' IS NULL AND service.body ->> 'lea' = :lea)"
    " ORDER BY subject LIMIT :limit"
)
RELEASED_TO = text(
    "SELECT DISTINCT subject FROM records"
    " WHERE kind = 'transfer_answer' AND body ->> 'state' = 'released' AND body ->> 'to_lea' = :lea"
    " AND subject > :after ORDER BY subject LIMIT :limit"
)

PROVIDERS_OF = text(
    "SELECT body::text FROM records WHERE kind = 'provider' AND body ->> 'lea' = :lea"
    " AND body ->> 'provider_id' > :after AND strpos(lower(body ->> 'provider_id'), lower(:part)) > 0"
    " AND (:day = '' OR body ->> 'active_from' <= :day"
    " AND coalesce(body ->> 'active_through', '9999-12-31') >= :day)"
    " ORDER BY body ->> 'provider_id' LIMIT :limit"
)

_CASELOADS = {
    part: text(
        "SELECT subject, body::text FROM records"
        " WHERE kind = 'service' AND body ->> 'end_on' IS NULL AND body ->> 'lea' = :lea"
        f" AND body #>> '{{terms,{part}}}' = :provider AND subject IN ("
        "  SELECT DISTINCT subject FROM records"
        "  WHERE kind = 'service' AND body ->> 'end_on' IS NULL AND body ->> 'lea' = :lea"
        f"  AND body #>> '{{terms,{part}}}' = :provider AND subject > :after ORDER BY subject LIMIT :limit)"
        " ORDER BY subject, body #>> '{terms,begin_on}', record_id"
    )
    for part in Part
}

# A service that is about to be reassigned: student, id and code.
_TO_REASSIGN = (
    "SELECT subject, record_id, body #>> '{terms,service_code}' AS service_code FROM records"
    " WHERE kind = 'service' AND body ->> 'lea' = :lea AND "
)
GIVEN_BY = text(
    _TO_REASSIGN + "body ->> 'end_on' IS NULL AND body #>> '{terms,provider_id}' = :provider"
    " ORDER BY subject, record_id"
)
CHOSEN = text(
    _TO_REASSIGN + "record_id <> '' AND record_id = ANY(CAST(:ids AS text[])) ORDER BY subject, record_id"
)
KEEP_REASSIGNMENT = text(
    "INSERT INTO reassignments (reassignment_id, asked, services, sent_by)"
    " VALUES (:id, CAST(:asked AS jsonb), CAST(:services AS jsonb), :sent_by) ON CONFLICT DO NOTHING"
)
REASSIGNMENT = text("SELECT asked, services, sent_by, sent_at FROM reassignments WHERE reassignment_id = :id")

SESSIONS = text(
    "SELECT body::text FROM records WHERE kind = 'session' AND subject = ANY(CAST(:subjects AS text[]))"
    " AND body ->> 'given_on' BETWEEN :since AND :through AND NOT (body ->> 'removed')::boolean"
    " ORDER BY body ->> 'given_on' DESC, body ->> 'start_time' DESC NULLS LAST, record_id"
)
SESSION = text(
    "SELECT body::text FROM records WHERE kind = 'session' AND subject = :subject AND record_id = :session_id"
)
_GIVEN = "kind = 'session' AND NOT (body ->> 'removed')::boolean AND body ->> 'session_kind' <> 'missed'"

LAST_SESSIONS = f"""
    SELECT subject, 'last_session', json_build_object(
        'student_id', subject, 'revision', 1,
        'service_id', body ->> 'service_id', 'given_on', max(body ->> 'given_on')
    )::text, body ->> 'service_id', 1
    FROM records WHERE subject = ANY ($1::text[]) AND {_GIVEN}
    GROUP BY subject, body ->> 'service_id'
"""

AT_WORK = f"""
    SELECT one.subject, 'provider_at_work', json_build_object(
        'lea', one.lea, 'provider_id', one.provider, 'revision', 1,
        'services', (
            SELECT count(*) FROM records
            WHERE kind = 'service' AND body ->> 'end_on' IS NULL AND body ->> 'lea' = one.lea
                AND body #>> '{{terms,provider_id}}' = one.provider
        ),
        'last_given_on', (
            SELECT max(body ->> 'given_on') FROM records
            WHERE body ->> 'lea' = one.lea AND body ->> 'provider_id' = one.provider AND {_GIVEN}
        )
    )::text, '', 1
    FROM (
        SELECT subject, split_part(subject, '/', 2) AS lea, split_part(subject, '/', 3) AS provider
        FROM unnest($1::text[]) AS subject
    ) AS one
"""

CALENDARS = text("SELECT body::text FROM records WHERE kind = 'calendar'")

_RECORDS = text(
    "SELECT subject, kind, body::text FROM records"
    " WHERE subject = ANY(CAST(:subjects AS text[])) AND kind NOT IN ('session', 'session_day')"
)
_MODELS = {model.kind: model for model in STORED}


async def listed(
    database: AsyncConnection, which: TextClause, lea: LeaCode, after: str, limit: int
) -> dict[str, Known]:
    """The records of the students that the query `which` finds for an LEA, by State ID."""
    found = await database.execute(which, {"lea": lea, "after": after, "limit": limit})
    return await _known(database, found.scalars().all())


async def caseload(
    database: AsyncConnection, lea: LeaCode, provider: StaffId, part: Part, after: str, limit: int
) -> dict[str, list[Service]]:
    """The open services whose last terms name a provider of an LEA in a part, by the students' State IDs."""
    given = {"lea": lea, "provider": provider, "after": after, "limit": limit}
    found: dict[str, list[Service]] = {}
    for subject, body in (await database.execute(_CASELOADS[part], given)).all():
        found.setdefault(subject, []).append(Service.model_validate_json(body))
    return found


async def sessions(
    database: AsyncConnection, students: Sequence[StudentId], since: date, through: date
) -> list[Session]:
    """The sessions of students in a period, newest first; none that was removed."""
    given = {"subjects": list(students), "since": since.isoformat(), "through": through.isoformat()}
    return [Session.model_validate_json(body) for body in (await database.execute(SESSIONS, given)).scalars()]


async def session(database: AsyncConnection, student: StudentId, session_id: SessionId) -> Session | None:
    """One session of a student, removed ones too."""
    given = {"subject": student, "session_id": str(session_id)}
    body = (await database.execute(SESSION, given)).scalar_one_or_none()
    return Session.model_validate_json(body) if body else None


async def calendars(database: AsyncConnection) -> Calendars:
    """The state's calendars, as far as provision has heard of them."""
    found = (await database.execute(CALENDARS)).scalars()
    return Calendars(Calendar.model_validate_json(body) for body in found)


async def _known(database: AsyncConnection, subjects: Sequence[str]) -> dict[str, Known]:
    students = {subject: Known() for subject in subjects}
    rows = await database.execute(_RECORDS, {"subjects": list(subjects)})
    for subject, kind, body in rows.all():
        students[subject].learn(_MODELS[kind].model_validate_json(body))
    return students
