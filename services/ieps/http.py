"""The queries of ieps over HTTP."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter

from contracts.ieps import IEP, Evaluation, SpedActivity
from contracts.message import OfStudent
from contracts.types import StudentId
from services.chassis.answering.http import Database, Viewer
from services.chassis.answering.sequences import with_sequence_header
from services.chassis.answering.views import views_router
from services.ieps import queries
from services.ieps.domain.validation import Validation
from services.ieps.queries import IEPWithContents

router = APIRouter()
OF_STUDENT = with_sequence_header(OfStudent)
router.include_router(views_router("ieps", "/students/{subject}/views", StudentId, queries.may_look))


@router.get(
    "/students/{student_id}/evaluations", summary="A student's evaluations, newest first", **OF_STUDENT
)
async def evaluations(student_id: StudentId, viewer: Viewer, database: Database) -> Sequence[Evaluation]:
    """A former owner sees only its own evaluations."""
    return await queries.evaluations(viewer, database, student_id)


@router.get("/students/{student_id}/evaluations/{evaluation_id}", summary="One evaluation", **OF_STUDENT)
async def evaluation(
    student_id: StudentId, evaluation_id: UUID, viewer: Viewer, database: Database
) -> Evaluation:
    """Its dates, and the exceptionalities that it found."""
    return await queries.evaluation(viewer, database, student_id, evaluation_id)


@router.get(
    "/students/{student_id}/ieps", summary="A student's IEPs and amendments, newest first", **OF_STUDENT
)
async def ieps(student_id: StudentId, viewer: Viewer, database: Database) -> Sequence[IEP]:
    """Only the headers, with the names of the forms. A query for one IEP returns its contents."""
    return await queries.ieps(viewer, database, student_id)


@router.get("/students/{student_id}/ieps/{iep_id}", summary="One IEP with its forms", **OF_STUDENT)
async def iep(student_id: StudentId, iep_id: UUID, viewer: Viewer, database: Database) -> IEPWithContents:
    """Its header and its contents. An amendment has all forms, the unchanged ones too."""
    return await queries.iep(viewer, database, student_id, iep_id)


@router.get(
    "/students/{student_id}/ieps/{iep_id}/validation",
    summary="The validation of an IEP: each form is green, yellow or red",
    **OF_STUDENT,
)
async def validation(student_id: StudentId, iep_id: UUID, viewer: Viewer, database: Database) -> Validation:
    """The findings that MakeIEPOfficial would have now. The IEP as a whole comes first."""
    return await queries.validation(viewer, database, student_id, iep_id)


@router.get(
    "/students/{student_id}/sped-activity",
    summary="Entries into special education, newest first",
    **OF_STUDENT,
)
async def sped_activity(student_id: StudentId, viewer: Viewer, database: Database) -> Sequence[SpedActivity]:
    """Each entry begins with the first submitted IEP and ends with the exit."""
    return await queries.sped_activity(viewer, database, student_id)
