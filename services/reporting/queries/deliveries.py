"""The services of students with their terms, and the sessions of a period, beside the students' course.

Parameters: `:first` and `:last`, the days of the period.
"""

from services.reporting.queries.lives import LIVES

_FIRST, _LAST = "CAST(:first AS date)", "CAST(:last AS date)"
DELIVERIES = f"""
SELECT lives.*, (
    SELECT json_agg(json_build_array(service_code, lea, begin_on, end_on, terms, earlier_terms, (
            SELECT json_agg(json_build_array(given_on, minutes, missed_because) ORDER BY given_on, session_id)
            FROM sessions
            WHERE sessions.subject = services.subject AND sessions.service_id = services.service_id
                AND NOT removed AND given_on BETWEEN {_FIRST} AND {_LAST}
        )) ORDER BY begin_on, service_id)
    FROM services WHERE services.subject = lives.subject
        AND begin_on <= {_LAST} AND (end_on IS NULL OR end_on >= {_FIRST})
)::text AS deliveries
FROM ({LIVES}) AS lives
"""
