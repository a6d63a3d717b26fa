"""The tables of every service, and this database's constraints, such as one open evaluation a student."""

from alembic import op

from services.chassis.keeping.migrations import create_core

revision = "core6"
down_revision = None

# The State ID to which a record belongs: what is true of one student is true of each that was merged.
_OWNED_BY = """
CREATE FUNCTION owned_by(subject text, body jsonb) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql
RETURN coalesce(body ->> 'belongs_to', subject)
"""

# ISO dates sort as texts in the order of time. PostgreSQL checks open evaluations and activities at the end
# of a transaction, because a batch may close one and open the next.
_CONSTRAINTS = """
ALTER TABLE records
    ADD CONSTRAINT subject_is_state_id CHECK (kind = 'calendar' OR subject ~ '^[0-9]{10}$'),
    ADD CONSTRAINT body_is_of_its_subject CHECK (
        subject = coalesce(body ->> 'student_id', 'calendar/' || (body ->> 'year'))
    ),
    ADD CONSTRAINT evaluation_id_names_the_evaluation CHECK (
        kind <> 'evaluation' OR body ->> 'evaluation_id' = record_id
    ),
    ADD CONSTRAINT iep_id_names_the_iep CHECK (kind <> 'iep' OR body ->> 'iep_id' = record_id),
    ADD CONSTRAINT evaluation_dates_in_order CHECK (
        kind <> 'evaluation' OR (
            (body ->> 'decided_on') COLLATE "C" >= (body ->> 'permission_requested_on') COLLATE "C"
            AND (body ->> 'report_disseminated_on') COLLATE "C" >= (body ->> 'decided_on') COLLATE "C"
            AND (body ->> 'report_disseminated_on') COLLATE "C" >= (body ->> 'begun_on') COLLATE "C"
            AND (body ->> 'determined_on') COLLATE "C" >= (body ->> 'report_disseminated_on') COLLATE "C"
            AND (body ->> 'closed_on') COLLATE "C" >= (body ->> 'report_disseminated_on') COLLATE "C"
            AND (body ->> 'closed_on') COLLATE "C" >= (body ->> 'permission_requested_on') COLLATE "C"
        )
    ),
    ADD CONSTRAINT evaluation_begins_as_its_type CHECK (
        kind <> 'evaluation' OR (
            (body ->> 'evaluation_type' = 'initial') = (body ->> 'permission_requested_on' IS NOT NULL)
            AND (body ->> 'evaluation_type' = 're-evaluation') = (body ->> 'begun_on' IS NOT NULL)
            AND (body ->> 'evaluation_type' = 'triennial waiver') = (body ->> 'parent_signed_on' IS NOT NULL)
        )
    ),
    ADD CONSTRAINT waiver_has_only_a_signature CHECK (
        kind <> 'evaluation' OR (
            (body ->> 'evaluation_type' = 'triennial waiver') = (body ->> 'stage' = 'waived')
            AND (body ->> 'stage' <> 'waived' OR body ->> 'report_disseminated_on' IS NULL)
        )
    ),
    ADD CONSTRAINT determination_is_counted CHECK (
        kind <> 'evaluation' OR (
            (body ->> 'stage' = 'determined') = (body ->> 'determined_on' IS NOT NULL)
            AND (body ->> 'stage' = 'determined') = (body ->> 'determination' IS NOT NULL)
        )
    ),
    ADD CONSTRAINT iep_dates_in_order CHECK (
        kind <> 'iep' OR (
            (body ->> 'begin_on') COLLATE "C" >= (body ->> 'meeting_on') COLLATE "C"
            AND (body ->> 'signed_on') COLLATE "C" >= (body ->> 'meeting_on') COLLATE "C"
        )
    ),
    ADD CONSTRAINT activity_dates_in_order CHECK (
        kind <> 'sped_activity'
        OR (body ->> 'exited_on') COLLATE "C" >= (body ->> 'entered_on') COLLATE "C"
    ),
    ADD CONSTRAINT iep_id_names_the_deletion CHECK (
        kind <> 'iep_deletion' OR body ->> 'iep_id' = record_id
    ),
    ADD CONSTRAINT two_people_delete CHECK (
        kind <> 'iep_deletion' OR body ->> 'state' <> 'approved'
        OR split_part(body ->> 'decided_by', '/', 2) <> split_part(body ->> 'requested_by', '/', 2)
    ),
    ADD CONSTRAINT one_primary_exceptionality CHECK (
        kind <> 'evaluation'
        OR NOT jsonb_path_exists(body, '$.exceptionalities[*]')
        OR jsonb_array_length(
            jsonb_path_query_array(body, '$.exceptionalities[*] ? (@.primary == true)')
        ) = 1
    ),
    ADD CONSTRAINT one_open_evaluation
        EXCLUDE USING btree (owned_by(subject, body) WITH =)
        WHERE (kind = 'evaluation' AND (
            body ->> 'stage' IN ('requested', 'consented', 'begun')
            OR body ->> 'stage' = 'completed' AND body ->> 'evaluation_type' = 'initial'
        ))
        DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT one_determination_of_each
        EXCLUDE USING btree (owned_by(subject, body) WITH =, (body ->> 'determination') WITH =)
        WHERE (kind = 'evaluation' AND body ->> 'determination' IS NOT NULL)
        DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT one_open_sped_activity
        EXCLUDE USING btree (owned_by(subject, body) WITH =)
        WHERE (
            kind = 'sped_activity' AND body ->> 'exited_on' IS NULL
            AND body ->> 'voided' IS DISTINCT FROM 'true'
        )
        DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT one_amendment_of_each
        EXCLUDE USING btree (subject WITH =, (body ->> 'amends') WITH =)
        WHERE (
            kind = 'iep' AND body ->> 'amends' IS NOT NULL
            AND body ->> 'stage' NOT IN ('discarded', 'deleted')
        )
        DEFERRABLE INITIALLY DEFERRED
"""

_CONTENTS = """
ALTER TABLE contents
    ADD CONSTRAINT contents_subject_is_state_id CHECK (subject ~ '^[0-9]{10}$'),
    ADD CONSTRAINT contents_are_of_their_subject CHECK (body ->> 'student_id' = subject),
    ADD CONSTRAINT iep_id_names_the_contents CHECK (kind <> 'iep_contents' OR body ->> 'iep_id' = record_id)
"""

_REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE check_violation USING MESSAGE = 'this stays as it is: ' || TG_NAME, CONSTRAINT = TG_NAME;
END $$
"""

# The header of a submitted IEP changes its stage to `deleted`, and nothing else.
_WATCH_SUBMITTED = """
CREATE TRIGGER submitted_iep_stays BEFORE UPDATE ON records FOR EACH ROW
WHEN (OLD.kind = 'iep' AND OLD.body ->> 'stage' = 'submitted' AND (
    NEW.body ->> 'stage' <> 'deleted'
    OR NEW.body - '{stage,revision}'::text[] <> OLD.body - '{stage,revision}'::text[]
))
EXECUTE FUNCTION refuse_change()
"""

_WATCH_OVER = """
CREATE TRIGGER discarded_or_deleted_iep_stays BEFORE UPDATE ON records FOR EACH ROW
WHEN (OLD.kind = 'iep' AND OLD.body ->> 'stage' IN ('discarded', 'deleted'))
EXECUTE FUNCTION refuse_change()
"""

_WATCH_OFFICIAL = """
CREATE TRIGGER official_contents_stay BEFORE UPDATE ON contents FOR EACH ROW
WHEN ((OLD.body ->> 'official')::boolean)
EXECUTE FUNCTION refuse_change()
"""

# One transaction writes a header and its contents. PostgreSQL compares the two at its end. The submission of
# an IEP writes the header alone, and its check reads no form.
_COMPARE = """
CREATE FUNCTION refuse_disagreement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM records AS header JOIN contents USING (record_id)
        WHERE record_id = NEW.record_id
            AND header.kind = 'iep' AND contents.kind = 'iep_contents'
            AND (header.body ->> 'contents_revision')::integer = contents.revision
            AND (TG_RELID = 'records'::regclass OR header.body ->> 'environment' IS NOT DISTINCT FROM
                jsonb_path_query_first(contents.body, '$.forms[*] ? (@.form == "LRE").environment') #>> '{}')
    ) THEN
        RAISE check_violation USING
            MESSAGE = 'an IEP and its contents say different things', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$
"""

_WATCH_HEADERS = """
CREATE CONSTRAINT TRIGGER iep_names_its_contents AFTER INSERT OR UPDATE ON records
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'iep')
EXECUTE FUNCTION refuse_disagreement()
"""

_WATCH_CONTENTS = """
CREATE CONSTRAINT TRIGGER contents_are_as_the_iep_says AFTER INSERT OR UPDATE ON contents
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'iep_contents')
EXECUTE FUNCTION refuse_disagreement()
"""


_INDEXES = (
    "CREATE INDEX students_of_lea ON records ((body ->> 'lea'), subject)"
    " WHERE kind = 'spell' AND body ->> 'withdrawn' IS DISTINCT FROM 'true'",
    "CREATE INDEX unsubmitted_ieps ON records (subject, record_id)"
    " WHERE kind = 'iep' AND body ->> 'stage' IN ('draft', 'official')",
    "CREATE INDEX iep_deletions ON records (subject, record_id)"
    " WHERE kind = 'iep_deletion' AND body ->> 'state' = 'requested'",
)


def upgrade() -> None:
    """Creates the first schema."""
    create_core("consent", "evaluation", "iep", "iep_deletion", "part_c", "sped_activity")
    for statement in (
        *(_OWNED_BY, _CONSTRAINTS, _CONTENTS, _REFUSE, _WATCH_SUBMITTED, _WATCH_OVER, _WATCH_OFFICIAL),
        *(_COMPARE, _WATCH_HEADERS, _WATCH_CONTENTS, *_INDEXES),
    ):
        op.execute(statement)
