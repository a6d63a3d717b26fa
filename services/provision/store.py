"""The constraints of this database, and the SQL of the lists."""

from collections.abc import Sequence

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.decision import Known
from contracts.types import LeaCode
from services.provision.domain import STORED

CONSTRAINTS = {
    "records_pkey": "PRO-006",
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
    " AND body ->> 'provider_id' > :after ORDER BY body ->> 'provider_id' LIMIT :limit"
)

_RECORDS = text(
    "SELECT subject, kind, body::text FROM records WHERE subject = ANY(CAST(:subjects AS text[]))"
)
_MODELS = {model.kind: model for model in STORED}


async def listed(
    database: AsyncConnection, which: TextClause, lea: LeaCode, after: str, limit: int
) -> dict[str, Known]:
    """The records of the students that the query `which` finds for an LEA, by State ID."""
    found = await database.execute(which, {"lea": lea, "after": after, "limit": limit})
    return await _known(database, found.scalars().all())


async def _known(database: AsyncConnection, subjects: Sequence[str]) -> dict[str, Known]:
    students = {subject: Known() for subject in subjects}
    rows = await database.execute(_RECORDS, {"subjects": list(subjects)})
    for subject, kind, body in rows.all():
        students[subject].learn(_MODELS[kind].model_validate_json(body))
    return students
