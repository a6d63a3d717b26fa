"""The clocks that run for the students whom an LEA owns, in SQL: a row for each, with its day 0."""

# Of a student's spells the latest counts, because the end of the one before may arrive later.
OWNED = """
WITH owned AS (
    SELECT subject FROM spells WHERE lea = :lea AND end_on IS NULL AND NOT withdrawn AND NOT EXISTS (
        SELECT FROM spells AS later WHERE later.subject = spells.subject AND later.begin_on > spells.begin_on
            AND NOT later.withdrawn
    )
)
"""
_BEGUN = """(
    SELECT max(stage) FROM evaluations AS begun WHERE begun.subject = served.subject
    AND begun.stage IN ('requested', 'consented', 'begun')
)"""
# Evaluations, IEPs and services before the last exit begin nothing.
_STUDENTS = """
past AS (
    SELECT subject, (
        SELECT coalesce(max(exited_on), '-infinity') FROM sped_activities AS activity
        WHERE activity.subject = owned.subject AND NOT voided
    ) AS left_on FROM owned
), served AS (
    SELECT subject FROM owned WHERE EXISTS (
        SELECT FROM sped_activities AS activity
        WHERE activity.subject = owned.subject AND exited_on IS NULL AND NOT voided
    )
), determination AS (
    SELECT subject, newest.* FROM served JOIN LATERAL (
        SELECT evaluation_id, primary_code, exceptionalities,
            coalesce(evaluated_on, determined_on) AS found_on
        FROM evaluations WHERE evaluations.subject = served.subject AND determined_on IS NOT NULL
        ORDER BY determined_on DESC, determination DESC LIMIT 1
    ) AS newest ON true
)
"""
# A child who is not produced has no due date.
_INITIAL_EVALUATIONS = """
    SELECT 'initial evaluation' AS kind, subject, evaluation_id AS record_id, decided_on AS day_0, stage,
        extensions, agreed_due_on
    FROM evaluations JOIN owned USING (subject) WHERE stage = 'consented' AND NOT clock_stopped
"""
# The newest evaluation or waiver counts, and the extensions of the re-evaluation that has begun.
_REEVALUATIONS = f"""
    SELECT 're-evaluation', served.subject, coalesce(newest.evaluation_id, determination.evaluation_id),
        greatest(newest.evaluated_on, found_on), {_BEGUN}, coalesce(begun.extensions, '[]'), NULL
    FROM served JOIN determination USING (subject) LEFT JOIN LATERAL (
        SELECT evaluation_id, evaluated_on FROM evaluations
        WHERE evaluations.subject = served.subject AND evaluated_on IS NOT NULL AND stage <> 'closed'
        ORDER BY evaluated_on DESC, evaluation_id LIMIT 1
    ) AS newest ON true LEFT JOIN evaluations AS begun
        ON begun.subject = served.subject AND begun.stage = 'begun'
    WHERE determination.primary_code IS NOT NULL
"""
_INITIAL_IEPS = """
    SELECT 'initial IEP', subject, evaluation_id, report_disseminated_on, CASE evaluation.stage
        WHEN 'completed' THEN 'completed'
        ELSE (SELECT max(stage) FROM ieps WHERE ieps.subject = past.subject AND iep_type = 'initial'
            AND stage = 'draft')
    END, '[]', NULL
    FROM past JOIN LATERAL (
        SELECT evaluation_id, report_disseminated_on, stage, primary_code FROM evaluations
        WHERE evaluations.subject = past.subject AND report_disseminated_on IS NOT NULL
            AND evaluation_type = 'initial' AND stage <> 'closed'
        ORDER BY report_disseminated_on DESC, evaluation_id LIMIT 1
    ) AS evaluation ON evaluation.stage = 'completed' OR primary_code IS NOT NULL
    WHERE report_disseminated_on > left_on AND NOT EXISTS (
        SELECT FROM ieps WHERE ieps.subject = past.subject AND iep_type <> 'interim'
        AND stage IN ('official', 'submitted') AND begin_on > left_on
    ) AND NOT EXISTS (
        SELECT FROM consents WHERE consents.subject = past.subject AND refused_on >= report_disseminated_on
    )
"""
# Amendments begin no other year, so a review counts from the first IEP of its line. An official IEP completes
# the review. A later draft is the review that has begun.
_REVIEWS = """
    SELECT 'IEP review', subject, iep_id, meeting_on, (
        SELECT max(stage) FROM ieps AS next WHERE next.subject = served.subject AND next.stage = 'draft'
        AND next.amendment = 0 AND next.meeting_on > current.meeting_on
    ), '[]', NULL
    FROM served JOIN LATERAL (
        SELECT iep_id, meeting_on FROM ieps
        WHERE ieps.subject = served.subject AND stage IN ('official', 'submitted') AND amendment = 0
            AND iep_type <> 'interim'
        ORDER BY begin_on DESC, meeting_on DESC, iep_id LIMIT 1
    ) AS current ON true
"""
# A service has begun on the day of its first session. If nobody records that day, it has on its first day.
_FIRST_SERVICES = """
    SELECT 'first service', subject, iep_id, meeting_on, NULL, '[]', NULL
    FROM past JOIN LATERAL (
        SELECT iep_id, iep_type, meeting_on FROM ieps
        WHERE ieps.subject = past.subject AND stage IN ('official', 'submitted') AND amendment = 0
            AND iep_type <> 'interim' AND begin_on > left_on
        ORDER BY begin_on DESC, meeting_on DESC, iep_id LIMIT 1
    ) AS current ON iep_type = 'initial'
    WHERE NOT EXISTS (
        SELECT FROM services WHERE services.subject = past.subject
        AND coalesce(first_given_on, begin_on) <= :on AND (end_on IS NULL OR end_on >= meeting_on)
    ) AND NOT EXISTS (
        SELECT FROM consents WHERE consents.subject = past.subject AND refused_on >= meeting_on
    )
"""
_TURNING_9 = f"""
    SELECT 'DD turning 9', subject, evaluation_id, birth_on, {_BEGUN}, '[]', NULL
    FROM served JOIN determination USING (subject) JOIN students USING (subject)
    WHERE exceptionalities @> '"DD"' AND birth_on IS NOT NULL
"""
_KINDS = (
    _INITIAL_EVALUATIONS,
    _REEVALUATIONS,
    _INITIAL_IEPS,
    _REVIEWS,
    _FIRST_SERVICES,
    _TURNING_9,
)
RUNNING = f"{OWNED}, {_STUDENTS}, running AS ({'UNION ALL'.join(_KINDS)})"
"""The rows of `running`: kind, subject, record_id, day_0, stage, extensions and agreed_due_on.

`:lea`: the owner. `:on`: today.
"""
