"""The queries of students over HTTP."""

from fastapi import APIRouter
from pydantic import Field

from contracts.message import PersonalValue
from contracts.types import StudentId
from services.chassis.answering.http import Database, Viewer
from services.chassis.answering.views import views_router
from services.students import queries, search

router = APIRouter()
router.include_router(views_router("students", "/students/{subject}/views", StudentId, queries.may_look))


class Search(PersonalValue):
    """What was typed into the search box: "First Last", "Last, First" or a State ID."""

    text: str = Field(min_length=1, max_length=200)
    limit: int = Field(default=20, ge=1, le=100, description="Matches wanted at most.")


# Names do not belong into addresses, which end up in the logs of whatever stands in between: hence POST.
@router.post("/students/search", summary="Search students by name or State ID; typos are forgiven")
async def find(wanted: Search, viewer: Viewer, database: Database) -> search.FoundStudents:
    return await search.search(viewer, database, wanted.text, wanted.limit)


@router.get("/students/{student_id}", summary="A student's record, with profile and guardians")
async def student(student_id: StudentId, viewer: Viewer, database: Database) -> queries.StudentView:
    return await queries.student(viewer, database, student_id)


@router.get("/identities/{student_id}", summary="Who bears a State ID, as eScholar has it")
async def identity(student_id: StudentId, viewer: Viewer, database: Database) -> queries.IdentityView:
    return await queries.identity(viewer, database, student_id)
