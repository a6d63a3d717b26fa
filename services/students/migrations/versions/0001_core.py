"""The tables of every service, this database's constraints, and the search tables with their triggers."""

from alembic import op

from contracts.dates import ZONE
from services.chassis.keeping.migrations import create_core

revision = "core6"
down_revision = None

_CONSTRAINTS = r"""
ALTER TABLE records
    ADD CONSTRAINT subject_is_state_id CHECK (subject ~ '^[0-9]{10}$'),
    ADD CONSTRAINT body_is_of_its_subject CHECK (body ->> 'student_id' = subject),
    ADD CONSTRAINT one_student_per_state_id CHECK (
        kind NOT IN ('identity', 'student') OR record_id = coalesce(body ->> 'belongs_to', '')
    ),
    ADD CONSTRAINT no_ssn_in_guardians CHECK (
        kind <> 'guardian' OR body ->> 'guardian' !~ '(?<![0-9])[0-9]{3}([- ./])[0-9]{2}\1[0-9]{4}(?![0-9])'
    )
"""

_GUARDIANS_LIMITED = """
CREATE FUNCTION limit_guardians() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM records
        WHERE kind = 'guardian' AND body ->> 'removed_on' IS NULL
            AND subject IN (SELECT subject FROM changed WHERE kind = 'guardian')
        GROUP BY subject, body ->> 'belongs_to' HAVING count(*) > 10
    ) THEN
        RAISE check_violation
            USING MESSAGE = 'more than ten guardians', CONSTRAINT = 'ten_guardians_at_most';
    END IF;
    RETURN NULL;
END $$
"""

# Removes accents, lowers the case, and splits at any other character than a letter or a digit: O'Brien-Ruíz
# gives o, brien, ruiz.
_NAME_WORDS = r"""
CREATE FUNCTION name_words(name text) RETURNS text[] STABLE PARALLEL SAFE LANGUAGE sql
RETURN array_remove(regexp_split_to_array(
    lower(unaccent(normalize(coalesce(name, ''), NFKC))),
    '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f\s]+'
), '')
"""

# Name, birth date and sex: whoever has the same is likely one person. The name comes first, so that an index
# finds the same name with any birth date too. PostgreSQL takes no function that is not IMMUTABLE into an
# index. This one changes only if the accents that `unaccent` removes do.
_PERSON_KEY = """
CREATE FUNCTION person_key(person jsonb) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql
RETURN concat_ws(
    '|',
    name_words(concat_ws(' ', person ->> 'first_name', person ->> 'last_name'))::text,
    person ->> 'birth_on', person ->> 'sex'
)
"""

# Adds neighboring words joined into one, so that "Delacruz" finds "De La Cruz": de, la, cruz, dela, lacruz,
# delacruz.
_WITH_JOINED = """
CREATE FUNCTION with_joined(words text[]) RETURNS text[] IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
    found text[] := words;
BEGIN
    FOR i IN 2 .. cardinality(words) LOOP
        found := found || (words[i - 1] || words[i]);
    END LOOP;
    IF cardinality(words) > 2 THEN
        found := found || array_to_string(words, '');
    END IF;
    RETURN found;
END $$
"""

# Two words one typo apart (a letter added, missing, wrong, or two swapped) have a spelling in common. Of two
# equal neighboring letters, the function leaves out only one.
_SPELLINGS = """
CREATE FUNCTION spellings(word text) RETURNS text[] IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
    found text[] := ARRAY[word];
BEGIN
    IF length(word) < 3 THEN
        RETURN found;
    END IF;
    FOR i IN 1 .. length(word) LOOP
        IF substr(word, i, 1) <> substr(word, i + 1, 1) THEN
            found := found || overlay(word PLACING '' FROM i FOR 1);
        END IF;
    END LOOP;
    RETURN found;
END $$
"""

# The spellings one typo away from a word; for words of 5 to 16 letters also those two typos away. A query
# looks each of them up in an index, so no word has more than 300.
_NEARLY = """
CREATE FUNCTION nearly(word text) RETURNS text[] IMMUTABLE PARALLEL SAFE LANGUAGE sql
RETURN ARRAY(
    SELECT DISTINCT two.slip
    FROM unnest(spellings(word)) AS one (slip)
    CROSS JOIN unnest(
        CASE WHEN length(word) BETWEEN 5 AND 16 THEN spellings(one.slip) ELSE ARRAY[one.slip] END
    ) AS two (slip)
)
"""

# The entries of a list that hold on some day from yesterday on, in order: the present one, and those to come.
# A query asks for today only, so the search table keeps no others. From yesterday on, because a day begins
# later in Louisiana than in the time zone of the database.
_STILL_TO_HOLD = """
CREATE FUNCTION still_to_hold(entries jsonb, value text, since text, OUT held text[], OUT held_since date[])
STABLE PARALLEL SAFE LANGUAGE sql
BEGIN ATOMIC
    SELECT
        coalesce(array_agg(each.value ORDER BY each.since), '{}'),
        coalesce(array_agg(each.since ORDER BY each.since), '{}')
    FROM (
        SELECT entry ->> value AS value, begun.since, lead(begun.since) OVER (ORDER BY begun.since) AS until
        FROM jsonb_array_elements(entries) AS listed (entry)
        CROSS JOIN LATERAL (SELECT coalesce((entry ->> since)::date, '1900-01-01')) AS begun (since)
    ) AS each
    WHERE each.until IS NULL OR each.until >= CURRENT_DATE;
END
"""

# The value that holds on a day.
_HOLDING = """
CREATE FUNCTION holding(held text[], held_since date[], day date) RETURNS text
IMMUTABLE PARALLEL SAFE LANGUAGE sql
RETURN (
    SELECT value FROM unnest(held, held_since) AS entry (value, since)
    WHERE since <= day ORDER BY since DESC LIMIT 1
)
"""

# `lea` is the LEA that owns the student, or owned the student last. `left_on` is the last day of its spell,
# if that is over. `next_on` is the first day of the next spell, which an LEA has claimed already. Before the
# first spell, the LEA that added the student sees the student. PostgreSQL writes a row when the student is
# added, claimed, and receives a first service. The free space on the page lets the later writes skip the
# indexes. `given` and `family` contain the words of former names too. `called` is the present name by its
# parts. `former` has the former names, latest last. `person` is name, birth date and sex: two students with
# the same `person` may be one. `grades`, and `schools` of the latest spell, each hold from the day at the
# same place of the next column. `changed_on` is the last day on which this service wrote a record of the
# student. `record_id`: of the student's record; that of a merged State ID if the student has no other.
# `subject` has the collation of `records.subject`. With another one PostgreSQL cannot use the index,
# and reads the whole table for each batch.
_SEARCH = """
CREATE TABLE search (
    subject text COLLATE "C" PRIMARY KEY,
    record_id text COLLATE "C" NOT NULL DEFAULT '',
    added_by text NOT NULL,
    lea text,
    left_on date,
    next_on date,
    seen_by text NOT NULL GENERATED ALWAYS AS (coalesce(lea, added_by)) STORED,
    open_services boolean NOT NULL DEFAULT false,
    given text[] NOT NULL,
    family text[] NOT NULL,
    name text NOT NULL,
    called text[] NOT NULL,
    former text[] NOT NULL DEFAULT '{}',
    person text NOT NULL,
    birth_on date NOT NULL,
    sex text,
    grades text[] NOT NULL DEFAULT '{}',
    grades_since date[] NOT NULL DEFAULT '{}',
    schools text[] NOT NULL DEFAULT '{}',
    schools_since date[] NOT NULL DEFAULT '{}',
    local_id text,
    changed_on date NOT NULL DEFAULT CURRENT_DATE
) WITH (fillfactor = 50)
"""

# Two transactions at the same time may insert the same word, so a word may be here twice. A unique index
# would make one transaction wait for the other, and two batches with the same new words could deadlock.
_SEARCH_WORDS = """
CREATE TABLE search_words (word text NOT NULL, sound text NOT NULL, spellings text[] NOT NULL)
"""

# The bytes in the store of attachments: a row for each upload, from before its bytes are in the store until
# they are not. `stored_at` blank: the upload is under way, or was interrupted. `given_up_at`: no record named
# the bytes within the grace period, so no command can name them any more, and the sweep removes them.
_UPLOADS = """
CREATE TABLE uploads (
    subject text COLLATE "C" NOT NULL,
    attachment_id uuid NOT NULL,
    sha256 text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    media_type text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    stored_at timestamptz,
    given_up_at timestamptz,
    PRIMARY KEY (subject, attachment_id, sha256)
)
"""

_INDEXES = (
    "CREATE INDEX uploads_by_bytes ON uploads (sha256)",
    "CREATE INDEX search_names ON search USING gin ((given || family)) WITH (fastupdate = off)",
    "CREATE INDEX search_next_on ON search (next_on) WHERE next_on IS NOT NULL",
    "CREATE INDEX search_seen_by ON search (seen_by, name, subject)",
    "CREATE INDEX search_person ON search (person)",
    "CREATE INDEX identities_by_person ON records (person_key(body -> 'person') text_pattern_ops)"
    " WHERE kind = 'identity'",
    "CREATE INDEX identities_by_birth_date ON records ((body -> 'person' ->> 'birth_on'))"
    " WHERE kind = 'identity'",
    "CREATE INDEX changes_of_state_ids ON records (kind, subject)"
    " WHERE kind IN ('state_id', 'state_id_change', 'shared', 'standing_link')",
    "CREATE INDEX search_words_word ON search_words (word text_pattern_ops)",
    "CREATE INDEX search_words_sound ON search_words (sound)",
    "CREATE INDEX search_words_spellings ON search_words USING gin (spellings) WITH (fastupdate = off)",
)

_REFRESH_SEARCH = """
CREATE FUNCTION refresh_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM changed) THEN
        RETURN NULL;
    END IF;
    WITH cut AS MATERIALIZED (
        SELECT DISTINCT ON (subject)
            subject, record_id,
            body ->> 'added_by' AS added_by,
            name_words(person ->> 'first_name') AS first,
            name_words(person ->> 'middle_name') AS middle,
            name_words(person ->> 'last_name') AS last,
            name_words(person ->> 'suffix') AS suffix,
            ARRAY[
                person ->> 'first_name', person ->> 'middle_name', person ->> 'last_name', person ->> 'suffix'
            ] AS called,
            person_key(person) AS person_key,
            (person ->> 'birth_on')::date AS birth_on,
            person ->> 'sex' AS sex,
            (body -> 'earlier_profiles') || (body -> 'profile') AS profiles,
            concat_ws(
                ' ',
                person ->> 'last_name', person ->> 'suffix', person ->> 'first_name', person ->> 'middle_name'
            ) AS name
        FROM changed CROSS JOIN LATERAL (SELECT body -> 'person') AS who (person)
        WHERE kind = 'student' AND body ->> 'moved_to' IS NULL
        ORDER BY subject, record_id
    ), named AS MATERIALIZED (
        SELECT
            subject, record_id, added_by, name, called, person_key, birth_on, sex,
            with_joined(first) || middle AS given,
            with_joined(last) || suffix AS family,
            grade.held AS grades, grade.held_since AS grades_since
        FROM cut CROSS JOIN still_to_hold(profiles, 'grade', 'effective_on') AS grade
    ), kept AS (
        INSERT INTO search AS known
            (
                subject, record_id, added_by, given, family, name, called, person, birth_on, sex,
                grades, grades_since
            )
        SELECT
            subject, record_id, added_by, given, family, name, called, person_key, birth_on, sex,
            grades, grades_since
        FROM named
        ON CONFLICT (subject) DO UPDATE
        SET given = ARRAY(SELECT DISTINCT unnest(excluded.given || known.given)),
            family = ARRAY(SELECT DISTINCT unnest(excluded.family || known.family)),
            name = excluded.name,
            called = excluded.called,
            person = excluded.person,
            birth_on = excluded.birth_on,
            sex = excluded.sex,
            former = array_remove(
                array_remove(known.former, array_to_string(known.called, ' '))
                    || array_to_string(known.called, ' '),
                array_to_string(excluded.called, ' ')
            )
        WHERE (known.called, known.person) IS DISTINCT FROM (excluded.called, excluded.person)
    )
    INSERT INTO search_words (word, sound, spellings)
    SELECT word, dmetaphone(word), spellings(word)
    FROM (SELECT DISTINCT unnest(given || family) FROM named) AS used (word)
    WHERE NOT EXISTS (SELECT FROM search_words AS earlier WHERE earlier.word = used.word);

    PERFORM place_students(ARRAY(
        SELECT DISTINCT subject FROM changed WHERE kind IN ('student', 'guardian', 'spell', 'service')
    ));

    DELETE FROM search USING changed
    WHERE changed.kind = 'student' AND changed.body ->> 'moved_to' IS NOT NULL
        AND search.subject = changed.subject AND NOT EXISTS (
            SELECT FROM records WHERE records.subject = search.subject AND records.kind = 'student'
        );
    RETURN NULL;
END $$
"""

# Whether the LEA of a spell no longer writes on a day (`contracts.facts.KnownSpell.over_by`).
_IS_OVER = """
CREATE FUNCTION is_over(spell jsonb, day date) RETURNS boolean STABLE PARALLEL SAFE LANGUAGE sql
RETURN spell ->> 'end_on' IS NOT NULL
    AND (spell ->> 'closed' = 'true' OR CAST(spell ->> 'end_on' AS date) < day)
"""

# The row of each of these students says whose the student is today. `next_on`: when another LEA's spell
# begins that has been claimed already. On that day the service places the student anew (`placing`).
_PLACE = f"""
CREATE FUNCTION place_students(students text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE '{ZONE}')::date;
BEGIN
    UPDATE search SET
        record_id = present.record_id, added_by = present.added_by,
        lea = present.lea, left_on = present.left_on, open_services = present.open_services,
        local_id = present.local_id,
        grades = present.grades, grades_since = present.grades_since,
        schools = present.schools, schools_since = present.schools_since,
        next_on = present.next_on,
        changed_on = CURRENT_DATE
    FROM unnest(students) AS touched (subject)
    CROSS JOIN LATERAL (
        SELECT
            (array_agg(spell ORDER BY place, first_day) FILTER (WHERE spell IS NOT NULL))[1] AS spell,
            min(begin_on) FILTER (WHERE begin_on > today) AS next_on
        FROM (
            SELECT body AS spell, begin_on,
                CASE WHEN begin_on > today THEN 2 WHEN is_over(body, today) THEN 3 ELSE 1 END AS place,
                CASE WHEN begin_on > today THEN begin_on - today ELSE today - begin_on END AS first_day
            FROM records CROSS JOIN LATERAL CAST(body ->> 'begin_on' AS date) AS begin_on
            WHERE subject = touched.subject AND kind = 'spell'
                AND body ->> 'withdrawn' IS DISTINCT FROM 'true'
                AND coalesce(body ->> 'end_on' >= body ->> 'begin_on', true)
        ) AS spells
    ) AS owned
    CROSS JOIN LATERAL (
        SELECT
            (array_agg(body ORDER BY record_id) FILTER (WHERE kind = 'student'))[1] AS student,
            count(*) FILTER (WHERE kind = 'service' AND body ->> 'end_on' IS NULL) > 0 AS open_services
        FROM records
        WHERE records.subject = touched.subject AND kind IN ('student', 'service')
    ) AS kept
    CROSS JOIN LATERAL (
        SELECT
            coalesce(kept.student ->> 'belongs_to', '') AS record_id,
            kept.student ->> 'added_by' AS added_by,
            owned.spell ->> 'lea' AS lea,
            CASE WHEN is_over(owned.spell, today) THEN CAST(owned.spell ->> 'end_on' AS date) END AS left_on,
            owned.next_on,
            owned.spell ->> 'local_student_id' AS local_id,
            kept.open_services,
            grade.held AS grades, grade.held_since AS grades_since,
            school.held AS schools, school.held_since AS schools_since
        FROM still_to_hold(
            (kept.student -> 'earlier_profiles') || (kept.student -> 'profile'), 'grade', 'effective_on'
        ) AS grade
        CROSS JOIN still_to_hold(owned.spell -> 'schools', 'school', 'begin_on') AS school
    ) AS present
    WHERE search.subject = touched.subject AND present.added_by IS NOT NULL
        AND (
            search.record_id, search.lea, search.left_on, search.next_on, search.open_services,
            search.local_id, search.grades, search.grades_since, search.schools, search.schools_since,
            search.changed_on
        ) IS DISTINCT FROM (
            present.record_id, present.lea, present.left_on, present.next_on, present.open_services,
            present.local_id, present.grades, present.grades_since, present.schools, present.schools_since,
            CURRENT_DATE
        );
END $$
"""

_TRIGGERS = """
CREATE TRIGGER {function}_after_{event} AFTER {event} ON {table} REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION {function}()
"""


def upgrade() -> None:
    """Runs as the service's own role. The owner of a database may install these two extensions."""
    create_core("attachment", "guardian", "shared", "student")
    for extension in ("unaccent", "fuzzystrmatch"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    for statement in (
        _CONSTRAINTS,
        _NAME_WORDS,
        _PERSON_KEY,
        _WITH_JOINED,
        _SPELLINGS,
        _NEARLY,
        _STILL_TO_HOLD,
        _HOLDING,
        _SEARCH,
        _SEARCH_WORDS,
        _IS_OVER,
        _PLACE,
        _UPLOADS,
        *_INDEXES,
    ):
        op.execute(statement)
    op.execute(_GUARDIANS_LIMITED)
    # An update adds no guardian.
    op.execute(_TRIGGERS.format(function="limit_guardians", event="insert", table="records"))
    op.execute(_REFRESH_SEARCH)
    for table in ("records", "departed"):
        for event in ("insert", "update"):  # an upsert fires both, one of them perhaps without rows
            op.execute(_TRIGGERS.format(function="refresh_search", event=event, table=table))
