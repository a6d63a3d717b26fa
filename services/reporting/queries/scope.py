"""The numbers and the records that a viewer may see."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.codes import LEAS
from contracts.dates import begin_of
from contracts.errors import NOT_CLAIMED, NOT_OWNER, Finding
from contracts.facts import KnownSpell, holding
from contracts.types import LeaCode, StudentId
from services.chassis.answering.http import Forbidden, NotFound
from services.chassis.answering.viewing import admit
from services.reporting.domain.rules import LEA_NOT_YOURS, NO_SUCH_STUDENT
from services.reporting.queries.moment import today

_SPELLS = text(
    "SELECT revision, spell_id, lea, begin_on, end_on, end_reason IS NOT NULL AS closed FROM spells"
    " WHERE subject = :subject AND NOT withdrawn ORDER BY begin_on DESC, end_on DESC NULLS FIRST"
)
_LEFT = text("""
SELECT at, body::jsonb ->> 'end_on' AS last_day, body::jsonb ->> 'end_reason' IS NOT NULL AS closed
FROM revisions
WHERE subject = :subject AND kind = 'spell' AND body::jsonb ->> 'lea' = :lea
    AND body::jsonb ->> 'end_on' IS NOT NULL AND NOT EXISTS (
        SELECT FROM spells WHERE spells.subject = CAST(:subject AS bigint) AND withdrawn
            AND spell_id::text = revisions.record_id
    )
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

    The owner sees everything, and so does an LEA that claimed from a day to come. A former owner sees its own
    part. If an LEA has closed jurisdiction, it sees everything until another LEA claims the student. Only the
    state and auditors see a student whom no LEA has claimed.
    Raises NotFound. Forbidden: the LEA has never owned the student.
    """
    if not (await database.execute(_IS_KNOWN, {"subject": student})).scalar_one():
        raise NotFound(NO_SUCH_STUDENT.broken(student_id=student, at="student_id"))
    spells = await _spells(database, student)
    seen = viewer.everywhere or viewer.lea in [spell.lea for spell in spells]
    refusal = None if seen else _hidden(spells)
    await admit(database, viewer, subject=student, what=what, refusal=refusal)
    owning = holding(spells, today())
    whole = viewer.everywhere or viewer.lea in (spells[0].lea, owning and owning.lea)
    return None if whole else viewer.lea


async def _spells(database: AsyncConnection, student: StudentId) -> Sequence[KnownSpell]:
    """The student's spells without withdrawn ones, the latest first."""
    found = await database.execute(_SPELLS, {"subject": int(student)})
    return [KnownSpell(student_id=student, **row) for row in found.mappings()]


def _hidden(spells: Sequence[KnownSpell]) -> Finding:
    """The finding that the viewer's LEA has never owned the student: who does, or that no LEA does."""
    if not spells or spells[0].end_on is not None:
        return NOT_CLAIMED.broken(at="student_id")
    return NOT_OWNER.broken(owner=LEAS.label(spells[0].lea))


class EventsSeen(NamedTuple):
    """The events about a student that a viewer sees: a condition on `revisions`, and its parameters."""

    where: str
    values: Mapping[str, object]


async def events_seen(database: AsyncConnection, student: StudentId, part: LeaCode | None) -> EventsSeen:
    """The events that belong to the `part` which `visible_part` returned.

    A former owner sees the events before the end of its last spell was recorded, without later spells. If
    another LEA claimed from a day to come: the events through its last day. If reporting has not received
    that end yet: the events that name the LEA.
    """
    if part is None:
        return EventsSeen("true", {})
    left = (await database.execute(_LEFT, {"subject": student, "lea": part})).one_or_none()
    if left is None:
        return EventsSeen("body::jsonb ->> 'lea' = :part", {"part": part})
    left_at = left.at if left.closed else max(left.at, _end_of(left.last_day))
    return EventsSeen(
        "at <= :left_at AND NOT (kind = 'spell' AND body::jsonb ->> 'begin_on' > :last_day)",
        {"left_at": left_at, "last_day": left.last_day},
    )


def _end_of(day: str) -> datetime:
    return begin_of(date.fromisoformat(day) + timedelta(days=1))


async def may_look(viewer: Actor, database: AsyncConnection, student: StudentId, what: str) -> bool:
    """Log a view of the record. True if the viewer sees all of it. Raises NotFound, Forbidden."""
    return await visible_part(database, viewer, student, what) is None
