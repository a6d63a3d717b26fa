"""The records of students as one row a student, for reports that judge cases in their course.

A case needs facts of several days: of the consent, the due date, the completion. So the report reads the
student's records once, and `domain/life.py` answers for each day.
"""

LIVES = """
SELECT subject, birth_on,
    (SELECT json_agg(json_build_array(effective_on, grade) ORDER BY effective_on)
        FROM profiles WHERE profiles.subject = students.subject)::text AS grades,
    (SELECT json_agg(json_build_array(lea, begin_on, end_on, end_reason, schools) ORDER BY begin_on, lea,
            spell_id)
        FROM spells WHERE spells.subject = students.subject AND NOT withdrawn)::text AS spells,
    (SELECT json_agg(json_build_array(
            evaluation_type, stage, lea, coordinator_id, permission_requested_on, parent_decision, decided_on,
            begun_on, extensions, exceptions, agreed_due_on, clock_stopped, delay_reason,
            report_disseminated_on, evaluated_on, determined_on, determination, primary_code,
            exceptionalities, closed_on, close_reason
        ) ORDER BY coalesce(permission_requested_on, begun_on, evaluated_on), evaluation_id)
        FROM evaluations WHERE evaluations.subject = students.subject
        AND close_reason IS DISTINCT FROM 'entered in error')::text AS evaluations,
    (SELECT json_agg(json_build_array(
            iep_type, plan_kind, stage, meeting_on, begin_on, amendment, submission, environment, signed_on,
            late_reason
        ) ORDER BY begin_on, meeting_on, amendment, iep_id)
        FROM ieps WHERE ieps.subject = students.subject
        AND stage IN ('draft', 'official', 'submitted'))::text AS plans,
    (SELECT json_agg(json_build_array(entered_on, exited_on, exit_reason) ORDER BY entered_on, activity_id)
        FROM sped_activities WHERE sped_activities.subject = students.subject AND NOT voided)::text
        AS activities,
    (SELECT json_agg(json_build_array(refused_on) ORDER BY refused_on)
        FROM consents WHERE consents.subject = students.subject AND refused_on IS NOT NULL)::text AS refusals,
    (SELECT json_agg(json_build_array(service_code, begin_on, end_on, teacher_of_record)
            ORDER BY begin_on, service_id)
        FROM services WHERE services.subject = students.subject)::text AS services
FROM students WHERE subject = ANY (CAST(:subjects AS bigint[]))
"""
