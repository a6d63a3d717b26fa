"""The queries of jurisdiction over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from contracts.jurisdiction import SchoolDirectory, TransferState
from contracts.message import OfLea, OfStudent
from contracts.types import LeaCode, StudentId
from services.chassis.answering.http import Database, Viewer
from services.chassis.answering.sequences import with_sequence_header
from services.chassis.answering.views import views_router
from services.jurisdiction import queries
from services.jurisdiction.queries import ClaimPage, Jurisdiction, SpellPage

router = APIRouter()
OF_STUDENT = with_sequence_header(OfStudent)
router.include_router(views_router("jurisdiction", "/students/{subject}/views", StudentId, queries.may_look))

Limit = Annotated[int, Query(ge=1, le=500, description="The most entries on a page.")]
After = Annotated[
    str, Query(max_length=60, description="`next` of the previous page; blank for the first page.")
]
State = Annotated[TransferState | None, Query(description="Blank: requested and refused claims.")]


@router.get(
    "/students/{student_id}/jurisdiction",
    summary="The owner of a student, and the spells, newest first",
    **OF_STUDENT,
)
async def jurisdiction(student_id: StudentId, viewer: Viewer, database: Database) -> Jurisdiction:
    """A former owner sees only its own spells."""
    return await queries.jurisdiction(viewer, database, student_id)


@router.get("/leas/{lea}/students", summary="The students an LEA owns, by State ID")
async def students(
    lea: LeaCode, viewer: Viewer, database: Database, after: After = "", limit: Limit = 100
) -> SpellPage:
    """The open spell of each student."""
    return await queries.students(viewer, database, lea, after=after, limit=limit)


@router.get("/leas/{lea}/schools", summary="The school sites of an LEA", **with_sequence_header(OfLea))
async def schools(lea: LeaCode, viewer: Viewer, database: Database) -> SchoolDirectory:
    """Code, label, first day and last day of each site. An invented site is marked as such."""
    return await queries.schools(viewer, database, lea)


@router.get("/leas/{lea}/claims", summary="An LEA's requested and refused claims on other LEAs' students")
async def claims(
    lea: LeaCode,
    viewer: Viewer,
    database: Database,
    state: State = None,
    after: After = "",
    limit: Limit = 100,
) -> ClaimPage:
    """The LEA's last claim on each student; a refused claim with its reasons.

    A claim leaves the list when the student has another owner.
    """
    return await queries.claims(viewer, database, lea, state=state, after=after, limit=limit)
