"""Fills reporting's tables with generated students, by SQL.

A student has three IEPs of the last three years, three profiles, two evaluations and two services; one in
five moved. One in six has an evaluation that runs. Days are spread over the year before the day of the count.
"""

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from contracts.calendars import CalendarPublished
from deploy.seeding import calendars

LARGE_LEA = "017"
"""The LEA of the first `owned` students. The others are spread over 71 LEAs."""

# In the order of a hash, as if sixty-nine LEAs entered their students at the same time.
_FILL = """
CREATE TABLE made AS
    SELECT 1000000000 + n AS subject, n % 997 AS a, n % 13 AS b, n % 7 AS d,
        CASE WHEN n <= :owned THEN '017' WHEN n % 71 = 17 AND :owned > 0 THEN '900'
            ELSE lpad((n % 71)::text, 3, '0') END AS lea,
        CAST(:as_of AS date) - 1 - (n % 361) AS day
    FROM generate_series(1, CAST(:students AS int)) AS n ORDER BY hashint4(n);
INSERT INTO students (subject, revision, birth_on, sex, race)
    SELECT subject, 2, CAST(:as_of AS date) - 1370 - a * 5, CASE WHEN b < 4 THEN 'F' ELSE 'M' END,
        (ARRAY['AM7', 'AS7', 'BL7', 'HI7', 'PI7', 'MU7', 'WH7'])[d + 1]
    FROM made;
INSERT INTO profiles (subject, effective_on, revision, grade, english_learner, military_connected)
    SELECT subject, from_on, 2, CASE WHEN a % 3 > 0 THEN '01' END, false, false
    FROM made, unnest(ARRAY[date '1900-01-01', CAST(:as_of AS date) - 400, CAST(:as_of AS date) - 50])
        AS from_on;
INSERT INTO spells (subject, spell_id, revision, lea, begin_on, end_on, schools, withdrawn)
    SELECT subject, gen_random_uuid(), 1, lea, day - 1150, NULL, '[]', false FROM made;
INSERT INTO spells (subject, spell_id, revision, lea, begin_on, end_on, schools, withdrawn)
    SELECT subject, gen_random_uuid(), 2, '900', day - 1500, day - 1151, '[]', false
    FROM made WHERE a % 5 = 0;
INSERT INTO sped_activities (subject, activity_id, revision, lea, entered_on, exited_on, voided)
    SELECT subject, gen_random_uuid(), 1, lea, day - 730, NULL, false FROM made WHERE a > 2;
INSERT INTO ieps (subject, iep_id, revision, lea, iep_type, plan_kind, stage, meeting_on, begin_on,
        environment, amendment, submission, submitted)
    SELECT subject, gen_random_uuid(), 4, lea, CASE WHEN years = 2 THEN 'initial' ELSE 'review' END, 'IEP',
        'submitted', day - years * 365, day - years * 365,
        (ARRAY['RC80', 'RC79TO40', 'RC39', 'SS', 'RF', 'HH', 'CF'])[d + 1], 0, 3 - years, true
    FROM made, generate_series(0, 2) AS years;
INSERT INTO evaluations (subject, evaluation_id, revision, lea, evaluation_type, stage,
        permission_requested_on, parent_decision, decided_on, extensions, clock_stopped,
        report_disseminated_on, evaluated_on, determined_on, determination, primary_code, exceptionalities)
    SELECT subject, gen_random_uuid(), 4, lea, 'initial', 'determined', day - 860, 'consented', day - 850,
        '[]', false, day - 740, day - 740, day - 735, 1, code, jsonb_build_array(code)
    FROM made, LATERAL (SELECT (ARRAY['AUT', 'DB', 'DD', 'DEAF', 'HH', 'IDM', 'MD', 'OI', 'OHI', 'SLD', 'SLI',
        'TBI', 'VI'])[b + 1] AS code) AS found;
INSERT INTO evaluations (subject, evaluation_id, revision, lea, evaluation_type, stage, extensions,
        clock_stopped, evaluated_on, exceptionalities)
    SELECT subject, gen_random_uuid(), 1, lea, 're-evaluation',
        CASE WHEN b = 0 THEN 'begun' ELSE 'completed' END,
        CASE WHEN b = 0 AND a % 2 = 0 THEN jsonb_build_array(jsonb_build_object('kind', 'parent agreed',
            'business_days', 5 + a % 10, 'until', NULL, 'approved_on', day)) ELSE '[]' END,
        false, CASE WHEN b > 0 THEN day - 300 END, '[]'
    FROM made WHERE b < 6;
INSERT INTO evaluations (subject, evaluation_id, revision, lea, evaluation_type, stage,
        permission_requested_on, parent_decision, decided_on, extensions, clock_stopped, exceptionalities)
    SELECT subject, gen_random_uuid(), 2, lea, 'initial', 'consented', CAST(:as_of AS date) - a % 120 - 5,
        'consented', CAST(:as_of AS date) - a % 120, '[]', false, '[]'
    FROM made WHERE b = 12;
INSERT INTO services (subject, service_id, revision, lea, iep_id, service_code, begin_on, first_given_on,
        terms, earlier_terms)
    SELECT subject, gen_random_uuid(), 1, lea, gen_random_uuid(), code, day - 725, NULL,
        jsonb_build_object('service_code', code, 'begin_on', day - 725, 'sessions', 2,
            'minutes_per_session', 30), '[]'
    FROM made, unnest(ARRAY['SPI', 'SPE']) AS code;
INSERT INTO streams (subject, owner, received, highest)
    SELECT subject, owner, 4, 4
    FROM made, unnest(ARRAY['students', 'jurisdiction', 'ieps', 'provision']::owner[]) AS owner;
INSERT INTO tallies SELECT owner, 0, sum(received) FROM streams GROUP BY owner;
DROP TABLE made
"""
_CALENDAR = text("INSERT INTO calendars (year, revision, body) VALUES (:year, 1, :body)")


async def fill(url: str, students: int, as_of: date, *, owned: int = 0) -> None:
    """Generate the students and this project's calendars, then run VACUUM ANALYZE, as autovacuum does after
    a while. `owned`: so many of the students belong to `LARGE_LEA`."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    given = {"students": students, "as_of": as_of, "owned": owned}
    async with engine.connect() as database:
        for statement in (*_FILL.split(";\n"), "VACUUM ANALYZE"):
            values = {name: value for name, value in given.items() if f":{name}" in statement}
            await database.execute(text(statement), values)
        for command in calendars():
            body = command.model_dump() | {"revision": 1, "published_on": as_of}
            calendar = CalendarPublished.model_validate(body)
            await database.execute(_CALENDAR, {"year": command.year, "body": calendar.model_dump_json()})
    await engine.dispose()
