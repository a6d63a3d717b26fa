"""The queries of jurisdiction over HTTP."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from contracts.assigning import ToAssign
from contracts.jurisdiction import SchoolDirectory, TransferState
from contracts.message import OfLea, OfStudent
from contracts.types import ClaimId, LeaCode, StudentId
from services.chassis.answering.http import Database, Viewer
from services.chassis.answering.sequences import with_sequence_header
from services.chassis.answering.views import views_router
from services.jurisdiction import conversations, queries
from services.jurisdiction.queries import ClaimPage, Direction, Jurisdiction, SpellPage

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
async def jurisdiction(
    student_id: StudentId,
    viewer: Viewer,
    database: Database,
    as_of: Annotated[date | None, Query(description="The day of the owner; blank: the owner now.")] = None,
    known_at: Annotated[
        AwareDatetime | None,
        Query(description="Answer as this service knew it at an instant, such as 2018-01-08T14:30:00Z."),
    ] = None,
) -> Jurisdiction:
    """A former owner sees only its own spells."""
    return await queries.jurisdiction(viewer, database, student_id, as_of=as_of, known_at=known_at)


@router.get(
    "/students/{student_id}/to-assign",
    summary="A student's spells that may be another person's",
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
    "/students/{student_id}/transfers",
    summary="The claims on a student, each with its steps, latest first",
    **OF_STUDENT,
)
async def transfers(
    student_id: StudentId,
    viewer: Viewer,
    database: Database,
    after: Annotated[ClaimId | None, Query(description="`next` of the previous page.")] = None,
    limit: Limit = 100,
) -> conversations.Conversations:
    """Who claimed, what provision answered, and the open services that blocked the claim.

    An LEA that is not the owner sees the claims in which it took part.
    """
    return await conversations.conversations(viewer, database, student_id, after=after, limit=limit)


@router.get("/claims/escalated", summary="The blocked claims that the state office looks at")
async def escalated(viewer: Viewer, database: Database, after: After = "", limit: Limit = 100) -> ClaimPage:
    """An LEA asked for help, or the owner has not answered within 10 business days. For the state."""
    return await queries.escalated(viewer, database, after=after, limit=limit)


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


@router.get("/leas/{lea}/claims", summary="Requested and refused claims of an LEA, or on its students")
async def claims(
    lea: LeaCode,
    viewer: Viewer,
    database: Database,
    direction: Annotated[
        Direction, Query(description="`out`: the LEA's claims; `in`: other LEAs' claims on its students.")
    ] = Direction.OUT,
    state: State = None,
    after: After = "",
    limit: Limit = 100,
) -> ClaimPage:
    """The claimant's last claim on each student; a refused claim with its reasons.

    A claim leaves the list when the owner's jurisdiction ends.
    """
    return await queries.claims(
        viewer, database, lea, direction=direction, state=state, after=after, limit=limit
    )
