"""The queries of ieps over HTTP."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from contracts.activities import Consent, SpedActivity
from contracts.assigning import ToAssign
from contracts.calendars import Calendar
from contracts.deadlines import Due
from contracts.evaluations import PartCTransition
from contracts.message import OfCalendar, OfStudent
from contracts.types import LeaCode, StudentId, Year
from services.chassis.answering.components import SCHEMAS
from services.chassis.answering.http import Database, Viewer
from services.chassis.answering.problems import documented
from services.chassis.answering.requests import body_as
from services.chassis.answering.sequences import with_sequence_header
from services.chassis.answering.views import views_router
from services.ieps import queries
from services.ieps.domain.validation import Validation
from services.ieps.queries.calendars import DueDateWanted, Moves, ProposedCalendar
from services.ieps.queries.changes import Changes
from services.ieps.queries.evaluations import DatedEvaluation
from services.ieps.queries.ieps import IEPWithContents, ListedIEP
from services.ieps.queries.of_lea import (
    DeletionPage,
    DisagreementPage,
    EvaluationPage,
    IEPPage,
    OpenStage,
    UnsubmittedStage,
)
from services.ieps.queries.validations import UnsavedForms

router = APIRouter()
OF_STUDENT = with_sequence_header(OfStudent)
router.include_router(views_router("ieps", "/students/{subject}/views", StudentId, queries.may_look))

Limit = Annotated[int, Query(ge=1, le=500, description="The most entries on a page.")]
IEPLimit = Annotated[int, Query(ge=1, le=100, description="The most IEPs on a page.")]
After = Annotated[
    str, Query(max_length=60, description="`next` of the previous page; blank for the first page.")
]
Stage = Annotated[OpenStage | None, Query(description="Blank: every open evaluation.")]
IEPStageWanted = Annotated[UnsubmittedStage | None, Query(description="Blank: drafts and official IEPs.")]
Against = Annotated[
    UUID | None,
    Query(
        description="The earlier IEP. Blank: the IEP that this one amends, or else the newest IEP of an"
        " earlier team meeting."
    ),
]


async def _unsaved(
    viewer: Viewer, unsaved: Annotated[UnsavedForms, Depends(body_as(UnsavedForms))]
) -> UnsavedForms:
    """The body, read after the token and before the database is asked."""
    return unsaved


_UNSAVED_FORMS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["forms"],
    "properties": {"forms": {"$ref": f"{SCHEMAS}SaveIEPForms/properties/forms"}},
}


_PROPOSED_CALENDAR: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["source"],
    "properties": {
        name: {"$ref": f"{SCHEMAS}PublishCalendar/properties/{name}"}
        for name in ProposedCalendar.model_fields
    },
}


@router.get(
    "/students/{student_id}/to-assign",
    summary="A student's evaluations and IEPs that may be another person's",
    response_model=list[ToAssign],
    **OF_STUDENT,
)
async def to_assign(
    student_id: StudentId,
    viewer: Viewer,
    database: Database,
    other: Annotated[StudentId, Query(description="The State ID of the other person.")],
) -> Sequence[ToAssign]:
    """For secure ID managers, if records of the two may be mixed up."""
    return await queries.to_assign(viewer, database, student_id, other)


@router.get(
    "/students/{student_id}/evaluations", summary="A student's evaluations, newest first", **OF_STUDENT
)
async def evaluations(student_id: StudentId, viewer: Viewer, database: Database) -> Sequence[DatedEvaluation]:
    """A former owner sees only its own evaluations."""
    return await queries.evaluations(viewer, database, student_id)


@router.get("/students/{student_id}/evaluations/{evaluation_id}", summary="One evaluation", **OF_STUDENT)
async def evaluation(
    student_id: StudentId, evaluation_id: UUID, viewer: Viewer, database: Database
) -> DatedEvaluation:
    """Its dates, and the exceptionalities that it found."""
    return await queries.evaluation(viewer, database, student_id, evaluation_id)


@router.get(
    "/students/{student_id}/part-c",
    summary="The student's way from early intervention (IDEA Part C)",
    **OF_STUDENT,
)
async def part_c(student_id: StudentId, viewer: Viewer, database: Database) -> Sequence[PartCTransition]:
    """One record, or none if nothing is recorded."""
    return await queries.part_c(viewer, database, student_id)


@router.get(
    "/students/{student_id}/ieps", summary="A student's IEPs and amendments, newest first", **OF_STUDENT
)
async def ieps(student_id: StudentId, viewer: Viewer, database: Database) -> Sequence[ListedIEP]:
    """Only the headers, with the names of the forms, a draft's light, and the last change.

    A query for one IEP returns its contents.
    """
    return await queries.ieps(viewer, database, student_id)


@router.get("/students/{student_id}/ieps/{iep_id}", summary="One IEP with its forms", **OF_STUDENT)
async def iep(student_id: StudentId, iep_id: UUID, viewer: Viewer, database: Database) -> IEPWithContents:
    """Its header and its contents. An amendment has all forms, the unchanged ones too."""
    return await queries.iep(viewer, database, student_id, iep_id)


@router.get(
    "/students/{student_id}/ieps/{iep_id}/changes",
    summary="The differences from an earlier IEP, field by field",
    **OF_STUDENT,
)
async def changes(
    student_id: StudentId, iep_id: UUID, viewer: Viewer, database: Database, against: Against = None
) -> Changes:
    """Each has the values before and after, and the same in words where a code has a label."""
    return await queries.changes(viewer, database, student_id, iep_id, against)


@router.get(
    "/students/{student_id}/ieps/{iep_id}/validation",
    summary="The validation of an IEP: each form is green, yellow or red",
    **OF_STUDENT,
)
async def validation(student_id: StudentId, iep_id: UUID, viewer: Viewer, database: Database) -> Validation:
    """The findings that MakeIEPOfficial would have now. The IEP as a whole comes first."""
    return await queries.validation(viewer, database, student_id, iep_id)


@router.post(
    "/students/{student_id}/ieps/{iep_id}/validation",
    summary="The validation that a draft would have with other forms",
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": _UNSAVED_FORMS}}}
    },
    dependencies=[Depends(_unsaved), *OF_STUDENT["dependencies"]],
    responses=OF_STUDENT["responses"] | documented(413, 415),
)
async def tried(
    student_id: StudentId,
    iep_id: UUID,
    viewer: Viewer,
    database: Database,
    unsaved: Annotated[UnsavedForms, Depends(_unsaved)],
) -> Validation:
    """Forms as SaveIEPForms takes them replace those of the draft for this answer. Nothing is saved."""
    return await queries.tried(viewer, database, student_id, iep_id, unsaved)


@router.get(
    "/students/{student_id}/sped-activity",
    summary="Entries into special education and exits, newest first",
    **OF_STUDENT,
)
async def sped_activity(student_id: StudentId, viewer: Viewer, database: Database) -> Sequence[SpedActivity]:
    """Each begins with a submitted IEP and ends with the exit. A voided one was recorded in error."""
    return await queries.sped_activity(viewer, database, student_id)


@router.get(
    "/students/{student_id}/consents",
    summary="A parent's refusals of first services and revocations of consent, newest first",
    **OF_STUDENT,
)
async def consents(student_id: StudentId, viewer: Viewer, database: Database) -> Sequence[Consent]:
    """A revocation has ended the student's sped activity."""
    return await queries.consents(viewer, database, student_id)


@router.get("/leas/{lea}/evaluations", summary="The open evaluations of an LEA's students, by due date")
async def open_evaluations(
    lea: LeaCode,
    viewer: Viewer,
    database: Database,
    stage: Stage = None,
    after: After = "",
    limit: Limit = 100,
) -> EvaluationPage:
    """Evaluations that are still to be completed come first, by due date. The others follow, by State ID."""
    return await queries.open_evaluations(viewer, database, lea, stage=stage, after=after, limit=limit)


@router.get("/leas/{lea}/ieps", summary="Drafts and official IEPs of an LEA's students, by State ID")
async def unsubmitted_ieps(
    lea: LeaCode,
    viewer: Viewer,
    database: Database,
    stage: IEPStageWanted = None,
    after: After = "",
    limit: IEPLimit = 50,
) -> IEPPage:
    """Their headers, with a draft's light and the last change. A submitted IEP leaves the list."""
    return await queries.unsubmitted_ieps(viewer, database, lea, stage=stage, after=after, limit=limit)


@router.get(
    "/leas/{lea}/iep-deletions", summary="The open requests to delete IEPs of an LEA's students, by State ID"
)
async def requested_deletions(
    lea: LeaCode, viewer: Viewer, database: Database, after: After = "", limit: Limit = 100
) -> DeletionPage:
    """Each with the header of its IEP. Another person than the requester approves or declines it: a
    coordinator of the LEA, or the state."""
    return await queries.requested_deletions(viewer, database, lea, after=after, limit=limit)


@router.get(
    "/leas/{lea}/against-birth-date",
    summary="Records of an LEA's students that do not agree with the birth date, by State ID",
)
async def disagreeing(
    lea: LeaCode, viewer: Viewer, database: Database, after: After = "", limit: Limit = 100
) -> DisagreementPage:
    """After eScholar has corrected a birth date: an evaluation before birth; an exceptionality, an
    environment or an IEP of another age. Each with what to do. Nothing is stored: the list follows from the
    records."""
    return await queries.disagreeing(viewer, database, lea, after=after, limit=limit)


@router.get("/calendars", summary="The state's calendars, by year")
async def calendars(viewer: Viewer, database: Database) -> Sequence[Calendar]:
    """Each with its version, holidays, school terms and extension rules. For everybody."""
    return await queries.calendars(database)


@router.get("/calendars/{year}", summary="The state's calendar of a year", **with_sequence_header(OfCalendar))
async def calendar(year: Year, viewer: Viewer, database: Database) -> Calendar:
    """Its exceptional days, school terms and extension rules. For everybody."""
    return await queries.calendar(database, year)


@router.post(
    "/calendars/{year}/moves",
    summary="The due dates that another calendar of a year would move",
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": _PROPOSED_CALENDAR}}}
    },
    responses=documented(413, 415),
)
async def moves(
    year: Year,
    viewer: Viewer,
    proposed: Annotated[ProposedCalendar, Depends(body_as(ProposedCalendar))],
    database: Database,
) -> Moves:
    """For the state. The body is that of PublishCalendar without its year. Nothing changes."""
    return await queries.moves(viewer, database, year, proposed)


@router.get("/due-date", summary="When something is due by the state's calendars, and why")
async def due_date(viewer: Viewer, database: Database, wanted: Annotated[DueDateWanted, Query()]) -> Due:
    """From the day on which a clock starts to the due date, with the days left out. For everybody."""
    return await queries.due_date(database, wanted)
