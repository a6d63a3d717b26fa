"""The tables of every service, this database's constraints, and the states of spells and transfers.

The constraints: no overlap, no gap except after a closed spell, one claim at a time.
"""

from alembic import op

from services.chassis.keeping.migrations import create_core

revision = "core6"
down_revision = None

# PostgreSQL inlines these functions because all their parts are immutable; a cast to date is not. Inlining,
# and the State ID as a number instead of a text, make the exclusion constraint several times cheaper.
_DAY = """
CREATE FUNCTION day(iso text) RETURNS date IMMUTABLE PARALLEL SAFE LANGUAGE sql
RETURN make_date(left(iso, 4)::int, substr(iso, 6, 2)::int, substr(iso, 9, 2)::int)
"""
# A spell without a day has an empty range: the claim was withdrawn, or the spell ends before it begins.
_SPELL_DAYS = """
CREATE FUNCTION spell_days(body jsonb) RETURNS daterange IMMUTABLE PARALLEL SAFE LANGUAGE sql
RETURN daterange(day(body ->> 'begin_on'), CASE
    WHEN body ->> 'withdrawn' = 'true' THEN day(body ->> 'begin_on')
    WHEN body ->> 'end_on' IS NOT NULL THEN greatest(day(body ->> 'end_on') + 1, day(body ->> 'begin_on'))
END)
"""

# Deferred, because a transfer ends one spell and begins the next in one statement, and a batch may end one
# claim and begin another.
_CONSTRAINTS = """
ALTER TABLE records
    ADD CONSTRAINT subject_is_state_id CHECK (
        kind IN ('school_directory', 'calendar') OR subject ~ '^[0-9]{10}$'
    ),
    ADD CONSTRAINT body_is_of_its_subject CHECK (
        subject = coalesce(
            body ->> 'student_id', 'lea/' || (body ->> 'lea'), 'calendar/' || (body ->> 'year')
        )
    ),
    ADD CONSTRAINT a_closed_spell_has_ended CHECK (
        kind <> 'spell' OR body ->> 'end_reason' IS NULL OR body ->> 'end_on' IS NOT NULL
    ),
    ADD CONSTRAINT spells_never_overlap
        EXCLUDE USING gist ((subject::bigint) WITH =, spell_days(body) WITH &&) WHERE (kind = 'spell')
        DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT one_claim_at_a_time
        EXCLUDE USING btree (subject WITH =) WHERE (kind = 'transfer' AND body ->> 'state' = 'requested')
        DEFERRABLE INITIALLY DEFERRED
"""

# A change of one spell may leave a gap after another one, so the trigger looks at all of the student.
_NO_GAPS = """
CREATE FUNCTION refuse_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM records AS ended
        WHERE subject = NEW.subject AND kind = 'spell'
        AND NOT isempty(spell_days(body)) AND body ->> 'end_on' IS NOT NULL
        AND body ->> 'end_reason' IS NULL AND NOT EXISTS (
            SELECT FROM records AS next
            WHERE next.subject = ended.subject AND next.kind = 'spell'
            AND lower(spell_days(next.body)) = upper(spell_days(ended.body))
        )
    ) THEN
        RAISE check_violation
            USING MESSAGE = 'no spell begins the day after an ended one', CONSTRAINT = 'spells_leave_no_gap';
    END IF;
    RETURN NULL;
END $$
"""

_WATCH_GAPS = """
CREATE CONSTRAINT TRIGGER spells_leave_no_gap AFTER INSERT OR UPDATE ON records
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (NEW.kind = 'spell' AND (NEW.revision > 1 OR NEW.body ->> 'end_on' IS NOT NULL))
EXECUTE FUNCTION refuse_gap()
"""

_INDEXES = (
    "CREATE INDEX students_of_lea ON records ((body ->> 'lea'), subject)"
    " WHERE kind = 'spell' AND body ->> 'withdrawn' IS DISTINCT FROM 'true'",
    "CREATE INDEX claims_of_lea ON records ((body ->> 'to_lea'), subject, record_id)"
    " WHERE kind = 'transfer' AND body ->> 'state' <> 'completed'",
    "CREATE INDEX blocked_claims ON records (subject, record_id)"
    " WHERE kind = 'transfer' AND body ->> 'state' = 'refused'",
    "CREATE INDEX claims_on_lea ON records ((body ->> 'from_lea'), subject, record_id)"
    " WHERE kind = 'transfer' AND body ->> 'state' <> 'completed'",
)

# Each state of a spell and of a transfer, and since when this service knows it.
_STATES = """
CREATE TABLE states (
    subject text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    record_id text COLLATE "C" NOT NULL,
    revision integer NOT NULL,
    body jsonb NOT NULL,
    changed_by text,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subject, kind, record_id, revision)
)
"""
_STATES_BY_ID = "CREATE INDEX states_of_record ON states (record_id, kind, revision)"

_KEEP_STATES = """
CREATE FUNCTION keep_states() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO states (subject, kind, record_id, revision, body, changed_by)
    SELECT subject, kind, record_id, revision, body, changed_by FROM changed
    WHERE kind IN ('spell', 'transfer');
    RETURN NULL;
END $$
"""

_WATCH_STATES = """
CREATE TRIGGER keep_states_after_{event} AFTER {event} ON {table} REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION keep_states()
"""


def upgrade() -> None:
    """Creates the first schema."""
    create_core("spell", "transfer")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for statement in (_DAY, _SPELL_DAYS, _CONSTRAINTS, _NO_GAPS, _WATCH_GAPS, *_INDEXES):
        op.execute(statement)
    for statement in (_STATES, _STATES_BY_ID, _KEEP_STATES):
        op.execute(statement)
    for table in ("records", "departed"):
        for event in ("insert", "update"):  # an upsert fires both triggers, one of them perhaps without rows
            op.execute(_WATCH_STATES.format(event=event, table=table))
