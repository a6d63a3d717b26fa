"""Students who may be one person under two State IDs: the same name, birth date and sex."""

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.errors import ROLE_MISSING
from contracts.message import Value
from contracts.types import LeaCode, StudentId
from services.chassis.answering.viewing import admit
from services.students import store
from services.students.domain.twins import may_see
from services.students.queries import may_look

_MOST = 20
_WHAT = "likely duplicates"


class LikelyDuplicate(Value):
    """Another State ID of a person who may be the same. Both blank: a student whom the viewer may not see.

    `lea`: blank also if nobody has added the person, or if its last LEA closed the jurisdiction.
    """

    student_id: StudentId | None
    lea: LeaCode | None


class LikelyDuplicates(Value):
    """The other students who may be the same person, by State ID."""

    others: tuple[LikelyDuplicate, ...]


class LikelyPair(Value):
    """A student and another person of eScholar who may be the same, and the LEA that has each of them.

    `lea`, `other_lea`: blank after the last LEA closed its jurisdiction. `other_lea`: blank also if nobody
    has added the person.
    """

    student_id: StudentId
    lea: LeaCode | None
    other_id: StudentId
    other_lea: LeaCode | None


class LikelyPairs(Value):
    """A page of pairs, and whether there are more."""

    pairs: tuple[LikelyPair, ...]
    more: bool = False


async def duplicates_of(viewer: Actor, database: AsyncConnection, student_id: StudentId) -> LikelyDuplicates:
    """The other students who may be this person, if the viewer may see this student.

    For another LEA's student the State ID and the LEA are blank. A former owner sees none: they come from the
    present name.
    """
    if not await may_look(viewer, database, student_id, _WHAT):
        return LikelyDuplicates(others=())
    values = {"student_id": student_id, "limit": _MOST}
    rows = (await database.execute(store.SAME_PERSON, values)).all()
    return LikelyDuplicates(
        others=tuple(
            LikelyDuplicate(
                student_id=row.subject if may_see(viewer, row.seen_by) else None,
                lea=row.owner if may_see(viewer, row.seen_by) else None,
            )
            for row in rows
        )
    )


async def likely_pairs(
    viewer: Actor, database: AsyncConnection, after: StudentId, after_other: StudentId, limit: int
) -> LikelyPairs:
    """The pairs that a secure ID manager has to check: the LEA's own, or all of the state's."""
    allowed = viewer.has(Role.SECURE_ID_MANAGER)
    refusal = None if allowed else ROLE_MISSING.broken(role=Role.SECURE_ID_MANAGER)
    await admit(database, viewer, subject="", what=_WHAT, refusal=refusal)
    statement = store.likely_pairs(within=not viewer.everywhere)
    values = {"lea": viewer.lea, "after": after, "after_other": after_other, "limit": limit + 1}
    rows = (await database.execute(statement, values)).all()
    pairs = tuple(
        LikelyPair(student_id=row.subject, lea=row.lea, other_id=row.other, other_lea=row.other_lea)
        for row in rows[:limit]
    )
    return LikelyPairs(pairs=pairs, more=len(rows) > limit)
