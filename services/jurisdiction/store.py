"""The constraints of this database, and the SQL of the lists."""

from sqlalchemy import text

CONSTRAINTS = {
    "spells_never_overlap": "JUR-003, JUR-006",
    "spells_leave_no_gap": "the old spell ends the day before the new one begins",
    "one_claim_at_a_time": "JUR-005",
}
"""The constraints by name, each with the rule that it enforces a second time.

Two open spells always overlap, and the last spell cannot end without a successor. So a claimed student has
exactly one owner. PostgreSQL checks all three constraints at the end of a transaction, because a transfer
ends one spell and begins the next in the same transaction.
"""

STUDENTS_OF_LEA = text(
    "SELECT body::text FROM records"
    " WHERE kind = 'spell' AND body ->> 'end_on' IS NULL AND body ->> 'lea' = :lea AND subject > :after"
    " ORDER BY subject LIMIT :limit"
)

# The list shows a refused claim while the old owner's spell is open and the LEA has not claimed again.
CLAIMS_OF_LEA = text(
    "SELECT claim.body::text FROM records AS claim"
    " WHERE claim.kind = 'transfer' AND claim.body ->> 'state' = ANY(CAST(:states AS text[]))"
    " AND claim.body ->> 'state' <> 'completed' AND claim.body ->> 'to_lea' = :lea"
    " AND (claim.subject, claim.record_id) > (:after_subject, :after_claim)"
    " AND EXISTS ("
    "  SELECT FROM records AS spell WHERE spell.subject = claim.subject AND spell.kind = 'spell'"
    "  AND spell.record_id = claim.body ->> 'from_spell' AND spell.body ->> 'end_on' IS NULL)"
    " AND NOT EXISTS ("
    "  SELECT FROM records AS later"
    "  JOIN ledger AS answer ON answer.command_id = later.record_id::uuid"
    "  JOIN ledger AS earlier ON earlier.command_id = claim.record_id::uuid"
    "  WHERE later.subject = claim.subject AND later.kind = 'transfer' AND later.body ->> 'to_lea' = :lea"
    "  AND answer.at > earlier.at)"
    " ORDER BY claim.subject, claim.record_id LIMIT :limit"
)
