"""Every event about one student, in the order in which Kafka received it."""

import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.catalog import BRIDGE
from contracts.types import StudentId
from services.reporting.queries.scope import events_seen, visible_part

_HISTORY = """
SELECT at, owner::text AS service, sequence, name AS event, event_id::text, kind, record_id, revision,
    sender, body
FROM revisions WHERE subject = :subject AND {seen} ORDER BY at, owner, sequence
"""
_SEQUENCES = text("""
SELECT owner::text AS service, sequence FROM revisions
WHERE subject = :subject AND owner <> CAST(:bridge AS owner) ORDER BY service, sequence
""")


class Revision(BaseModel):
    """One event: the state of a record from this moment on."""

    at: datetime = Field(description="When Kafka received the event.")
    service: str
    sequence: int
    event: str
    event_id: str
    kind: str
    record_id: str
    revision: int
    sender: str | None = Field(
        description="LEA and user who sent the command, `017/m.landry`. Blank: no command caused the event."
    )
    body: dict[str, Any]


class StudentHistory(BaseModel):
    """The events about a student."""

    student_id: StudentId
    sequences: dict[str, int] = Field(
        description="For each service: reporting has all its events about the student through this sequence."
        " If an outcome's `sequence` is not greater, its events are in this response."
    )
    revisions: list[Revision]


async def history(viewer: Actor, database: AsyncConnection, student: StudentId) -> StudentHistory:
    """All events about a student. A former owner sees the record as the student left. NotFound, Forbidden."""
    part = await visible_part(database, viewer, student, "history")
    reached = await sequences(database, student)  # first: the answer includes at least these events
    seen = await events_seen(database, student, part)
    statement = text(_HISTORY.format(seen=seen.where))
    rows = (await database.execute(statement, {"subject": student, **seen.values})).mappings()
    revisions = [Revision.model_validate(dict(row) | {"body": json.loads(row["body"])}) for row in rows]
    return StudentHistory(student_id=student, sequences=reached, revisions=revisions)


async def sequences(database: AsyncConnection, student: StudentId) -> dict[str, int]:
    """For each service: the sequence through which reporting has all its events about the student."""
    reached: dict[str, int] = {}
    for service, sequence in await database.execute(_SEQUENCES, {"subject": student, "bridge": BRIDGE}):
        if sequence == reached.setdefault(service, 0) + 1:
            reached[service] += 1
    return reached
