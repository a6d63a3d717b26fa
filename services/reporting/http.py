"""What can be asked of reporting over HTTP."""

import csv
import io
from collections.abc import Iterable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from contracts.access import STATE
from contracts.types import LeaCode, StudentId
from services.chassis.answering.http import Database, Viewer
from services.chassis.answering.problems import documented
from services.chassis.answering.requests import body_as, described_body
from services.chassis.answering.sequences import HEADER, described_header
from services.chassis.answering.views import views_router
from services.reporting import queries
from services.reporting.queries.child_count import ChildCount, CountedCell
from services.reporting.queries.completeness import Completeness
from services.reporting.queries.disputes import Dispute, DisputePage, Settle
from services.reporting.queries.history import StudentHistory
from services.reporting.queries.moment import CountDay
from services.reporting.queries.refusals import (
    RefusalsAsked,
    RefusedCommands,
    RefusedCommandsAsked,
    RefusedFor,
)
from services.reporting.queries.students import PlacedStudents, StudentsAsked
from services.reporting.queries.table import AgeGroupTable

router = APIRouter()
router.include_router(views_router("reporting", "/students/{subject}/views", StudentId, queries.may_look))

AsOf = Annotated[
    CountDay, Query(description="The day of the count, from 1900 to 2199: Louisiana's is 1 October.")
]
Lea = Annotated[
    LeaCode | None,
    Query(
        description="An LEA. Without it: the state, for those who see all of it; else the viewer's own LEA."
    ),
]
Disabilities = Annotated[
    str | None, Query(description="Federal disabilities, separated by commas; without it all of them.")
]


async def _count(
    viewer: Viewer, database: Database, as_of: AsOf, lea: Lea = None, disabilities: Disabilities = None
) -> ChildCount:
    asked = [code.strip() for code in (disabilities or "").split(",") if code.strip()]
    return await queries.child_count(viewer, database, as_of, lea, asked)


Count = Annotated[ChildCount, Depends(_count)]


@router.get(
    "/child-count",
    summary="The federal child count as of a day: every cell, and who was not counted and why",
    responses={200: {"content": {"text/csv": {}}, "description": "The count; as CSV its cells alone"}},
)
async def child_count(
    request: Request, count: Count, format: Literal["json", "csv"] | None = None
) -> ChildCount:
    """Cells are laid out as in the published file. CSV by `format=csv`, or by asking to accept `text/csv`."""
    if format == "csv" or (format is None and "text/csv" in request.headers.get("accept", "")):
        name = f"child-count-{count.lea or STATE}-{count.as_of}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(_csv(count.cells), media_type="text/csv", headers=headers)  # type: ignore[return-value]
    return count


def _csv(cells: Iterable[CountedCell]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(CountedCell.model_fields), lineterminator="\n")
    writer.writeheader()
    writer.writerows(cell.model_dump(mode="json") for cell in cells)
    return text.getvalue()


@router.get("/child-count/table", summary="The child count as tables: disabilities down, environments across")
async def table(count: Count) -> list[AgeGroupTable]:
    return queries.table(count)


@router.get("/child-count/students", summary="The students behind a number of the child count")
async def students(
    viewer: Viewer, database: Database, asked: Annotated[StudentsAsked, Query()]
) -> PlacedStudents:
    """Everybody who is considered, or those of a cell or a reason, a page at a time. Logged."""
    return await queries.students(viewer, database, asked)


@router.get("/completeness", summary="Whether everything the services said has been heard")
async def completeness(viewer: Viewer, database: Database) -> Completeness:
    return await queries.completeness(viewer, database)


@router.get("/refusals", summary="What commands were refused for, by service, day and rule")
async def refusals(
    viewer: Viewer, database: Database, asked: Annotated[RefusalsAsked, Query()]
) -> list[RefusedFor]:
    """An LEA sees those of the commands it sent (`whose=sent`), or about the students it owns (`owns`)."""
    return await queries.refusals(viewer, database, asked)


@router.get("/refusals/commands", summary="Each refused command: its id, student, sender, rule and reason")
async def refused_commands(
    viewer: Viewer, database: Database, asked: Annotated[RefusedCommandsAsked, Query()]
) -> RefusedCommands:
    """Newest first, a page at a time. Logged."""
    return await queries.refused_commands(viewer, database, asked)


@router.get("/disputes", summary="Events of which another has the same number")
async def disputes(
    viewer: Viewer,
    database: Database,
    subject: Annotated[str | None, Query(max_length=200, description="A State ID.")] = None,
    settled: bool = False,
    after: Annotated[str, Query(max_length=300, description="`next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DisputePage:
    """For the state and auditors. Logged."""
    return await queries.disputes(
        viewer, database, subject=subject, settled=settled, after=after, limit=limit
    )


@router.post(
    "/disputes/settlements",
    summary="Say which of two events under one number counts",
    openapi_extra=described_body(Settle),
    responses=documented(413, 415),
)
async def settle(
    viewer: Viewer, wish: Annotated[Settle, Depends(body_as(Settle))], database: Database
) -> Dispute:
    """For the state, with a reason. Who settled it and when is kept. Nothing is blocked by it any more."""
    return await queries.settle(viewer, database, wish)


@router.get(
    "/students/{student_id}/history",
    summary="Every state of everything about one student",
    responses=described_header(
        "`heard` of the answer: how far reporting has heard each service about the student.",
        {"type": "string", "examples": ["ieps=7, students=12"]},
    ),
)
async def history(
    student_id: StudentId, viewer: Viewer, database: Database, response: Response
) -> StudentHistory:
    """The owner and the state see all of it, a former owner the record as it was when the
    student left. Logged."""
    told = await queries.history(viewer, database, student_id)
    response.headers[HEADER] = ", ".join(f"{name}={number}" for name, number in sorted(told.heard.items()))
    return told
