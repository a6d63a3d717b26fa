"""What happened to one student, newest first: each event as a sentence, with the fields that it changed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.types import LeaCode, StudentId
from services.reporting.domain.sentences import LARGE, SENTENCES
from services.reporting.queries.history import sequences
from services.reporting.queries.scope import events_seen, visible_part

_WHAT_NAMES_THE_STATE = {"student_id", "revision", "identity_revision", "contents_revision"}
_BEGINNING, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)

# A large body is not read: its event says that it came, and `/history` has all of it. Kafka receives the
# events of one service milliseconds apart in any order: `place` puts no event before an earlier one.
# A record that came from a merged State ID brings its events from there, without its going.
_EVENTS = """
WITH ordered AS (
    SELECT *, max(at) OVER (PARTITION BY subject, owner ORDER BY sequence) AS place
    FROM revisions WHERE subject = :subject OR subject = ANY(CAST(:merged AS text[]))
)
SELECT subject, at, place, owner::text AS service, sequence, name AS event, event_id::text, kind, record_id,
    revision, sender, causation, CASE WHEN kind <> ALL (CAST(:large AS text[])) THEN body END AS body,
    CASE WHEN kind <> ALL (CAST(:large AS text[])) THEN (
        SELECT earlier.body FROM revisions AS earlier
        WHERE earlier.subject = revisions.subject AND earlier.kind = revisions.kind
            AND earlier.record_id = revisions.record_id AND earlier.revision < revisions.revision
        ORDER BY earlier.revision DESC LIMIT 1
    ) END AS before
FROM ordered AS revisions
WHERE (
        subject = :subject AND ({seen}) OR name NOT LIKE '%Moved' AND (subject, kind, record_id) IN (
            SELECT * FROM unnest(
                CAST(:merged AS text[]), CAST(:merged_kinds AS text[]), CAST(:merged_records AS text[])
            )
        )
    )
    AND (CAST(:kind AS text) IS NULL OR kind = :kind)
    AND (CAST(:person AS text) IS NULL OR :person IN (sender, split_part(sender, '/', 2)))
    AND (CAST(:before_at AS timestamptz) IS NULL
        OR (place, owner::text, sequence, subject)
            < (:before_at, :before_service, :before_sequence, :before_subject))
ORDER BY place DESC, service DESC, sequence DESC, subject DESC LIMIT :limit
"""
_CAUSES = text(
    "SELECT event_id::text AS event_id, causation FROM revisions"
    " WHERE subject = ANY(CAST(:subjects AS text[]))"
)
_COME = text("""
SELECT merged, kind, record_id FROM (
    SELECT DISTINCT ON (kind, record_id) kind, record_id,
        body::jsonb ->> 'belongs_to' AS merged, body::jsonb ->> 'moved_to' AS gone_to
    FROM revisions WHERE subject = :subject AND name LIKE '%Moved'
    ORDER BY kind, record_id, revision DESC
) AS newest
WHERE merged IS NOT NULL AND gone_to IS NULL
""")


class TimelineFilter(BaseModel):
    """A page of a student's timeline: of all records or of one kind, by everybody or by one person."""

    model_config = ConfigDict(extra="forbid")

    kind: str | None = Field(
        default=None,
        max_length=40,
        description="The kind of record, such as `spell`, `evaluation`, `iep` or `service`.",
    )
    person: str | None = Field(
        default=None, max_length=220, description="LEA and user who sent the command, or the user alone."
    )
    after: str = Field(
        default="",
        pattern=r"^$|^[0-9]{1,17} [a-z]{1,20} [0-9]{1,9} [0-9]{10}$",
        description="`next` of the previous page; blank for the first.",
    )
    limit: int = Field(default=50, ge=1, le=200)


class FieldChanged(BaseModel):
    """A field of the record, with its value before and after the event. Blank: it had none."""

    field: str = Field(description="A dotted path, such as `terms.minutes_per_session`.")
    before: JsonValue
    after: JsonValue


class Happening(BaseModel):
    """An event, as people read it."""

    at: datetime = Field(description="When Kafka received the event.")
    service: str
    sequence: int
    event: str
    event_id: str
    kind: str
    record_id: str
    sentence: str
    by_lea: LeaCode | None = Field(
        description="The LEA whose user sent the command; `LA` for the state. Blank: no command caused it."
    )
    by: str | None = Field(description="The user who sent the command.")
    command_id: UUID | None = Field(description="The command that caused the event, also by way of others.")
    changed: list[FieldChanged] = Field(
        description="The fields that the event changed. Blank for the forms of an IEP: `ieps` has them."
    )


class Timeline(BaseModel):
    """A page of a student's timeline, newest first."""

    student_id: StudentId
    sequences: dict[str, int] = Field(
        description="For each service: reporting has all its events about the student through this sequence."
    )
    timeline: list[Happening]
    next: str | None = Field(description="`after` of the next page; blank on the last.")


async def timeline(
    viewer: Actor, database: AsyncConnection, student: StudentId, wanted: TimelineFilter
) -> Timeline:
    """A page of what happened to a student, and to records that came from a merged State ID before they came.

    A former owner sees its own time only. NotFound, Forbidden. Logged.
    """
    part = await visible_part(database, viewer, student, "timeline")
    reached = await sequences(database, student)
    seen = await events_seen(database, student, part)
    come = (await database.execute(_COME, {"subject": student})).all() if part is None else []
    instant, service, sequence, subject = wanted.after.split() or ("", "", "0", "")
    given: dict[str, Any] = {
        "subject": student,
        "kind": wanted.kind,
        "person": wanted.person,
        "large": sorted(LARGE),
        "merged": [one.merged for one in come],
        "merged_kinds": [one.kind for one in come],
        "merged_records": [one.record_id for one in come],
        "before_at": _BEGINNING + int(instant) * _TICK if instant else None,
        "before_service": service,
        "before_sequence": int(sequence),
        "before_subject": subject,
        "limit": wanted.limit,
        **seen.values,
    }
    rows = (await database.execute(text(_EVENTS.format(seen=seen.where)), given)).mappings().all()
    about = {"subjects": [student, *given["merged"]]}
    causes = {row.event_id: row.causation for row in await database.execute(_CAUSES, about)}
    return Timeline(
        student_id=student,
        sequences=reached,
        timeline=[_happening(row, causes) for row in rows],
        next=_place(rows[-1]) if len(rows) == wanted.limit else None,
    )


def _place(row: RowMapping) -> str:
    return f"{(row['place'] - _BEGINNING) // _TICK} {row['service']} {row['sequence']} {row['subject']}"


def _happening(row: RowMapping, causes: Mapping[str, str | None]) -> Happening:
    body = json.loads(row["body"] or "{}")
    before = json.loads(row["before"] or "{}")
    lea, _, user = (row["sender"] or "").partition("/")
    return Happening(
        **{name: row[name] for name in Happening.model_fields if name in row},
        sentence=SENTENCES[row["event"]](body),
        by_lea=lea or None,
        by=user or None,
        command_id=_command(row["causation"], causes) if row["sender"] else None,
        changed=[
            FieldChanged(field=field, before=old, after=new)
            for field, old, new in _changed(before, body)
            if new != row["record_id"]
        ],
    )


def _command(cause: str | None, causes: Mapping[str, str | None]) -> UUID | None:
    """The command at the begin of a chain of causes. An event of the student's is not the begin."""
    for _ in causes:
        if cause is not None and cause in causes:
            cause = causes[cause]
    try:
        return UUID(cause) if cause else None
    except ValueError:
        return None


def _changed(before: Any, after: Any, path: Sequence[str] = ()) -> Iterator[tuple[str, Any, Any]]:
    """The fields in which two states of a record differ. A list is compared as a whole."""
    if not isinstance(before or {}, dict) or not isinstance(after or {}, dict):
        yield ".".join(path), before, after
        return
    old, new = before or {}, after or {}
    for name in dict.fromkeys((*new, *old)):
        if name not in _WHAT_NAMES_THE_STATE and old.get(name) != new.get(name):
            yield from _changed(old.get(name), new.get(name), (*path, name))
