"""Every event, the read models of the reports, and refusals."""

from alembic import op

from services.chassis.keeping.migrations import create_core

revision = "core9"
down_revision = None

# The tables of all messages have any subject, so their subjects are texts, sorted by bytes. The read models
# are about students only: a State ID has ten digits, and as a number it takes eight bytes in every index. An
# owner is an enumeration. A new owner needs a migration: ALTER TYPE owner ADD VALUE.
_TABLES = """
CREATE TYPE owner AS ENUM ('escholar', 'students', 'jurisdiction', 'ieps', 'provision');

CREATE TABLE revisions (
    subject text COLLATE "C" NOT NULL,
    owner owner NOT NULL,
    sequence integer NOT NULL CHECK (sequence >= 1),
    event_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    record_id text NOT NULL,
    revision integer NOT NULL,
    at timestamptz NOT NULL,
    sender text,
    causation text,
    body text NOT NULL,
    PRIMARY KEY (subject, owner, sequence)
);
COMMENT ON TABLE revisions IS
    'Every event, once. sequence: the owner''s count of its events about the subject. causation: the id of'
    ' the command or event that caused it.';

ALTER TABLE revisions ALTER body SET STATISTICS 0;
CREATE INDEX revisions_at ON revisions USING brin (at) WITH (pages_per_range = 16);

CREATE TABLE disputes (
    LIKE revisions INCLUDING CONSTRAINTS,
    settled boolean NOT NULL DEFAULT false,
    PRIMARY KEY (subject, owner, sequence, event_id)
);
CREATE INDEX disputes_open ON disputes (owner, subject, sequence) WHERE NOT settled;
COMMENT ON TABLE disputes IS 'Events with the same sequence as another event of the same owner and subject.';

CREATE TABLE settlements (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text COLLATE "C" NOT NULL,
    owner owner NOT NULL,
    sequence integer NOT NULL,
    event_id uuid NOT NULL,
    replaced uuid NOT NULL,
    events uuid[] NOT NULL,
    reason text NOT NULL,
    settled_by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX settlements_of ON settlements (subject, owner, sequence, id);
COMMENT ON TABLE settlements IS
    'The event that counts in a dispute (event_id), the one that counted before (replaced), all that had the'
    ' number (events), the user, the time and the reason. The newest row holds. A rebuild keeps them.';

CREATE TABLE streams (
    subject text COLLATE "C" NOT NULL,
    owner owner NOT NULL,
    received integer NOT NULL,
    highest integer NOT NULL,
    missing integer NOT NULL GENERATED ALWAYS AS (highest - received) STORED,
    PRIMARY KEY (subject, owner)
) WITH (fillfactor = 50);
CREATE INDEX streams_with_gaps ON streams (owner, subject) INCLUDE (missing) WHERE missing > 0;
COMMENT ON TABLE streams IS
    'received: the received events of an owner about a subject. highest: their highest known sequence.';

CREATE TABLE loaded_tables (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    school_year text NOT NULL,
    lines jsonb NOT NULL,
    loaded_by text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX loaded_tables_newest ON loaded_tables (name, school_year, id);
COMMENT ON TABLE loaded_tables IS
    'Tables that the state office loads, such as enrolment. Of a school year the newest row holds.';

CREATE TABLE heartbeats (
    owner owner NOT NULL PRIMARY KEY,
    through bigint NOT NULL,
    ahead bigint[] NOT NULL,
    highest bigint NOT NULL,
    as_of timestamptz
);
COMMENT ON TABLE heartbeats IS
    'Each owner''s heartbeats that name subjects. through: all up to this number have arrived. ahead: later'
    ' ones that have arrived. highest: the highest known number. as_of: the moment through which the owner'
    ' has counted its events.';

CREATE TABLE tallies (
    owner owner NOT NULL,
    slot integer NOT NULL,
    events bigint NOT NULL,
    PRIMARY KEY (owner, slot)
);
COMMENT ON TABLE tallies IS 'The received events of each owner: the sum over the slots.';

CREATE TABLE refusals (
    command_id uuid NOT NULL,
    code text NOT NULL,
    owner owner NOT NULL,
    command text NOT NULL,
    subject text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    sender text,
    sender_lea text GENERATED ALWAYS AS (split_part(sender, '/', 1)) STORED,
    message text NOT NULL,
    solution text NOT NULL,
    PRIMARY KEY (command_id, code)
);
CREATE INDEX refusals_at ON refusals (at);
CREATE INDEX refusals_of_lea ON refusals (sender_lea, at);
CREATE INDEX refusals_about ON refusals (subject, at);
COMMENT ON TABLE refusals IS 'Refused commands, a row for each broken rule.';

CREATE TABLE calendars (
    year text NOT NULL PRIMARY KEY,
    revision integer NOT NULL,
    body text NOT NULL
);
COMMENT ON TABLE calendars IS 'The newest version of the state''s calendar of each year, as JSON.';

CREATE TABLE runs (
    run_id uuid PRIMARY KEY,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    report text NOT NULL,
    version integer NOT NULL,
    parameters text NOT NULL,
    lea text,
    as_of date NOT NULL,
    known_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'running', 'done', 'cancelled', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    done integer NOT NULL DEFAULT 0,
    total integer,
    finished_at timestamptz,
    kept_until timestamptz,
    calendars text,
    complete boolean,
    read_through timestamptz,
    events bigint,
    tables text,
    sha256 text
);
CREATE INDEX runs_of ON runs (asked_by, asked_at DESC, run_id);
CREATE INDEX runs_unfinished ON runs (asked_at) WHERE state IN ('waiting', 'running');
CREATE INDEX runs_kept_until ON runs (kept_until);
COMMENT ON TABLE runs IS
    'Runs of reports: what was asked (lea: whose rows; blank: the state''s), how far each is, and its answer.'
    ' kept_until: blank if somebody saved the run. sha256: of the bytes of the answer.';

CREATE TABLE run_rows (
    run_id uuid NOT NULL REFERENCES runs ON DELETE CASCADE,
    sort text COLLATE "C" NOT NULL,
    place integer NOT NULL,
    subject text NOT NULL,
    verdict text NOT NULL,
    reason text,
    row_values jsonb NOT NULL,
    PRIMARY KEY (run_id, sort, place)
);
COMMENT ON TABLE run_rows IS
    'The judged rows of a run. sort: the order in which a list shows them; place: their order by State ID.';

CREATE TABLE students (
    subject bigint NOT NULL,
    revision integer NOT NULL,
    birth_on date,
    sex text,
    race text,
    PRIMARY KEY (subject) INCLUDE (birth_on, sex, race),
    CHECK (revision = 0 OR birth_on IS NOT NULL AND sex IS NOT NULL AND race IS NOT NULL)
);
COMMENT ON TABLE students IS
    'Every student in any event. Revision 0 without values: no event of students has arrived yet.';

CREATE TABLE profiles (
    subject bigint NOT NULL,
    effective_on date NOT NULL,
    revision integer NOT NULL,
    grade text,
    english_learner boolean NOT NULL,
    military_connected boolean NOT NULL,
    PRIMARY KEY (subject, effective_on) INCLUDE (grade, english_learner)
);
COMMENT ON TABLE profiles IS
    'A student''s profiles, each from effective_on until the next one begins. 1900-01-01: no first day.';

CREATE TABLE spells (
    subject bigint NOT NULL,
    spell_id uuid NOT NULL,
    revision integer NOT NULL,
    lea text NOT NULL,
    begin_on date NOT NULL,
    end_on date,
    schools jsonb NOT NULL,
    withdrawn boolean NOT NULL,
    end_reason text,
    PRIMARY KEY (subject, spell_id)
);
CREATE INDEX spells_lea ON spells (lea, subject) WHERE NOT withdrawn;
CREATE INDEX spells_by_begin ON spells (subject, begin_on DESC, lea) INCLUDE (end_on) WHERE NOT withdrawn;

CREATE TABLE evaluations (
    subject bigint NOT NULL,
    evaluation_id uuid NOT NULL,
    revision integer NOT NULL,
    lea text NOT NULL,
    evaluation_type text NOT NULL,
    stage text NOT NULL,
    received_by_appraisal_on date,
    permission_requested_on date,
    parent_decision text,
    decided_on date,
    extensions jsonb NOT NULL,
    agreed_due_on date,
    clock_stopped boolean NOT NULL,
    report_disseminated_on date,
    evaluated_on date,
    determined_on date,
    determination integer,
    primary_code text,
    exceptionalities jsonb NOT NULL,
    begun_on date,
    coordinator_id text,
    exceptions jsonb NOT NULL DEFAULT '[]',
    delay_reason text,
    closed_on date,
    close_reason text,
    PRIMARY KEY (subject, evaluation_id)
);
CREATE INDEX evaluations_determined ON evaluations
    (subject, determined_on DESC, determination DESC NULLS LAST, primary_code, exceptionalities)
    WHERE determined_on IS NOT NULL;
COMMENT ON TABLE evaluations IS
    'agreed_due_on: as the parent and the new LEA agreed. clock_stopped: the parent did not produce the'
    ' child.'
    ' evaluated_on: the day of the report, or of the signed waiver. determination: the ordinal of the'
    ' determination among the student''s, in order of recording.';

CREATE TABLE part_c (
    subject bigint NOT NULL PRIMARY KEY,
    revision integer NOT NULL,
    lea text NOT NULL,
    served boolean NOT NULL,
    referred_on date,
    eligible_for_part_c_on date,
    transition_conference_on date,
    conference_refused_on date,
    parent_refusal_on date,
    continues_in_part_c boolean NOT NULL
);
COMMENT ON TABLE part_c IS 'A child''s way from early intervention (IDEA Part C) to special education.';

CREATE TABLE ieps (
    subject bigint NOT NULL,
    iep_id uuid NOT NULL,
    revision integer NOT NULL,
    lea text NOT NULL,
    iep_type text NOT NULL,
    plan_kind text NOT NULL,
    stage text NOT NULL,
    meeting_on date NOT NULL,
    begin_on date NOT NULL,
    environment text,
    amendment integer NOT NULL,
    submission integer,
    submitted boolean NOT NULL,
    signed_on date,
    late_reason text,
    PRIMARY KEY (subject, iep_id)
);
CREATE INDEX ieps_submitted
    ON ieps (subject, begin_on DESC, meeting_on DESC, amendment DESC, submission DESC NULLS LAST, environment)
    WHERE submitted;
COMMENT ON COLUMN ieps.submission IS
    'The ordinal of the submission among the student''s, in order of recording.';

CREATE TABLE transitions (
    subject bigint NOT NULL,
    iep_id uuid NOT NULL,
    revision integer NOT NULL,
    form jsonb NOT NULL,
    PRIMARY KEY (subject, iep_id)
);
CREATE INDEX transitions_of_iep ON transitions (iep_id);
COMMENT ON TABLE transitions IS
    'The transition form of each official IEP that has one, for Indicator 13. It stays under the State ID'
    ' under which the IEP was made official: read it by the IEP''s id.';

CREATE TABLE summers (
    subject bigint NOT NULL,
    iep_id uuid NOT NULL,
    revision integer NOT NULL,
    screened_on date,
    eligible boolean,
    criterion text,
    decided_on date,
    parent_notified_on date,
    PRIMARY KEY (subject, iep_id)
);
CREATE INDEX summers_of_iep ON summers (iep_id);
COMMENT ON TABLE summers IS
    'The form on the extended school year of each official IEP. It stays under the State ID under which the'
    ' IEP was made official: read it by the IEP''s id.';

CREATE TABLE sped_activities (
    subject bigint NOT NULL,
    activity_id uuid NOT NULL,
    revision integer NOT NULL,
    lea text NOT NULL,
    entered_on date NOT NULL,
    exited_on date,
    exit_reason text,
    voided boolean NOT NULL,
    PRIMARY KEY (subject, activity_id)
);
CREATE INDEX sped_activities_by_entry ON sped_activities (subject, entered_on DESC, exited_on)
    WHERE NOT voided;

CREATE TABLE consents (
    subject bigint NOT NULL,
    consent_id uuid NOT NULL,
    revision integer NOT NULL,
    lea text NOT NULL,
    refused_on date,
    revoked_on date,
    PRIMARY KEY (subject, consent_id)
);
COMMENT ON TABLE consents IS
    'The parents'' decisions against services: the first ones refused, or the consent revoked.';

CREATE TABLE services (
    subject bigint NOT NULL,
    service_id uuid NOT NULL,
    revision integer NOT NULL,
    lea text NOT NULL,
    iep_id uuid NOT NULL,
    service_code text NOT NULL,
    begin_on date NOT NULL,
    first_given_on date,
    end_on date,
    termination_reason text,
    teacher_of_record text,
    terms jsonb NOT NULL,
    earlier_terms jsonb NOT NULL,
    PRIMARY KEY (subject, service_id)
);

CREATE TABLE sessions (
    subject bigint NOT NULL,
    session_id uuid NOT NULL,
    revision integer NOT NULL,
    service_id uuid NOT NULL,
    lea text NOT NULL,
    given_on date NOT NULL,
    minutes integer NOT NULL,
    provider_id text NOT NULL,
    session_kind text NOT NULL,
    missed_because text,
    removed boolean NOT NULL,
    PRIMARY KEY (subject, session_id)
);

CREATE TABLE state_ids (
    subject bigint NOT NULL PRIMARY KEY,
    revision integer NOT NULL,
    current_id text NOT NULL,
    retired boolean NOT NULL
);
COMMENT ON TABLE state_ids IS
    'The State ID that stands for each one that eScholar merged, separated or retired.';

CREATE TABLE moved (subject text COLLATE "C" PRIMARY KEY);
COMMENT ON TABLE moved IS
    'Students with records that moved to another State ID or came from one. Their rows are made again from'
    ' revisions with each event.';

CREATE TABLE transfers (
    subject bigint NOT NULL,
    claim_id uuid NOT NULL,
    revision integer NOT NULL,
    state text NOT NULL,
    from_lea text NOT NULL,
    to_lea text NOT NULL,
    begin_on date NOT NULL,
    PRIMARY KEY (subject, claim_id)
);

CREATE TABLE certified_files (
    file text COLLATE "C" NOT NULL,
    year text COLLATE "C" NOT NULL,
    level text COLLATE "C" NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    name text NOT NULL,
    form text NOT NULL,
    as_of date NOT NULL,
    known_at timestamptz NOT NULL,
    read_through timestamptz NOT NULL,
    events bigint NOT NULL,
    rows integer NOT NULL,
    students integer NOT NULL,
    digest text NOT NULL,
    sha256 text NOT NULL,
    warnings jsonb NOT NULL,
    comment text,
    certified_by text NOT NULL,
    certified_at timestamptz NOT NULL DEFAULT now(),
    content bytea NOT NULL,
    PRIMARY KEY (file, year, level, version)
);
COMMENT ON TABLE certified_files IS
    'Federal files that the state certified. content: the bytes of the file, packed by gzip. sha256: of these'
    ' bytes before packing. digest: the SHA-256 of the data records alone. warnings: what the checks found.';

CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'a row of % stays as it is', TG_TABLE_NAME USING ERRCODE = '23001'; END $$;

CREATE TRIGGER certified_files_stay BEFORE UPDATE OR DELETE ON certified_files
    FOR EACH ROW EXECUTE FUNCTION stays();
CREATE TRIGGER certified_files_all_stay BEFORE TRUNCATE ON certified_files EXECUTE FUNCTION stays();
"""


def upgrade() -> None:
    create_core()
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
