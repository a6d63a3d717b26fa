"""Lets the SQL of a report read the records as reporting knew them at an earlier moment.

Most students have no event after the moment: their rows stay as they are. For the others the rows are made
again from `revisions`. Temporary views with the names of the read models put both together. If the state has
settled a dispute since, another one gives `revisions` the event that counted then. PostgreSQL finds temporary
names first, so no report's SQL changes. The transaction must be rolled back at its end.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.calendars import Calendar
from contracts.types import StudentId
from services.chassis.keeping.rows import Rows, run
from services.reporting.store.read_models import BY_KIND, READ_MODELS, STUDENTS
from services.reporting.store.revisions import COLUMNS
from services.reporting.store.standing import merged, recorded, standing

_AT_A_TIME = 1000

_SETTLED = text("""
CREATE TEMPORARY TABLE settled_since ON COMMIT DROP AS
SELECT DISTINCT ON (subject, owner, sequence) subject, owner, sequence, replaced AS event_id FROM settlements
WHERE at > CAST(:known_at AS timestamptz) ORDER BY subject, owner, sequence, id
""")
_UNSETTLED = text(f"""
CREATE TEMPORARY VIEW revisions AS
SELECT {COLUMNS.names} FROM revisions WHERE NOT EXISTS (
    SELECT FROM settled_since AS since
    WHERE since.subject = revisions.subject AND since.owner = revisions.owner
        AND since.sequence = revisions.sequence AND since.event_id <> revisions.event_id
)
UNION ALL SELECT {COLUMNS.names} FROM disputes JOIN settled_since USING (subject, owner, sequence, event_id)
""")
_CHANGED = text("""
CREATE TEMPORARY TABLE changed ON COMMIT DROP AS
SELECT subject, subject::bigint AS student FROM (
    SELECT subject FROM revisions WHERE at > CAST(:known_at AS timestamptz)
    UNION SELECT subject FROM settlements WHERE at > CAST(:known_at AS timestamptz)
) AS since WHERE subject ~ '^[0-9]{10}$'
""")
_SINCE = text("""
SELECT EXISTS (SELECT FROM revisions WHERE at > CAST(:known_at AS timestamptz)) AS events,
    EXISTS (SELECT FROM settlements WHERE at > CAST(:known_at AS timestamptz)) AS settlements
""")
_NEXT = text("SELECT subject FROM changed WHERE subject > :after ORDER BY subject LIMIT :some")
_NEWEST = text("""
SELECT DISTINCT ON (subject, kind, record_id) name, body FROM revisions
WHERE subject = ANY (CAST(:subjects AS text[])) AND at <= CAST(:known_at AS timestamptz)
    AND kind = ANY (CAST(:kinds AS text[]))
ORDER BY subject, kind, record_id, revision DESC
""")
_CALENDARS = text("""
SELECT DISTINCT ON (subject) name, body FROM revisions
WHERE kind = :kind AND at <= CAST(:known_at AS timestamptz) AND subject LIKE 'calendar/%'
ORDER BY subject, revision DESC
""")
# After a merge there may be two: the student's own record counts, or else that of the first merged State ID.
_PERSONS = text("""
SELECT DISTINCT ON (subject) subject, student -> 'person' ->> 'last_name' AS last_name,
    student -> 'person' ->> 'first_name' AS first_name, student -> 'person' ->> 'birth_on' AS birth_on
FROM (
    SELECT DISTINCT ON (subject, record_id) subject, record_id, body FROM revisions
    WHERE subject = ANY (CAST(:subjects AS text[])) AND kind = 'student'
        AND at <= CAST(:known_at AS timestamptz)
    ORDER BY subject, record_id, revision DESC
) AS newest CROSS JOIN LATERAL (SELECT body::jsonb AS student) AS read
WHERE student ->> 'moved_to' IS NULL
ORDER BY subject, record_id
""")


async def go_back(database: AsyncConnection, known_at: datetime) -> None:
    """Let the rest of the transaction read the records as they were known at a moment."""
    at = {"known_at": known_at}
    since = (await database.execute(_SINCE, at)).one()
    if since.settlements:
        await database.execute(_SETTLED, at)
        await database.execute(_UNSETTLED)
    elif not since.events:
        return
    await database.execute(_CHANGED, at)
    await database.execute(text("CREATE UNIQUE INDEX ON changed (student)"))
    await database.execute(text("ANALYZE changed"))
    for model in READ_MODELS:
        await database.execute(
            text(f"CREATE TEMPORARY TABLE then_{model.table} (LIKE {model.table}) ON COMMIT DROP")
        )
    async for subjects in _changed(database):
        await _make_again(database, subjects, known_at)
    for model in READ_MODELS:
        await database.execute(text(f"CREATE INDEX ON then_{model.table} (subject)"))
        await database.execute(text(f"ANALYZE then_{model.table}"))
        await database.execute(text(_view(model.table)))


def _view(table: str) -> str:
    return f"""
        CREATE TEMPORARY VIEW {table} AS SELECT * FROM {table} AS now
        WHERE NOT EXISTS (SELECT FROM changed WHERE student = now.subject)
        UNION ALL SELECT * FROM then_{table}
    """


async def _changed(database: AsyncConnection) -> AsyncIterator[Sequence[StudentId]]:
    after = ""
    while subjects := (await database.execute(_NEXT, {"after": after, "some": _AT_A_TIME})).scalars().all():
        yield subjects
        after = subjects[-1]


async def _make_again(database: AsyncConnection, subjects: Sequence[StudentId], known_at: datetime) -> None:
    given = {"subjects": list(subjects), "known_at": known_at}
    newest = await database.execute(_NEWEST, given | {"kinds": list(BY_KIND)})
    known = [recorded(row) for row in newest]
    records = standing(known)
    for model in READ_MODELS:
        rows = [row for record in records if type(record).kind == model.of.kind for row in model.rows(record)]
        if model is STUDENTS:
            heard_of = {record.subject for record in known}
            known_students = {record.subject for record in records if record.kind == STUDENTS.of.kind}
            unknown = heard_of - known_students - merged(known)
            rows += [(int(subject), 0, *(None for _ in model.rest)) for subject in sorted(unknown)]
        if rows:
            columns = Rows(model.columns)
            statement = (
                f"INSERT INTO then_{model.table} ({columns.names}) SELECT {columns.values} FROM {columns}"
            )
            await run(database, statement, (columns, rows))


async def calendars_known(database: AsyncConnection, known_at: datetime) -> Sequence[Calendar]:
    """The state's calendars as they were known at a moment, by year."""
    rows = await database.execute(_CALENDARS, {"kind": Calendar.kind, "known_at": known_at})
    return [calendar for row in rows if isinstance(calendar := recorded(row), Calendar)]


async def persons_known(
    database: AsyncConnection, subjects: Sequence[StudentId], known_at: datetime
) -> Mapping[StudentId, tuple[str, str | None]]:
    """The name and the birth date of each student, as they were known at a moment."""
    rows = await database.execute(_PERSONS, {"subjects": list(subjects), "known_at": known_at})
    return {row.subject: (f"{row.last_name or ''}, {row.first_name or ''}", row.birth_on) for row in rows}
