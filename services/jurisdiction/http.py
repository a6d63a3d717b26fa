"""The queries of jurisdiction over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from contracts.jurisdiction import SchoolDirectory, TransferState
from contracts.message import OfLea, OfStudent
from contracts.types import LeaCode, StudentId
from services.chassis.answering.http import Database, Viewer
from services.chassis.answering.sequences import says_sequence
from services.chassis.answering.views import views_router
from services.jurisdiction import queries
from services.jurisdiction.queries import ClaimPage, Jurisdiction, SpellPage

router = APIRouter()
OF_STUDENT = says_sequence(OfStudent)
router.include_router(views_router("jurisdiction", "/students/{subject}/views", StudentId, queries.may_look))

Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
After = Annotated[
    str, Query(max_length=60, description="`next` of the page before; blank for the first page.")
]
State = Annotated[
    TransferState | None, Query(description="Blank for the claims under way and the refused ones.")
]


@router.get(
    "/students/{student_id}/jurisdiction",
    summary="Who owns a student, and the spells, newest first",
    **OF_STUDENT,
)
async def jurisdiction(student_id: StudentId, viewer: Viewer, database: Database) -> Jurisdiction:
    """An LEA that owned the student earlier sees its own spells only."""
    return await queries.jurisdiction(viewer, database, student_id)


@router.get("/leas/{lea}/students", summary="The students an LEA owns, by State ID")
async def students(
    lea: LeaCode, viewer: Viewer, database: Database, after: After = "", limit: Limit = 100
) -> SpellPage:
    """The open spell of each."""
    return await queries.students(viewer, database, lea, after=after, limit=limit)


@router.get("/leas/{lea}/schools", summary="The school sites of an LEA", **says_sequence(OfLea))
async def schools(lea: LeaCode, viewer: Viewer, database: Database) -> SchoolDirectory:
    """Code, label, first and last day of each; a site that this project invented says so."""
    return await queries.schools(viewer, database, lea)


@router.get("/leas/{lea}/claims", summary="An LEA's claims on other LEAs' students that are not won")
async def claims(
    lea: LeaCode,
    viewer: Viewer,
    database: Database,
    state: State = None,
    after: After = "",
    limit: Limit = 100,
) -> ClaimPage:
    """Claims being decided, and refused ones with the reasons: the LEA's last claim on each student, as long
    as the LEA that owned the student then still does."""
    return await queries.claims(viewer, database, lea, state=state, after=after, limit=limit)
