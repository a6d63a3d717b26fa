"""The queries of students over HTTP."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.assigning import ToAssign
from contracts.message import OfStudent
from contracts.types import Day, StudentId
from services.chassis.answering.http import Database, Viewer
from services.chassis.answering.problems import Problem
from services.chassis.answering.requests import body_as, takes
from services.chassis.answering.sequences import with_sequence_header
from services.chassis.answering.views import views_router
from services.students import candidates, duplicates, identity_changes, names, queries, search
from services.students.attachments.routes import router as attachments
from services.students.candidates import CandidatesWanted
from services.students.criteria import Search, nothing_sought
from services.students.identity_changes import AFTER, ChangeKind, ChangesWanted
from services.students.names import NamesWanted

router = APIRouter()
OF_STUDENT = with_sequence_header(OfStudent)
router.include_router(views_router("students", "/students/{subject}/views", StudentId, queries.may_look))


async def _sought(wanted: Annotated[Search, Depends(body_as(Search))]) -> Search:
    if finding := nothing_sought(wanted):
        raise Problem(422, [finding])
    return wanted


# POST, because proxies log addresses, and names must not be in their logs.
@router.post(
    "/students/search",
    summary="Search students by name, State ID or other fields; tolerates typos",
    **takes(Search),
)
async def find(
    viewer: Viewer, wanted: Annotated[Search, Depends(_sought)], database: Database
) -> search.FoundStudents:
    """An LEA's users find their LEA's students, and by State ID for writers also name and owner of any other.
    The state and auditors find every student."""
    return await search.search(viewer, database, wanted)


# POST, because an address has no room for 500 State IDs.
@router.post(
    "/students/names",
    summary="The names of up to 500 students, by State ID",
    **takes(NamesWanted),
)
async def named(
    viewer: Viewer, wanted: Annotated[NamesWanted, Depends(body_as(NamesWanted))], database: Database
) -> names.StudentNames:
    """For lists of other services, which have State IDs only. SER logs each student as a look."""
    return await names.names(viewer, database, wanted)


# POST, because an address with a name and a birth date would be logged.
@router.post(
    "/identities/candidates",
    summary="Persons of eScholar who may be the one whom an LEA wants to add",
    **takes(CandidatesWanted),
)
async def alike(
    viewer: Viewer,
    wanted: Annotated[CandidatesWanted, Depends(body_as(CandidatesWanted))],
    database: Database,
) -> candidates.Candidates:
    """For writers and secure ID managers. SER logs each person shown as a look."""
    return await candidates.candidates(viewer, database, wanted)


@router.get("/likely-duplicates", summary="Pairs of students who may be one person")
async def likely_pairs(
    viewer: Viewer,
    database: Database,
    after: StudentId = "0000000000",
    after_other: StudentId = "0000000000",
    limit: Annotated[int, Query(ge=1, le=1000, description="The most pairs to return.")] = 100,
) -> duplicates.LikelyPairs:
    return await duplicates.likely_pairs(viewer, database, after, after_other, limit)


@router.get("/identity-changes", summary="What became of State IDs, the newest first")
async def state_id_changes(
    viewer: Viewer,
    database: Database,
    kind: ChangeKind | None = None,
    to_decide: Annotated[bool, Query(description="Only what waits for approval, and open splits.")] = False,
    since: Annotated[Day | None, Query(description="Only changes from this day on, in UTC.")] = None,
    owned: Annotated[bool, Query(description="Only those whose student an LEA has now.")] = False,
    after: Annotated[
        str,
        Query(pattern=AFTER, description="`next` of the previous page; blank for the first."),
    ] = "",
    limit: Annotated[int, Query(ge=1, le=1000, description="The most changes to return.")] = 100,
) -> identity_changes.IdentityChanges:
    """For an LEA's users those about students whom the LEA has, had or added. For the state and auditors
    all."""
    wanted = ChangesWanted(kind, to_decide, since, owned, after, limit)
    return await identity_changes.identity_changes(viewer, database, wanted)


@router.get(
    "/students/{student_id}/likely-duplicates",
    summary="Other students who may be the same person",
    **OF_STUDENT,
)
async def likely_duplicates(
    student_id: StudentId, viewer: Viewer, database: Database
) -> duplicates.LikelyDuplicates:
    return await duplicates.duplicates_of(viewer, database, student_id)


@router.get(
    "/students/{student_id}/to-assign",
    summary="A student's guardians and attachments that may be another person's",
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


router.include_router(attachments)


@router.get("/students/{student_id}", summary="A student's record, with profile and guardians", **OF_STUDENT)
async def student(student_id: StudentId, viewer: Viewer, database: Database) -> queries.StudentView:
    return await queries.student(viewer, database, student_id)


@router.get("/identities/{student_id}", summary="The person with a State ID, as in eScholar", **OF_STUDENT)
async def identity(student_id: StudentId, viewer: Viewer, database: Database) -> queries.IdentityView:
    return await queries.identity(viewer, database, student_id)
