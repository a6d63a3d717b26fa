"""The tables every service has, and what this database refuses: overlaps, gaps, two claims at a time."""

from alembic import op

from services.chassis.migrations import create_core

revision = "0001"
down_revision = None

# ISO dates are read alike under every setting, so the function is as immutable as it says.
_SPELL_DAYS = """
CREATE FUNCTION spell_days(body jsonb) RETURNS daterange IMMUTABLE PARALLEL SAFE LANGUAGE sql
RETURN daterange((body ->> 'begin_on')::date, (body ->> 'end_on')::date, '[]')
"""

# Deferred, because a transfer writes the end of one spell and the beginning of the next in one statement,
# and a batch may hold the end of one claim and the beginning of another.
_CONSTRAINTS = """
ALTER TABLE things
    ADD CONSTRAINT subject_is_state_id CHECK (subject ~ '^[0-9]{10}$'),
    ADD CONSTRAINT body_is_of_its_subject CHECK (body ->> 'student_id' = subject),
    ADD CONSTRAINT spells_never_overlap
        EXCLUDE USING gist (subject WITH =, spell_days(body) WITH &&) WHERE (kind = 'spell')
        DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT one_claim_at_a_time
        EXCLUDE USING btree (subject WITH =) WHERE (kind = 'transfer' AND body ->> 'state' = 'requested')
        DEFERRABLE INITIALLY DEFERRED
"""

_NO_GAPS = """
CREATE FUNCTION refuse_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM things
        WHERE subject = NEW.subject AND kind = 'spell'
        AND lower(spell_days(body)) = upper(spell_days(NEW.body))
    ) THEN
        RAISE check_violation
            USING MESSAGE = 'no spell begins the day after this one', CONSTRAINT = 'spells_leave_no_gap';
    END IF;
    RETURN NULL;
END $$
"""

_WATCH_GAPS = """
CREATE CONSTRAINT TRIGGER spells_leave_no_gap AFTER INSERT OR UPDATE ON things
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (NEW.kind = 'spell' AND NEW.body ->> 'end_on' IS NOT NULL)
EXECUTE FUNCTION refuse_gap()
"""

_INDEXES = (
    "CREATE INDEX students_of_lea ON things ((body ->> 'lea'), subject)"
    " WHERE kind = 'spell' AND body ->> 'end_on' IS NULL",
    "CREATE INDEX claims_of_lea ON things ((body ->> 'to_lea'), subject, thing)"
    " WHERE kind = 'transfer' AND body ->> 'state' <> 'completed'",
)


def upgrade() -> None:
    """From nothing to the first schema."""
    create_core()
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for statement in (_SPELL_DAYS, _CONSTRAINTS, _NO_GAPS, _WATCH_GAPS, *_INDEXES):
        op.execute(statement)
