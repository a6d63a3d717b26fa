"""Whose numbers and whose records a viewer may see."""

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.codes import LEAS
from contracts.errors import NOT_OWNER
from contracts.types import LeaCode, StudentId
from services.chassis.answering.http import Forbidden, NotFound
from services.chassis.answering.viewing import admit
from services.chassis.keeping.tables import access_log
from services.reporting.domain.rules import LEA_NOT_YOURS, NO_SUCH_STUDENT

_OWNERS = text("SELECT lea FROM spells WHERE subject = :subject ORDER BY begin_on DESC")
_HEARD_OF = text("SELECT EXISTS (SELECT FROM revisions WHERE subject = :subject)")


def lea_asked(viewer: Actor, lea: LeaCode | None) -> LeaCode | None:
    """The LEA whose numbers are given; None: the whole state's. Forbidden: those of another LEA."""
    if viewer.everywhere:
        return lea
    if lea is not None and lea != viewer.lea:
        raise Forbidden(LEA_NOT_YOURS.broken(requested=LEAS.label(lea), own=LEAS.label(viewer.lea), at="lea"))
    return viewer.lea


async def look_at(database: AsyncConnection, viewer: Actor, student: StudentId, what: str) -> LeaCode | None:
    """Log a look at a student's record; the LEA whose part of it may be seen, None for all of it.

    The owner sees everything, a former owner its own part; of whom nobody has claimed, only the state sees
    anything. NotFound. Forbidden: it never owned the student.
    """
    if not (await database.execute(_HEARD_OF, {"subject": student})).scalar_one():
        raise NotFound(NO_SUCH_STUDENT.broken(student_id=student, at="student_id"))
    owners = (await database.execute(_OWNERS, {"subject": int(student)})).scalars().all()
    seen = viewer.everywhere or viewer.lea in owners
    owner = LEAS.label(owners[0]) if owners else "no LEA yet"
    refusal = None if seen else NOT_OWNER.broken(owner=owner)
    await admit(database, viewer, subject=student, what=what, refusal=refusal)
    return None if viewer.everywhere or viewer.lea == owners[0] else viewer.lea


async def may_look(viewer: Actor, database: AsyncConnection, student: StudentId, what: str) -> bool:
    """Log a look at the record; whether all of it may be seen. NotFound, Forbidden."""
    return await look_at(database, viewer, student, what) is None


async def log_list(database: AsyncConnection, viewer: Actor, students: list[StudentId], what: str) -> None:
    """Log that the viewer looked at each student of a list."""
    row = {"viewer": viewer.sub, "scope": viewer.scope, "roles": " ".join(sorted(viewer.roles)), "what": what}
    if students:
        await database.execute(insert(access_log), [row | {"subject": student} for student in students])
