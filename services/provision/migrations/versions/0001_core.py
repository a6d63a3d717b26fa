"""The tables of every service, and this database's constraints: no service ends too early or reopens."""

from alembic import op

from services.chassis.keeping.migrations import create_core

revision = "core8"
down_revision = None

# ISO dates sort as texts in the order of time.
_CONSTRAINTS = """
ALTER TABLE records
    ADD CONSTRAINT subject_is_state_id CHECK (
        kind IN ('provider', 'calendar') OR subject ~ '^[0-9]{10}$'
    ),
    ADD CONSTRAINT body_is_of_its_subject CHECK (
        subject = coalesce(
            body ->> 'student_id',
            'provider/' || (body ->> 'lea') || '/' || (body ->> 'provider_id'),
            'calendar/' || (body ->> 'year')
        )
    ),
    ADD CONSTRAINT service_id_names_the_service CHECK (
        kind <> 'service' OR body ->> 'service_id' = record_id
    ),
    ADD CONSTRAINT service_ends_after_it_began CHECK (
        kind <> 'service'
        OR (body ->> 'end_on') COLLATE "C" >= (body #>> '{terms,begin_on}') COLLATE "C"
    ),
    ADD CONSTRAINT first_session_within_service CHECK (
        kind <> 'service'
        OR (body ->> 'first_given_on') COLLATE "C" >= (body #>> '{terms,begin_on}') COLLATE "C"
        AND (body ->> 'first_given_on') COLLATE "C" <= coalesce(body ->> 'end_on', '9999-12-31') COLLATE "C"
    ),
    ADD CONSTRAINT terminated_with_a_reason CHECK (
        kind <> 'service' OR (body ->> 'end_on' IS NULL) = (body ->> 'termination_reason' IS NULL)
    )
"""

_REFUSE = """
CREATE FUNCTION refuse_reopening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE check_violation USING
        MESSAGE = 'a terminated service stays terminated, and no service passes to another LEA',
        CONSTRAINT = 'terminated_stays_terminated';
END $$
"""

_WATCH_SERVICES = """
CREATE TRIGGER terminated_stays_terminated BEFORE UPDATE ON records FOR EACH ROW
WHEN (
    OLD.kind = 'service' AND (
        OLD.body ->> 'end_on' <> coalesce(NEW.body ->> 'end_on', '')
        OR OLD.body ->> 'termination_reason' <> coalesce(NEW.body ->> 'termination_reason', '')
        OR OLD.body ->> 'lea' <> NEW.body ->> 'lea'
    )
)
EXECUTE FUNCTION refuse_reopening()
"""

_INDEXES = (
    "CREATE INDEX blocked_by_lea ON records ((body ->> 'from_lea'), subject)"
    " WHERE kind = 'transfer_answer' AND body ->> 'state' = 'blocked'",
    "CREATE INDEX providers_of_lea ON records ((body ->> 'lea'), (body ->> 'provider_id'))"
    " WHERE kind = 'provider'",
    "CREATE INDEX caseload_of_provider ON records"
    " ((body ->> 'lea'), (body #>> '{terms,provider_id}'), subject)"
    " WHERE kind = 'service' AND body ->> 'end_on' IS NULL",
    "CREATE INDEX caseload_of_teacher_of_record ON records"
    " ((body ->> 'lea'), (body #>> '{terms,teacher_of_record}'), subject)"
    " WHERE kind = 'service' AND body ->> 'end_on' IS NULL",
    "CREATE INDEX sessions_of_provider ON records"
    " ((body ->> 'lea'), (body ->> 'provider_id'), (body ->> 'given_on'))"
    " WHERE kind = 'session' AND NOT (body ->> 'removed')::boolean AND body ->> 'session_kind' <> 'missed'",
    "CREATE INDEX released_to_lea ON records ((body ->> 'to_lea'), subject)"
    " WHERE kind = 'transfer_answer' AND body ->> 'state' = 'released'",
)

# What an LEA asked for, and the services that it concerned then. The verdicts are outcomes in the ledger.
_REASSIGNMENTS = """
CREATE TABLE reassignments (
    reassignment_id uuid PRIMARY KEY,
    asked jsonb NOT NULL,
    services jsonb NOT NULL,
    sent_by text NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT now()
)
"""


def upgrade() -> None:
    """Creates the first schema."""
    create_core("service", "session", "transfer_answer")
    for statement in (_CONSTRAINTS, _REFUSE, _WATCH_SERVICES, *_INDEXES, _REASSIGNMENTS):
        op.execute(statement)
