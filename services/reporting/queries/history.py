"""Every event about one student, in the order in which Kafka received it."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.catalog import BRIDGE
from contracts.jurisdiction import Spell
from contracts.types import LeaCode, StudentId
from services.reporting.queries.scope import visible_part

_HISTORY = text("""
SELECT at, owner::text AS service, sequence, name AS event, event_id::text, kind, record_id, revision,
    sender, body
FROM revisions WHERE subject = :subject ORDER BY at, owner, sequence
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
    rows = (await database.execute(_HISTORY, {"subject": student})).mappings()
    revisions = [Revision.model_validate(dict(row) | {"body": json.loads(row["body"])}) for row in rows]
    shown = revisions if part is None else _as_left_by(part, revisions)
    return StudentHistory(student_id=student, sequences=_without_gap(revisions), revisions=shown)


def _without_gap(revisions: Iterable[Revision]) -> dict[str, int]:
    reached: dict[str, int] = {}
    for one in sorted(revisions, key=lambda one: (one.service, one.sequence)):
        if one.service != BRIDGE and one.sequence == reached.setdefault(one.service, 0) + 1:
            reached[one.service] += 1
    return reached


def _as_left_by(lea: LeaCode, revisions: Sequence[Revision]) -> list[Revision]:
    """The events before the end of the LEA's last spell was recorded, without later spells.

    If reporting has not received that end yet: the events that name the LEA.
    """
    ends = [one for one in revisions if _is_spell_of(lea, one) and one.body["end_on"]]
    if not ends:
        return [one for one in revisions if one.body.get("lea") == lea]
    last = max(ends, key=lambda one: (one.body["end_on"], one.at))
    return [one for one in revisions if one.at <= last.at and not _begins_after(last.body["end_on"], one)]


def _is_spell_of(lea: LeaCode, revision: Revision) -> bool:
    return revision.kind == Spell.kind and revision.body["lea"] == lea


def _begins_after(last_day: str, revision: Revision) -> bool:
    return revision.kind == Spell.kind and str(revision.body["begin_on"]) > last_day
