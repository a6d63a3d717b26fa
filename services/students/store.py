"""The constraints of this database, and the SQL of search and names.

`search` has a row for each student, `search_words` one for each word of a name. Triggers on `records` update
both in the transaction that changes a student (see `migrations`).
"""

from collections.abc import Sequence

from sqlalchemy import TextClause, text

CONSTRAINTS = {
    "records_pkey": "STU-002",
    "one_student_per_state_id": "STU-002",
    "ten_guardians_at_most": "STU-007",
    "no_ssn_in_guardians": "REC-005",
}
"""The constraints by name, each with the rule that it enforces a second time."""

_NEAREST = 60
_CLOSE_ENOUGH = 0.6
_INITIAL = 0.8
_BEGINNING = 2

MOST_COUNTED = 1000
"""A search counts the students it finds up to this number."""

ACTIVE = "(open_services OR changed_on > CAST(:today AS date) - INTERVAL '5 years')"
"""That a student is active, in SQL. Inactive: no service is open, and no record changed for five years."""

WORDS = text(
    "SELECT name_words(:before) AS before, name_words(:after) AS after,"
    " name_words(:first) AS first, name_words(:last) AS last"
)

PLACE = text("SELECT place_students(ARRAY(SELECT subject FROM search WHERE next_on <= CAST(:today AS date)))")

# The columns of a line of the result, from a row `found` of the table `search` and the student's record.
_LINE = f"""
    found.subject, found.lea, CASE WHEN found.left_on IS NULL THEN found.lea END AS owner, found.seen_by,
    found.open_services, found.former, NOT {ACTIVE} AS inactive,
    holding(found.schools, found.schools_since, CAST(:today AS date)) AS school, student.body::text AS body
"""
_RECORD = "student.kind = 'student' AND student.record_id = found.record_id"

# Whether each typed word begins a word of the present name, and whether each begins one of any name.
_BEGUN = """
    NOT EXISTS (
        SELECT FROM unnest(CAST(:typed AS text[])) AS typed (word)
        WHERE NOT EXISTS (SELECT FROM unnest({names}) AS name (word) WHERE starts_with(name.word, typed.word))
    )
"""
_PRESENT = """
    with_joined(name_words(called[1])) || name_words(called[2])
        || with_joined(name_words(called[3])) || name_words(called[4])
"""

_LONGER = "greatest(length(known.word), length(sought.word))"
_SHORTER = "least(length(known.word), length(sought.word))"
_ALIKE_IN_LENGTH = f"{_SHORTER} / CAST({_LONGER} AS float)"
_SOUND_ALIKE = "known.sound = sought.sound AND sought.sound <> ''"
_LETTERS = "left(known.word, 80), left(sought.word, 80)"

# The likeness of two words, up to 1, is the largest of three: the share of equal letters; a fixed value if
# they sound alike; a value if the word in a name begins with the typed word. Words with a common spelling
# count as one typo apart, because `levenshtein` counts two for swapped neighbors. The query compares the
# words at most two typos away (`nearly`), the words that sound alike, and the words with the same beginning.
# The last are many, so the query reads them from their index alone and excludes most of them by length.
NEAR = text(
    f"""
    WITH sought AS MATERIALIZED (
        SELECT
            place, word, spellings(word) AS spellings, dmetaphone(word) AS sound,
            left(word, {_BEGINNING}) AS beginning,
            nearly(word) AS nearly
        FROM unnest(CAST(:places AS int[]), CAST(:words AS text[])) AS given (place, word)
    )
    SELECT sought.place, near.word, near.likeness
    FROM sought CROSS JOIN LATERAL (
        SELECT word, max(likeness) AS likeness
        FROM (
            SELECT known.word, CASE WHEN known.word = sought.word THEN 1 ELSE greatest(
                1.0 - CASE
                    WHEN known.spellings && sought.spellings THEN 1 ELSE levenshtein({_LETTERS})
                END / CAST({_LONGER} AS float),
                CASE WHEN {_SOUND_ALIKE} AND {_LONGER} - {_SHORTER} <= 2 THEN 0.7 END
            ) END AS likeness
            FROM search_words AS known
            WHERE known.spellings && sought.nearly OR {_SOUND_ALIKE}
            UNION ALL
            SELECT known.word, CASE
                WHEN starts_with(known.word, sought.word)
                    THEN greatest({_ALIKE_IN_LENGTH}, 0.75 + 0.1 * {_ALIKE_IN_LENGTH})
                WHEN {_ALIKE_IN_LENGTH} >= {_CLOSE_ENOUGH} THEN 1.0 - levenshtein_less_equal(
                    {_LETTERS}, CAST({1 - _CLOSE_ENOUGH} * {_LONGER} AS int) + 1
                ) / CAST({_LONGER} AS float)
            END
            FROM search_words AS known
            WHERE known.word ~>=~ sought.beginning AND known.word ~<~ (sought.beginning || chr(1114111))
        ) AS compared
        WHERE likeness >= {_CLOSE_ENOUGH}
        GROUP BY word
        ORDER BY likeness DESC, word
        LIMIT {_NEAREST}
    ) AS near
    """
)

ONE_SLIP = text(
    """
    SELECT DISTINCT sought.place, known.word,
        CASE WHEN known.word = sought.word THEN 1 ELSE 1 - 1.0 / length(sought.word) END AS likeness
    FROM unnest(CAST(:places AS int[]), CAST(:words AS text[])) AS sought (place, word)
    JOIN search_words AS known
        ON known.spellings && spellings(sought.word) AND length(known.word) >= length(sought.word)
    """
)

BY_ID = text(
    f"""
    SELECT {_LINE} FROM search AS found JOIN records AS student USING (subject)
    WHERE {_RECORD} AND subject = coalesce(
        (
            SELECT body ->> 'current_id' FROM records AS address
            WHERE address.subject = :student_id AND address.kind = 'state_id'
        ), :student_id
    )
    """
)

MOST_COMPARED = 4000
"""A search for candidates compares this many persons at most: about 110 were born on each of some 35 days."""

# That no other State ID stands for {0}, and that it is not retired.
_STANDS = """
    NOT EXISTS (
        SELECT FROM records AS address WHERE address.subject = {0}.subject AND address.kind = 'state_id'
            AND (address.body ->> 'current_id' <> address.subject OR (address.body ->> 'retired')::boolean)
    )
"""

# The persons of eScholar with one of the `days` as birth date, and those with the same name and any birth
# date. Those born on the day itself come first, then those whose birth date is nearest.
CANDIDATES = text(
    f"""
    WITH near AS MATERIALIZED (
        SELECT subject, body -> 'person' AS person FROM records
        WHERE kind = 'identity' AND body -> 'person' ->> 'birth_on' = ANY (CAST(:days AS text[]))
        UNION ALL
        SELECT subject, body -> 'person' FROM records
        WHERE kind = 'identity' AND body -> 'person' ->> 'birth_on' <> ALL (CAST(:days AS text[]))
            AND person_key(body -> 'person') ~>=~ (person_key(CAST(:name AS jsonb)) || '|')
            AND person_key(body -> 'person') ~<~ (person_key(CAST(:name AS jsonb)) || '}}')
    ), compared AS MATERIALIZED (
        SELECT * FROM near
        ORDER BY abs(CAST(person ->> 'birth_on' AS date) - CAST(CAST(:birth_on AS text) AS date)), subject
        LIMIT :limit
    )
    SELECT
        compared.subject, compared.person ->> 'first_name' AS first_name,
        compared.person ->> 'middle_name' AS middle_name,
        compared.person ->> 'last_name' AS last_name, compared.person ->> 'suffix' AS suffix,
        compared.person ->> 'birth_on' AS birth_on, compared.person ->> 'sex' AS sex,
        found.subject IS NOT NULL AS added, CASE WHEN found.left_on IS NULL THEN found.lea END AS owner
    FROM compared LEFT JOIN search AS found ON found.subject = compared.subject
    WHERE {_STANDS.format("compared")}
    """
)


# The LEA that has a student; before the first claim, the one that added it. Blank after the last one
# closed its jurisdiction.
_OWNER = "CASE WHEN {0}.left_on IS NULL THEN {0}.seen_by END"

# Joins to a student `one` the persons of eScholar who may be the same. `found` is blank if nobody added one.
_NOT_ADDED = """
    JOIN records AS other ON other.kind = 'identity' AND person_key(other.body -> 'person') = one.person
        AND other.subject <> one.subject
    LEFT JOIN search AS found ON found.subject = other.subject
"""
_BOTH_STAND = f"{_STANDS.format('one')} AND {_STANDS.format('other')}"

SAME_PERSON = text(
    f"""
    SELECT other.subject, other.seen_by, {_OWNER.format("other")} AS owner
    FROM search AS one JOIN search AS other USING (person)
    WHERE one.subject = :student_id AND other.subject <> one.subject AND {_BOTH_STAND}
    UNION ALL
    SELECT other.subject, NULL, NULL FROM search AS one {_NOT_ADDED}
    WHERE one.subject = :student_id AND found.subject IS NULL AND {_BOTH_STAND}
    ORDER BY subject LIMIT :limit
    """
)

# For the person of each of the subjects $1: the other State IDs of likely the same person, 20 at most.
TWINS = f"""
    SELECT one.subject, 'twin', json_build_object(
        'student_id', one.subject, 'revision', 1, 'other_id', twin.subject, 'lea', twin.seen_by
    )::text, twin.subject, 1
    FROM records AS one CROSS JOIN LATERAL (
        SELECT other.subject, found.seen_by
        FROM records AS other LEFT JOIN search AS found ON found.subject = other.subject
        WHERE other.kind = 'identity' AND other.subject <> one.subject
            AND person_key(other.body -> 'person') = person_key(one.body -> 'person')
            AND {_STANDS.format("other")}
        ORDER BY other.subject LIMIT 20
    ) AS twin
    WHERE one.kind = 'identity' AND one.subject = ANY ($1::text[])
"""


def likely_pairs(*, within: bool) -> TextClause:
    """Pairs who may be one person: `limit` of them, after the pair `after`, `after_other`.

    Two students, or a student and a person of eScholar whom nobody has added. If `within`: only pairs of
    which the LEA sees one student or both.
    """
    seen = "AND :lea IN (one.seen_by, other.seen_by)" if within else ""
    own = "AND one.seen_by = :lea" if within else ""
    return text(
        f"""
        SELECT one.subject, {_OWNER.format("one")} AS lea,
            other.subject AS other, {_OWNER.format("other")} AS other_lea
        FROM search AS one JOIN search AS other USING (person)
        WHERE one.subject < other.subject AND (one.subject, other.subject) > (:after, :after_other) {seen}
            AND {_BOTH_STAND}
        UNION ALL
        SELECT one.subject, {_OWNER.format("one")}, other.subject, NULL FROM search AS one {_NOT_ADDED}
        WHERE found.subject IS NULL AND (one.subject, other.subject) > (:after, :after_other) {own}
            AND {_BOTH_STAND}
        ORDER BY subject, other LIMIT :limit
        """
    )


# Members of circles: State IDs from which links lead back to them.
_CIRCLES = """
    SELECT start AS subject, 'circle', first_link.target, first_link.changed_at, NULL::jsonb
    FROM (
        WITH RECURSIVE links AS MATERIALIZED (
            SELECT subject, body ->> 'into' AS target FROM records
            WHERE kind = 'standing_link' AND body ->> 'into' IS NOT NULL
        ), way (start, reached) AS (
            SELECT subject, target FROM links
            UNION
            SELECT way.start, links.target FROM way JOIN links ON links.subject = way.reached
        )
        SELECT start FROM way WHERE start = reached
    ) AS circle
    CROSS JOIN LATERAL (
        SELECT body ->> 'into' AS target, changed_at FROM records
        WHERE subject = circle.start AND kind = 'standing_link'
    ) AS first_link
"""

_HAS_A_STUDENT = """
    EXISTS (
        SELECT FROM records AS spell WHERE spell.subject IN (change.subject, change.other)
            AND spell.kind = 'spell' AND spell.body ->> 'lea' = :lea
    ) OR :lea IN (one.added_by, other.added_by)
"""


_CURRENT = """
    coalesce((
        SELECT address.body ->> 'current_id' FROM records AS address
        WHERE address.subject = records.{0} AND address.kind = 'state_id'
    ), records.{0})
"""
"""The State ID that stands now for the one in an expression over `records`."""


def identity_changes(*, within: bool) -> TextClause:
    """What became of State IDs, newest first: `limit` changes after the place `at`, `name`.

    A split is listed under the State IDs that stand for the two now. If one stands for both, there is none.

    If `within`: only about students whom the LEA has, had or added, and no circles.
    """
    circles = "" if within else f"UNION ALL {_CIRCLES}"
    return text(
        f"""
        WITH change (subject, kind, other, at, waits) AS (
            SELECT subject, CASE
                WHEN (body ->> 'retired')::boolean THEN 'retired'
                WHEN body ->> 'current_id' <> subject THEN 'merged' ELSE 'separated'
            END, CASE
                WHEN body ->> 'current_id' <> subject THEN body ->> 'current_id'
                WHEN NOT (body ->> 'retired')::boolean THEN body -> 'formerly' ->> -1
            END, changed_at, NULL::jsonb
            FROM records WHERE kind = 'state_id'
            UNION ALL
            SELECT subject, 'waiting', body ->> 'into', changed_at, body
            FROM records WHERE kind = 'state_id_change' AND body ->> 'state' = 'proposed'
            UNION ALL
            SELECT bearer, 'split', other_bearer, changed_at, NULL
            FROM records, LATERAL (
                SELECT {_CURRENT.format("subject")}, {_CURRENT.format("body ->> 'with_id'")}
            ) AS current (bearer, other_bearer)
            WHERE kind = 'shared' AND body ->> 'closed_by' IS NULL
                AND body ->> 'new_id' = body ->> 'with_id' AND bearer <> other_bearer
            {circles}
        ), placed AS (
            SELECT *, kind || '.' || subject || '.' || coalesce(other, '') AS name FROM change
        )
        SELECT change.kind, change.subject AS student_id, change.other AS other_id, change.at, change.name,
            {_OWNER.format("one")} AS lea, {_OWNER.format("other")} AS other_lea,
            one.lea IS NOT NULL AND one.left_on IS NULL AS owned,
            change.kind = 'retired' OR coalesce((waits ->> 'retired')::boolean, false) AS retired,
            CAST(waits ->> 'revision' AS int) AS revision, waits ->> 'reason' AS reason,
            waits ->> 'proposed_by' AS proposed_by
        FROM placed AS change
        LEFT JOIN search AS one ON one.subject = change.subject
        LEFT JOIN search AS other ON other.subject = change.other
        WHERE (CAST(:kinds AS text[]) = '{{}}' OR change.kind = ANY (CAST(:kinds AS text[])))
            AND (CAST(:since AS date) IS NULL OR change.at >= CAST(:since AS date))
            AND (CAST(:at AS timestamptz) IS NULL OR (change.at, change.name) < (:at, :name))
            AND (NOT CAST(:owned AS boolean) OR one.lea IS NOT NULL AND one.left_on IS NULL)
            {f"AND ({_HAS_A_STUDENT})" if within else ""}
        ORDER BY change.at DESC, change.name DESC LIMIT :limit
        """
    )


def by_ids(*, within: bool) -> TextClause:
    """At most `limit` students with the State IDs `student_ids`. If `within`: only those the LEA sees."""
    return text(
        f"""
        SELECT {_LINE} FROM search AS found JOIN records AS student USING (subject)
        WHERE subject = ANY (CAST(:student_ids AS text[])) {"AND found.seen_by = :lea" if within else ""}
            AND {_RECORD}
        ORDER BY subject LIMIT :limit
        """
    )


def by_name(alternatives: Sequence[Sequence[int]], conditions: str) -> TextClause:
    """Students whose names have a hit for each position in one of the `alternatives`; best match first.

    A hit counts for one position of the text, with the weight `in_given` or `in_family`. At each position
    the best hit counts. Parameters: the hits (`places`, `words`, `in_given`, `in_family`),
    `words_<place>` for each position, `typed`, `after`, `limit`, and those of the `conditions`. If the
    student `after` is not among them, the page is the first one. Each row has the `total`. Without a student
    on the page, the only row has no `subject`.
    """
    enough = " OR ".join(
        " AND ".join(f"given || family && CAST(:words_{place} AS text[])" for place in places)
        for places in alternatives
    )
    return text(
        f"""
        WITH hit AS MATERIALIZED (
            SELECT * FROM unnest(
                CAST(:places AS int[]), CAST(:words AS text[]),
                CAST(:in_given AS float[]), CAST(:in_family AS float[])
            ) AS hit (place, word, in_given, in_family)
        ), found AS MATERIALIZED (
            SELECT * FROM search WHERE {_and(f"({enough})", conditions)}
        ), counted AS (
            SELECT subject, place, in_given AS likeness
            FROM (SELECT subject, unnest(given) AS word FROM found) AS named JOIN hit USING (word)
            UNION ALL
            SELECT subject, place, in_family
            FROM (SELECT subject, unnest(family) AS word FROM found) AS named JOIN hit USING (word)
            UNION ALL
            SELECT subject, place, {_INITIAL} * in_given
            FROM (SELECT subject, left(unnest(given), 1) AS word FROM found) AS named JOIN hit USING (word)
        ), ranked AS (
            SELECT subject, sum(best) AS likeness
            FROM (SELECT subject, place, max(likeness) AS best FROM counted GROUP BY subject, place) AS places
            GROUP BY subject
        ), ordered AS MATERIALIZED (
            SELECT subject, row_number() OVER (
                ORDER BY round(CAST(likeness AS numeric), 6) DESC, length(name), name, subject
            ) AS rank
            FROM ranked JOIN found USING (subject)
        ), page AS MATERIALIZED (
            SELECT rank, found.*
            FROM (
                SELECT * FROM ordered
                WHERE rank > coalesce((SELECT rank FROM ordered WHERE subject = CAST(:after AS text)), 0)
                ORDER BY rank LIMIT :limit
            ) AS next JOIN found USING (subject)
        )
        SELECT every.total, line.*
        FROM (SELECT count(*) AS total FROM ordered) AS every LEFT JOIN (
            SELECT found.rank, {_LINE},
                {_BEGUN.format(names=_PRESENT)} AS present, {_BEGUN.format(names="given || family")} AS borne
            FROM page AS found JOIN records AS student USING (subject)
            WHERE {_RECORD}
        ) AS line ON true
        ORDER BY rank
        """
    )


def by_fields(conditions: str, *, more: bool) -> TextClause:
    """Students who fit the `conditions`, by name. If `more`: those who come after the student `after`.

    Each row has the `total`, at most one more than `MOST_COUNTED`. Without a student on the page, the only
    row has no `subject`.
    """
    place = "(name, subject) > (SELECT name, subject FROM search WHERE subject = :after)" if more else ""
    return text(
        f"""
        SELECT every.total, line.*
        FROM (
            SELECT count(*) AS total
            FROM (SELECT FROM search {_where(conditions)} LIMIT {MOST_COUNTED + 1}) AS counted
        ) AS every LEFT JOIN (
            SELECT found.name, {_LINE}
            FROM (
                SELECT * FROM search {_where(conditions, place)} ORDER BY name, subject LIMIT :limit
            ) AS found
            JOIN records AS student USING (subject)
            WHERE {_RECORD}
        ) AS line ON true
        ORDER BY name, subject
        """
    )


def _where(*conditions: str) -> str:
    together = _and(*conditions)
    return f"WHERE {together}" if together else ""


def _and(*conditions: str) -> str:
    return " AND ".join(condition for condition in conditions if condition)


# Students by their State IDs. To an LEA that had a student earlier belongs the record `left`, of the time
# when the student left.
NAMES = text(
    f"""
    SELECT {_LINE}, earlier.body::text AS left_body
    FROM search AS found
    JOIN records AS student USING (subject)
    LEFT JOIN LATERAL (
        SELECT kept.body -> 'student' AS body
        FROM records AS spell
        LEFT JOIN contents AS kept ON kept.kind = 'as_left' AND kept.record_id = spell.record_id
            AND kept.subject IN (spell.subject, spell.body ->> 'belongs_to')
        WHERE spell.subject = found.subject AND spell.kind = 'spell' AND spell.body ->> 'lea' = :lea
            AND spell.body ->> 'withdrawn' IS DISTINCT FROM 'true'
        ORDER BY spell.body ->> 'begin_on' DESC, kept.subject = spell.subject DESC LIMIT 1
    ) AS earlier ON found.seen_by <> :lea
    WHERE found.subject = ANY (CAST(:student_ids AS text[])) AND {_RECORD}
    ORDER BY found.subject
    """
)


# The uploads for attachments of the subjects $1 whose bytes the store has.
UPLOADS = """
    SELECT subject, 'upload', json_build_object(
        'student_id', subject, 'revision', 1, 'attachment_id', attachment_id, 'sha256', sha256,
        'size', size, 'media_type', media_type
    )::text, attachment_id || '/' || sha256, 1
    FROM uploads WHERE subject = ANY ($1::text[]) AND stored_at IS NOT NULL AND given_up_at IS NULL
"""

# Uploads and the sweep take turns for the same bytes.
_TURN = "pg_advisory_xact_lock(hashtextextended({0}, 0))"

UPLOAD_BEGUN = text(
    f"""
    WITH turn AS MATERIALIZED (SELECT {_TURN.format("CAST(:sha256 AS text)")})
    INSERT INTO uploads AS kept (subject, attachment_id, sha256, size, media_type)
    SELECT :student_id, CAST(:attachment_id AS uuid), :sha256, :size, :media_type FROM turn
    ON CONFLICT (subject, attachment_id, sha256) DO UPDATE SET
        begun_at = now(), stored_at = CASE WHEN kept.given_up_at IS NULL THEN kept.stored_at END,
        given_up_at = NULL
    """
)
UPLOAD_DONE = text(
    """
    UPDATE uploads SET stored_at = now()
    WHERE subject = :student_id AND attachment_id = CAST(:attachment_id AS uuid) AND sha256 = :sha256
    """
)

# Whether a record names the bytes of a row of `uploads`: an attachment that nobody has deleted, under its
# present State ID, or the record of a former owner of it. Or a held command of the student may name them.
_NAMED = """
    EXISTS (
        SELECT FROM records AS one
        WHERE one.kind = 'attachment' AND one.record_id = CAST(uploads.attachment_id AS text)
            AND one.body ->> 'deleted_on' IS NULL
            AND (
                one.body ->> 'sha256' = uploads.sha256
                OR EXISTS (
                    SELECT FROM contents AS kept
                    WHERE kept.subject IN (one.subject, one.body ->> 'belongs_to', uploads.subject)
                        AND kept.kind = 'as_left'
                        AND kept.body -> 'attachments' @> jsonb_build_array(jsonb_build_object(
                            'attachment_id', uploads.attachment_id, 'sha256', uploads.sha256
                        ))
                )
            )
    ) OR EXISTS (SELECT FROM held WHERE held.subject = uploads.subject)
"""

# No decision finds an upload that is given up. A decision that found it before is saved within the grace
# period, so the next sweep sees whether a record names it.
GIVE_UP = text(
    f"""
    UPDATE uploads SET given_up_at = now()
    WHERE given_up_at IS NULL AND begun_at < now() - CAST(:grace AS interval) AND NOT ({_NAMED})
    """
)
TAKE_BACK = text(f"UPDATE uploads SET given_up_at = NULL WHERE given_up_at IS NOT NULL AND ({_NAMED})")
TO_REMOVE = text(
    """
    SELECT DISTINCT sha256 FROM uploads
    WHERE given_up_at < now() - CAST(:settle AS interval) ORDER BY sha256 LIMIT :limit
    """
)
TURN = text(f"SELECT {_TURN.format('CAST(:sha256 AS text)')}")
REMOVE = text(
    f"""
    DELETE FROM uploads
    WHERE sha256 = :sha256 AND given_up_at < now() - CAST(:settle AS interval) AND NOT ({_NAMED})
    """
)
LEFT = text("SELECT count(*) FROM uploads WHERE sha256 = :sha256")
