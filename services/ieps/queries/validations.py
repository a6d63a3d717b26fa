"""The validation of an IEP: as it is, or as it would be with other forms."""

from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.decision import Known
from contracts.forms import Form
from contracts.ieps import IEP, IEPStage
from contracts.message import Value
from services.chassis.answering.problems import Problem
from services.ieps.domain.forms import misplaced_amendment, repeated
from services.ieps.domain.lines import out_of_turn
from services.ieps.domain.validation import Validation, validate, with_forms
from services.ieps.queries.calendars import published_around
from services.ieps.queries.moment import today
from services.ieps.queries.record import record_of, visible_iep


class UnsavedForms(Value):
    """Forms of a draft that nobody has saved, as SaveIEPForms takes them."""

    forms: tuple[Form, ...] = Field(min_length=1)


async def validation(viewer: Actor, database: AsyncConnection, student_id: str, iep_id: UUID) -> Validation:
    """The validation of an IEP as it is now."""
    record, header = await _opened(viewer, database, student_id, iep_id)
    calendars = await published_around(database, header.signed_on or today())
    return validate(record, header, today(), calendars)


async def tried(
    viewer: Actor, database: AsyncConnection, student_id: str, iep_id: UUID, unsaved: UnsavedForms
) -> Validation:
    """The validation that a draft would have with these forms saved. Nothing changes. Problem: SaveIEPForms
    would refuse the forms, or the IEP is no draft."""
    record, header = await _opened(viewer, database, student_id, iep_id)
    broken = [*repeated(unsaved.forms), *misplaced_amendment(header.amends, unsaved.forms)]
    if header.stage is not IEPStage.DRAFT:
        broken.append(out_of_turn(header, IEPStage.DRAFT))
    if broken:
        raise Problem(422, broken)
    calendars = await published_around(database, today())
    return validate(*with_forms(record, header, unsaved.forms), today(), calendars)


async def _opened(
    viewer: Actor, database: AsyncConnection, student_id: str, iep_id: UUID
) -> tuple[Known, IEP]:
    record = await record_of(viewer, database, student_id, f"validation of IEP {iep_id}", [iep_id])
    header = visible_iep(viewer, record, iep_id)
    return record, header
