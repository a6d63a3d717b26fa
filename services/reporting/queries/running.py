"""The clocks that run for students whom an LEA owns, in SQL: a row for each, with its day 0."""

_OVER = """({0}.end_on IS NOT NULL
        AND ({0}.end_reason IS NOT NULL OR {0}.end_on < greatest(:on, {0}.begin_on)))"""


def _owned(whose: str) -> str:
    """The spells whose LEA owns the student on the day `:on` (`contracts.facts.holding`).

    Of a student's spells that have begun the latest counts: the end of the one before may arrive later.
    """
    return f"""
    SELECT subject FROM spells WHERE {whose} AND NOT withdrawn AND NOT {_OVER.format("spells")}
    AND NOT EXISTS (
        SELECT FROM spells AS other WHERE other.subject = spells.subject AND NOT other.withdrawn
        AND other.spell_id <> spells.spell_id AND CASE
            WHEN other.begin_on > spells.begin_on THEN other.begin_on <= :on
            ELSE spells.begin_on > :on AND NOT {_OVER.format("other")}
        END
    )
"""


OWNED = f"WITH owned AS ({_owned('lea = :lea')})"
"""The students whom the LEA `:lea` owns on the day `:on`, as the table `owned`."""

# Evaluations, IEPs and services before the last exit begin nothing. Each table is read once for all kinds.
_STUDENTS = """
past AS MATERIALIZED (
    SELECT subject, activity.* FROM owned CROSS JOIN LATERAL (
        SELECT coalesce(max(exited_on), '-infinity') AS left_on,
            coalesce(bool_or(exited_on IS NULL), false) AS served
        FROM sped_activities WHERE sped_activities.subject = owned.subject AND NOT voided
    ) AS activity
), served AS (
    SELECT subject FROM past WHERE served
), theirs AS MATERIALIZED (
    SELECT evaluations.* FROM owned JOIN evaluations USING (subject)
), begun AS MATERIALIZED (
    SELECT DISTINCT ON (subject) subject, stage, extensions FROM theirs
    WHERE stage IN ('requested', 'consented', 'begun') ORDER BY subject, stage DESC
), determination AS MATERIALIZED (
    SELECT DISTINCT ON (subject) subject, evaluation_id, primary_code, exceptionalities,
        coalesce(evaluated_on, determined_on) AS found_on
    FROM served JOIN theirs USING (subject) WHERE determined_on IS NOT NULL
    ORDER BY subject, determined_on DESC, determination DESC
), plan AS MATERIALIZED (
    SELECT subject, left_on, newest.* FROM past CROSS JOIN LATERAL (
        SELECT iep_id, iep_type, meeting_on, begin_on FROM ieps
        WHERE ieps.subject = past.subject AND stage IN ('official', 'submitted') AND amendment = 0
            AND iep_type <> 'interim'
        ORDER BY begin_on DESC, meeting_on DESC, iep_id LIMIT 1
    ) AS newest
)
"""
# A child who is not produced has no due date.
_INITIAL_EVALUATIONS = """
    SELECT 'initial evaluation' AS kind, subject, evaluation_id AS record_id, decided_on AS day_0, stage,
        extensions, agreed_due_on
    FROM theirs WHERE stage = 'consented' AND NOT clock_stopped
"""
# The newest evaluation or waiver counts, and the extensions of the re-evaluation that has begun.
_REEVALUATIONS = """
    SELECT 're-evaluation', subject, coalesce(newest.evaluation_id, determination.evaluation_id),
        greatest(newest.evaluated_on, found_on), begun.stage,
        CASE WHEN begun.stage = 'begun' THEN begun.extensions ELSE '[]' END, NULL
    FROM determination LEFT JOIN (
        SELECT DISTINCT ON (subject) subject, evaluation_id, evaluated_on FROM theirs
        WHERE evaluated_on IS NOT NULL AND stage <> 'closed'
        ORDER BY subject, evaluated_on DESC, evaluation_id
    ) AS newest USING (subject) LEFT JOIN begun USING (subject)
    WHERE primary_code IS NOT NULL
"""
_INITIAL_IEPS = """
    SELECT 'initial IEP', subject, evaluation.evaluation_id, report_disseminated_on, CASE evaluation.stage
        WHEN 'completed' THEN 'completed'
        ELSE (SELECT max(stage) FROM ieps WHERE ieps.subject = past.subject AND iep_type = 'initial'
            AND stage = 'draft')
    END, '[]', NULL
    FROM past JOIN (
        SELECT DISTINCT ON (subject) subject, evaluation_id, report_disseminated_on, stage, primary_code
        FROM theirs
        WHERE report_disseminated_on IS NOT NULL AND evaluation_type = 'initial' AND stage <> 'closed'
        ORDER BY subject, report_disseminated_on DESC, evaluation_id
    ) AS evaluation USING (subject) LEFT JOIN plan USING (subject)
    WHERE (evaluation.stage = 'completed' OR primary_code IS NOT NULL)
    AND report_disseminated_on > past.left_on
    AND (plan.begin_on IS NULL OR plan.begin_on <= past.left_on) AND NOT EXISTS (
        SELECT FROM consents WHERE consents.subject = past.subject AND refused_on >= report_disseminated_on
    )
"""
# Amendments begin no other year, so a review counts from the first IEP of its line. An official IEP completes
# the review. A later draft is the review that has begun.
_REVIEWS = """
    SELECT 'IEP review', plan.subject, plan.iep_id, plan.meeting_on, max(next.stage), '[]', NULL
    FROM served JOIN plan USING (subject) LEFT JOIN ieps AS next
        ON next.subject = plan.subject AND next.stage = 'draft' AND next.amendment = 0
        AND next.meeting_on > plan.meeting_on
    GROUP BY plan.subject, plan.iep_id, plan.meeting_on
"""
# A service has begun on the day of its first session. If nobody records that day, it has on its first day.
_FIRST_SERVICES = """
    SELECT 'first service', subject, iep_id, meeting_on, NULL, '[]', NULL
    FROM plan WHERE iep_type = 'initial' AND begin_on > left_on AND NOT EXISTS (
        SELECT FROM services WHERE services.subject = plan.subject
        AND coalesce(first_given_on, services.begin_on) <= :on AND (end_on IS NULL OR end_on >= meeting_on)
    ) AND NOT EXISTS (
        SELECT FROM consents WHERE consents.subject = plan.subject AND refused_on >= meeting_on
    )
"""
_TURNING_9 = """
    SELECT 'DD turning 9', subject, evaluation_id, birth_on, begun.stage, '[]', NULL
    FROM determination JOIN students USING (subject) LEFT JOIN begun USING (subject)
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
_CLOCKS = f"{_STUDENTS}, running AS ({'UNION ALL'.join(_KINDS)})"
RUNNING = f"{OWNED}, {_CLOCKS}"
"""The rows of `running`: kind, subject, record_id, day_0, stage, extensions and agreed_due_on.

`:lea`: the owner. `:on`: today.
"""
RUNNING_FOR_ONE = f"WITH owned AS ({_owned('subject = :subject')}), {_CLOCKS}"
"""The same rows for one student, `:subject`, if an LEA owns the student."""
