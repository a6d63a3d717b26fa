"""The numbers and the records that a viewer may see."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.codes import LEAS
from contracts.errors import NOT_OWNER
from contracts.types import LeaCode, StudentId
from services.chassis.answering.http import Forbidden, NotFound
from services.chassis.answering.viewing import admit
from services.reporting.domain.rules import LEA_NOT_YOURS, NO_SUCH_STUDENT

_OWNERS = text("SELECT lea FROM spells WHERE subject = :subject ORDER BY begin_on DESC")
_LEFT = text("""
SELECT at, body::jsonb ->> 'end_on' AS last_day FROM revisions
WHERE subject = :subject AND kind = 'spell' AND body::jsonb ->> 'lea' = :lea
    AND body::jsonb ->> 'end_on' IS NOT NULL
ORDER BY last_day DESC, at DESC LIMIT 1
""")
_IS_KNOWN = text("SELECT EXISTS (SELECT FROM revisions WHERE subject = :subject)")


def lea_in_scope(viewer: Actor, lea: LeaCode | None) -> LeaCode | None:
    """The LEA whose numbers the viewer gets. None: the whole state's. Forbidden: another LEA's."""
    if viewer.everywhere:
        return lea
    if lea is not None and lea != viewer.lea:
        raise Forbidden(LEA_NOT_YOURS.broken(requested=LEAS.label(lea), own=LEAS.label(viewer.lea), at="lea"))
    return viewer.lea


async def visible_part(
    database: AsyncConnection, viewer: Actor, student: StudentId, what: str
) -> LeaCode | None:
    """Log a view of a student's record. Returns the LEA whose part the viewer sees; None: the whole record.

    The owner sees everything, a former owner its own part. Only the state and auditors see a student without
    an owner. Raises NotFound. Forbidden: the LEA has never owned the student.
    """
    if not (await database.execute(_IS_KNOWN, {"subject": student})).scalar_one():
        raise NotFound(NO_SUCH_STUDENT.broken(student_id=student, at="student_id"))
    owners = (await database.execute(_OWNERS, {"subject": int(student)})).scalars().all()
    seen = viewer.everywhere or viewer.lea in owners
    owner = LEAS.label(owners[0]) if owners else "no LEA yet"
    refusal = None if seen else NOT_OWNER.broken(owner=owner)
    await admit(database, viewer, subject=student, what=what, refusal=refusal)
    return None if viewer.everywhere or viewer.lea == owners[0] else viewer.lea


class EventsSeen(NamedTuple):
    """The events about a student that a viewer sees: a condition on `revisions`, and its parameters."""

    where: str
    values: Mapping[str, object]


async def events_seen(database: AsyncConnection, student: StudentId, part: LeaCode | None) -> EventsSeen:
    """The events that belong to the `part` which `visible_part` returned.

    A former owner sees the events before the end of its last spell was recorded, without later spells. If
    reporting has not received that end yet: the events that name the LEA.
    """
    if part is None:
        return EventsSeen("true", {})
    left = (await database.execute(_LEFT, {"subject": student, "lea": part})).one_or_none()
    if left is None:
        return EventsSeen("body::jsonb ->> 'lea' = :part", {"part": part})
    return EventsSeen(
        "at <= :left_at AND NOT (kind = 'spell' AND body::jsonb ->> 'begin_on' > :last_day)",
        {"left_at": left.at, "last_day": left.last_day},
    )


async def may_look(viewer: Actor, database: AsyncConnection, student: StudentId, what: str) -> bool:
    """Log a view of the record. True if the viewer sees all of it. Raises NotFound, Forbidden."""
    return await visible_part(database, viewer, student, what) is None
