"""The queries of ieps. An owner sees all records, a former owner its own; the state sees everything."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.decision import Known
from contracts.errors import NOT_ADDED
from contracts.facts import KnownStudent, hidden_from, latest_spell
from contracts.ieps import IEP, Evaluation, IEPContents, SpedActivity
from contracts.leaving import last_left
from services.chassis.answering.problems import NotFound
from services.chassis.answering.queries import known
from services.chassis.answering.viewing import admit
from services.ieps.domain import STORED, rules
from services.ieps.domain.contents import contents_of
from services.ieps.domain.leaving import IEPsAsLeft, as_it_was
from services.ieps.domain.validation import Validation, validate

OfAnLea = TypeVar("OfAnLea", Evaluation, IEP, SpedActivity)


class IEPWithContents(IEP):
    """An IEP, or an amendment of one: its header and its contents."""

    contents: IEPContents


async def evaluations(viewer: Actor, database: AsyncConnection, student_id: str) -> Sequence[Evaluation]:
    """Evaluations, newest first. NotFound: the student is not added. Forbidden: another LEA's student."""
    record = await _record(viewer, database, student_id, "evaluations")
    return sorted(
        _visible(viewer, record, Evaluation),
        key=lambda evaluation: (evaluation.permission_requested_on, evaluation.record_id),
        reverse=True,
    )


async def evaluation(
    viewer: Actor, database: AsyncConnection, student_id: str, evaluation_id: UUID
) -> Evaluation:
    """One evaluation. NotFound: the student has none with that id that the viewer may see."""
    record = await _record(viewer, database, student_id, f"evaluation {evaluation_id}")
    for found in _visible(viewer, record, Evaluation):
        if found.evaluation_id == evaluation_id:
            return found
    raise NotFound(rules.EVALUATION_UNKNOWN.broken(at="evaluation_id"))


async def ieps(viewer: Actor, database: AsyncConnection, student_id: str) -> Sequence[IEP]:
    """The headers of a student's IEPs and amendments, newest first."""
    record = await _record(viewer, database, student_id, "IEPs")
    return sorted(
        _visible(viewer, record, IEP),
        key=lambda iep: (iep.begin_on, iep.amendment, iep.record_id),
        reverse=True,
    )


async def iep(viewer: Actor, database: AsyncConnection, student_id: str, iep_id: UUID) -> IEPWithContents:
    """One IEP with its forms. NotFound: the student has none with that id that the viewer may see."""
    record = await _record(viewer, database, student_id, f"IEP {iep_id}", opened=iep_id)
    header = _iep(viewer, record, iep_id)
    _check_forms(record, header)
    return IEPWithContents(**dict(header), contents=contents_of(record, header))


async def validation(viewer: Actor, database: AsyncConnection, student_id: str, iep_id: UUID) -> Validation:
    """The validation of an IEP as it is now."""
    record = await _record(viewer, database, student_id, f"validation of IEP {iep_id}", opened=iep_id)
    header = _iep(viewer, record, iep_id)
    _check_forms(record, header)
    return validate(record, header)


async def sped_activity(viewer: Actor, database: AsyncConnection, student_id: str) -> Sequence[SpedActivity]:
    """The student's entries into special education and exits, newest first."""
    record = await _record(viewer, database, student_id, "sped activity")
    return sorted(
        _visible(viewer, record, SpedActivity), key=lambda activity: activity.entered_on, reverse=True
    )


async def may_look(viewer: Actor, database: AsyncConnection, student_id: str, what: str) -> bool:
    """Log a view of the record. True if the viewer sees it as its owner does. Raises NotFound, Forbidden."""
    spell = latest_spell(await _record(viewer, database, student_id, what))
    return spell is None or viewer.sees(spell.lea)


async def _record(
    viewer: Actor, database: AsyncConnection, student_id: str, what: str, opened: UUID | None = None
) -> Known:
    """The student's record with the contents of the `opened` IEP; for a former owner, as the student left."""
    record = await known(database, student_id, STORED, [(IEPContents, opened)] if opened else [])
    if record.one(KnownStudent) is None and latest_spell(record) is None:
        raise NotFound(NOT_ADDED.broken(at="student_id"))
    await admit(database, viewer, subject=student_id, what=what, refusal=hidden_from(viewer, record))
    if spell := last_left(record, viewer):
        kept = await known(database, student_id, (IEPsAsLeft,), [(IEPsAsLeft, spell.spell_id)])
        return as_it_was(record, kept.get(IEPsAsLeft, spell.spell_id))
    return record


def _visible(viewer: Actor, record: Known, kind: type[OfAnLea]) -> Sequence[OfAnLea]:
    spell = latest_spell(record)
    if spell is None or viewer.sees(spell.lea):
        return record.all(kind)
    return [found for found in record.all(kind) if found.lea == viewer.lea]


def _iep(viewer: Actor, record: Known, iep_id: UUID) -> IEP:
    for found in _visible(viewer, record, IEP):
        if found.iep_id == iep_id:
            return found
    raise NotFound(rules.IEP_UNKNOWN.broken(at="iep_id"))


def _check_forms(record: Known, header: IEP) -> None:
    """NotFound: another LEA has changed the forms of the draft since the student left the viewer's LEA."""
    if contents_of(record, header).revision != header.contents_revision:
        raise NotFound(rules.FORMS_NOT_KEPT.broken(at="iep_id"))
