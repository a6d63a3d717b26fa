"""The constraints of this database, and the SQL of the lists."""

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.calendars import Calendar
from contracts.counting import Calendars
from services.jurisdiction.domain.rules import SERVICES_OPEN

CONSTRAINTS = {
    "spells_never_overlap": "JUR-003, JUR-006",
    "spells_leave_no_gap": "the old spell ends the day before the new one begins, or an LEA closed it",
    "a_closed_spell_has_ended": "a reason for the end comes with a last day",
    "one_claim_at_a_time": "JUR-005",
}
"""The constraints by name, each with the rule that it enforces a second time.

Two open spells always overlap, and a spell ends only with a successor or with a reason. So a claimed student
has exactly one owner until an LEA closes its jurisdiction. PostgreSQL checks the first three constraints at
the end of a transaction, because a transfer ends one spell and begins the next in the same transaction.
"""

_OVER = """({0}.body ->> 'end_on' IS NOT NULL
    AND (
        {0}.body ->> 'end_reason' IS NOT NULL
        OR {0}.body ->> 'end_on' < greatest(:today, {0}.body ->> 'begin_on')
    ))"""
# The spells whose LEA owns the student today (`contracts.facts.holding`). ISO dates compare as texts.
STUDENTS_OF_LEA = text(
    f"""
    SELECT spell.body::text FROM records AS spell
    WHERE spell.kind = 'spell' AND spell.body ->> 'withdrawn' IS DISTINCT FROM 'true'
        AND spell.body ->> 'lea' = :lea AND spell.subject > :after
        AND NOT {_OVER.format("spell")} AND NOT EXISTS (
            SELECT FROM records AS other
            WHERE other.subject = spell.subject AND other.kind = 'spell'
            AND other.body ->> 'withdrawn' IS DISTINCT FROM 'true' AND other.record_id <> spell.record_id
            AND CASE
                WHEN other.body ->> 'begin_on' > spell.body ->> 'begin_on'
                    THEN other.body ->> 'begin_on' <= :today
                ELSE spell.body ->> 'begin_on' > :today AND NOT {_OVER.format("other")}
            END
        )
    ORDER BY spell.subject LIMIT :limit
    """
)


_CLAIMS = """
    SELECT claim.body::text AS body, requested.at AS claimed_at
    FROM records AS claim
    LEFT JOIN states AS requested ON requested.kind = 'transfer'
        AND requested.record_id = claim.record_id AND requested.revision = 1
    WHERE claim.kind = 'transfer' AND {which}
        AND (claim.subject, claim.record_id) > (:after_subject, :after_claim)
        AND EXISTS (
            SELECT FROM records AS spell WHERE spell.subject = claim.subject AND spell.kind = 'spell'
                AND spell.record_id = claim.body ->> 'from_spell' AND spell.body ->> 'end_on' IS NULL
                AND spell.body ->> 'withdrawn' IS DISTINCT FROM 'true'
        )
        AND NOT EXISTS (
            SELECT FROM records AS later
            JOIN ledger AS answer ON answer.command_id = later.record_id::uuid
            JOIN ledger AS earlier ON earlier.command_id = claim.record_id::uuid
            WHERE later.subject = claim.subject AND later.kind = 'transfer'
                AND later.body ->> 'to_lea' = claim.body ->> 'to_lea' AND answer.at > earlier.at
        )
    ORDER BY claim.subject, claim.record_id LIMIT :limit
"""


def claims(party: str) -> TextClause:
    """The claims that are requested or refused, of the LEA that is the `party`: `to_lea` or `from_lea`.

    The list shows a refused claim while the old owner's spell is open and the claimant has not claimed again.
    """
    which = f"""claim.body ->> 'state' = ANY(CAST(:states AS text[]))
        AND claim.body ->> 'state' <> 'completed' AND claim.body ->> '{party}' = :lea"""
    return text(_CLAIMS.format(which=which))


# The blocked claims for which an LEA asks the state for help, and those without an answer since a day.
ESCALATED = text(
    _CLAIMS.format(
        which=f"""claim.body ->> 'state' = 'refused'
        AND claim.body -> 'findings' @> '[{{"code": "{SERVICES_OPEN.code}"}}]' AND (
            claim.body ->> 'escalated_on' IS NOT NULL
            OR claim.body ->> 'answered_on' IS NULL AND claim.body ->> 'waiting_since' <= :since
        )"""
    )
)

CALENDARS = text("SELECT body::text FROM records WHERE kind = 'calendar'")


async def calendars(database: AsyncConnection) -> Calendars:
    """The state's calendars, as far as jurisdiction has heard of them."""
    found = (await database.execute(CALENDARS)).scalars()
    return Calendars(Calendar.model_validate_json(body) for body in found)


# The claims on a student, a row for each state: when this service kept it, who sent the claim, and who
# caused the state. The states are found under every State ID under which the claim stood, without its moves.
CLAIM_STATES = text(
    """
    SELECT state.kind, state.record_id, state.body, state.at, claim.sender, state.changed_by
    FROM (
        SELECT states.*, states.body ->> 'moved_to' AS left_for, lag(states.body ->> 'moved_to') OVER (
            PARTITION BY kind, record_id ORDER BY states.revision
        ) AS came_as
        FROM records JOIN states USING (kind, record_id)
        WHERE records.subject = :subject AND records.kind IN ('spell', 'transfer')
    ) AS state
    LEFT JOIN ledger AS claim ON claim.command_id = state.record_id::uuid
    WHERE left_for IS NULL AND came_as IS NULL
    ORDER BY state.at, state.record_id, state.revision
    """
)

SPELLS_KNOWN_AT = text(
    """
    SELECT body::text FROM (
        SELECT DISTINCT ON (record_id) body FROM states
        WHERE subject = :subject AND kind = 'spell' AND at <= :known_at
        ORDER BY record_id, revision DESC
    ) AS newest
    WHERE body ->> 'moved_to' IS NULL
    """
)
