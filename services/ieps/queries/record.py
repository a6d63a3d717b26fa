"""The part of a student's record that a viewer may see: an owner all, a former owner its own time."""

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.activities import Consent, SpedActivity
from contracts.decision import Known
from contracts.errors import NOT_ADDED
from contracts.evaluations import Evaluation, PartCTransition
from contracts.facts import KnownStudent, hidden_from, latest_spell, sees_whole
from contracts.ieps import IEP, IEPContents
from contracts.leaving import last_left
from services.chassis.answering.problems import NotFound
from services.chassis.answering.queries import first_opened, known
from services.chassis.answering.viewing import admit
from services.ieps.domain import STORED, iep_rules
from services.ieps.domain.leaving import IEPsAsLeft, as_it_was
from services.ieps.queries.moment import today

OfAnLea = TypeVar("OfAnLea", Evaluation, PartCTransition, IEP, SpedActivity, Consent)


async def may_look(viewer: Actor, database: AsyncConnection, student_id: str, what: str) -> bool:
    """Log a view of the record. True if the viewer sees it as its owner does. Raises NotFound, Forbidden."""
    return sees_whole(viewer, await record_of(viewer, database, student_id, what), today())


async def record_of(
    viewer: Actor, database: AsyncConnection, student_id: str, what: str, opened: Iterable[UUID] = ()
) -> Known:
    """The student's record with the contents of the `opened` IEPs. A former owner sees it as it was when the
    student left."""
    record = await known(database, student_id, STORED, [(IEPContents, iep_id) for iep_id in opened])
    if record.one(KnownStudent) is None and latest_spell(record) is None:
        raise NotFound(NOT_ADDED.broken(at="student_id"))
    await admit(database, viewer, subject=student_id, what=what, refusal=hidden_from(viewer, record))
    spell = last_left(record, viewer, today())
    if spell is None:
        return record
    places = (spell.student_id, spell.owned_by)  # a merge leaves the copy where it was kept
    return as_it_was(record, await first_opened(database, places, IEPsAsLeft, spell.spell_id))


def visible(viewer: Actor, record: Known, kind: type[OfAnLea]) -> Sequence[OfAnLea]:
    """The records of a kind that the viewer may see."""
    if sees_whole(viewer, record, today()):
        return record.all(kind)
    return [found for found in record.all(kind) if found.lea == viewer.lea]


def visible_iep(viewer: Actor, record: Known, iep_id: UUID, *, at: str = "iep_id") -> IEP:
    """The header of an IEP. NotFound: the student has none with that id that the viewer may see."""
    for found in visible(viewer, record, IEP):
        if found.iep_id == iep_id:
            return found
    raise NotFound(iep_rules.IEP_UNKNOWN.broken(at=at))
