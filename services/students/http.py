"""The queries of students over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from contracts.message import OfStudent, PersonalValue
from contracts.types import StudentId
from services.chassis.answering.http import Database, Viewer
from services.chassis.answering.requests import body_as, takes
from services.chassis.answering.sequences import with_sequence_header
from services.chassis.answering.views import views_router
from services.students import duplicates, queries, search

router = APIRouter()
OF_STUDENT = with_sequence_header(OfStudent)
router.include_router(views_router("students", "/students/{subject}/views", StudentId, queries.may_look))


class Search(PersonalValue):
    """The text of the search box: "First Last", "Last, First" or a State ID."""

    text: str = Field(min_length=1, max_length=200)
    limit: int = Field(default=20, ge=1, le=100, description="The most students to return.")


# POST, because proxies log addresses, and names must not be in their logs.
@router.post(
    "/students/search",
    summary="Search students by name or State ID; tolerates typos",
    **takes(Search),
)
async def find(
    viewer: Viewer, wanted: Annotated[Search, Depends(body_as(Search))], database: Database
) -> search.FoundStudents:
    return await search.search(viewer, database, wanted.text, wanted.limit)


@router.get("/likely-duplicates", summary="Pairs of students who may be one person")
async def likely_pairs(
    viewer: Viewer,
    database: Database,
    after: StudentId = "0000000000",
    after_other: StudentId = "0000000000",
    limit: Annotated[int, Query(ge=1, le=1000, description="The most pairs to return.")] = 100,
) -> duplicates.LikelyPairs:
    return await duplicates.likely_pairs(viewer, database, after, after_other, limit)


@router.get(
    "/students/{student_id}/likely-duplicates",
    summary="Other students who may be the same person",
    **OF_STUDENT,
)
async def likely_duplicates(
    student_id: StudentId, viewer: Viewer, database: Database
) -> duplicates.LikelyDuplicates:
    return await duplicates.duplicates_of(viewer, database, student_id)


@router.get("/students/{student_id}", summary="A student's record, with profile and guardians", **OF_STUDENT)
async def student(student_id: StudentId, viewer: Viewer, database: Database) -> queries.StudentView:
    return await queries.student(viewer, database, student_id)


@router.get("/identities/{student_id}", summary="The person with a State ID, as in eScholar", **OF_STUDENT)
async def identity(student_id: StudentId, viewer: Viewer, database: Database) -> queries.IdentityView:
    return await queries.identity(viewer, database, student_id)
