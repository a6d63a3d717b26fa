"""The queries of reporting over HTTP."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse

from contracts.access import STATE
from contracts.types import LeaCode, StudentId
from services.chassis.answering.http import Database, Viewer
from services.chassis.answering.requests import body_as, takes
from services.chassis.answering.sequences import HEADER, described_header
from services.chassis.answering.views import views_router
from services.reporting import queries
from services.reporting.domain.duties import Whose
from services.reporting.domain.federal.specification import Level
from services.reporting.domain.federal.text import Format
from services.reporting.domain.indicators.year import FORM
from services.reporting.domain.loaded_tables import TableName
from services.reporting.domain.named_facts import NAMED_FACTS
from services.reporting.queries.child_count import ChildCount, CountedCell
from services.reporting.queries.completeness import Completeness
from services.reporting.queries.disputes import Dispute, DisputePage, Settle
from services.reporting.queries.due import DueFilter, DuePage, StudentDue, Work
from services.reporting.queries.duties import DutiesAhead, DutyCalendar
from services.reporting.queries.duties_feed import feed
from services.reporting.queries.explanation import Explanation
from services.reporting.queries.federal import FederalFile, FileNumber, KnownFile, Wanted
from services.reporting.queries.federal_certification import Certification, Certify
from services.reporting.queries.history import StudentHistory
from services.reporting.queries.loaded_tables import LoadedTable, LoadTable, TableVersion
from services.reporting.queries.moment import CountDay, today
from services.reporting.queries.publication import PublishedCell, PublishedCount
from services.reporting.queries.refusal_causes import Causes, CausesFilter
from services.reporting.queries.refusals import (
    RefusalCount,
    RefusalsFilter,
    RefusedCommands,
    RefusedCommandsFilter,
)
from services.reporting.queries.students import PlacedStudents, StudentsFilter
from services.reporting.queries.table import AgeGroupTable
from services.reporting.queries.timeline import Timeline, TimelineFilter
from services.reporting.reports import asking
from services.reporting.reports.answers import FactDescribed, Verdicts
from services.reporting.reports.http import router as reports_router

router = APIRouter()
router.include_router(views_router("reporting", "/students/{subject}/views", StudentId, queries.may_look))
router.include_router(reports_router)

SEQUENCES = described_header(
    "`sequences` of the response: reporting has all events of each service through this sequence.",
    {"type": "string", "examples": ["ieps=7, students=12"]},
)
AsOf = Annotated[
    CountDay, Query(description="The day of the count, from 1900 to 2199: Louisiana's is 1 October.")
]
Lea = Annotated[
    LeaCode | None,
    Query(
        description="An LEA. Blank: the whole state for the state and auditors, else the viewer's own LEA."
    ),
]
Disabilities = Annotated[
    str | None, Query(description="Federal disabilities, separated by commas. Blank: all.")
]


async def _count(
    viewer: Viewer, database: Database, as_of: AsOf, lea: Lea = None, disabilities: Disabilities = None
) -> ChildCount:
    wanted = [code.strip() for code in (disabilities or "").split(",") if code.strip()]
    return await queries.child_count(viewer, database, as_of, lea, wanted)


Count = Annotated[ChildCount, Depends(_count)]


@router.get(
    "/child-count",
    summary="The federal child count as of a day: every cell, and the students not counted, by reason",
    responses={200: {"content": {"text/csv": {}}, "description": "The count. CSV has only its cells."}},
)
async def child_count(
    request: Request, count: Count, format: Literal["json", "csv"] | None = None
) -> ChildCount:
    """The cells have the layout of the published file. For CSV send `format=csv` or `Accept: text/csv`."""
    if _as_csv(request, format):
        return _csv(f"child-count-{count.lea or STATE}-{count.as_of}.csv", count.cells)  # type: ignore[return-value]
    return count


@router.get(
    "/child-count/publication",
    summary="The state's child count for publication: small numbers, and those that give them away, are `NR`",
    responses={200: {"content": {"text/csv": {}}, "description": "The count. CSV has only its cells."}},
)
async def publication(
    request: Request,
    viewer: Viewer,
    database: Database,
    as_of: AsOf,
    format: Literal["json", "csv"] | None = None,
) -> PublishedCount:
    """For the state office, of 1 October of a year. For CSV send `format=csv` or `Accept: text/csv`."""
    count = await queries.publication(viewer, database, as_of)
    if _as_csv(request, format):
        return _csv(f"child-count-published-{count.as_of}.csv", count.cells)  # type: ignore[return-value]
    return count


def _as_csv(request: Request, format: Literal["json", "csv"] | None) -> bool:
    return format == "csv" or (format is None and "text/csv" in request.headers.get("accept", ""))


def _csv(name: str, cells: Sequence[CountedCell] | Sequence[PublishedCell]) -> Response:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(CountedCell.model_fields), lineterminator="\n")
    writer.writeheader()
    writer.writerows(cell.model_dump(mode="json") for cell in cells)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.getvalue(), media_type="text/csv", headers=headers)


@router.get(
    "/child-count/table",
    summary="The child count as tables: a row for each disability, a column for each environment",
)
async def table(count: Count) -> list[AgeGroupTable]:
    return queries.table(count)


@router.get("/child-count/students", summary="The students behind a number of the child count")
async def students(
    viewer: Viewer, database: Database, wanted: Annotated[StudentsFilter, Query()]
) -> PlacedStudents:
    """A page of all considered students, or of those in one cell or with one reason. Logged."""
    return await queries.students(viewer, database, wanted)


@router.get(
    "/child-count/students/{student_id}",
    summary="Why the child count of a day counts a student, or why not",
    responses=SEQUENCES,
)
async def explanation(
    student_id: StudentId, viewer: Viewer, database: Database, response: Response, as_of: AsOf
) -> Explanation:
    """The chain of facts, each satisfied or not, with its day and the event it comes from. Logged.

    A former owner sees a day on which it had jurisdiction.
    """
    found = await queries.explanation(viewer, database, student_id, as_of)
    _name_sequences(response, found.sequences)
    return found


@router.get("/facts", summary="What every report means by its named facts, with the source of each")
async def named_facts(viewer: Viewer) -> list[FactDescribed]:
    return [FactDescribed.of(fact) for fact in NAMED_FACTS.values()]


@router.get("/federal-files", summary="The federal files, their levels, and the school years that SER has")
async def federal_files(viewer: Viewer) -> list[KnownFile]:
    return queries.known_files()


InPath = Annotated[
    str, Path(pattern=r"^(19|20|21)[0-9]{2}-[0-9]{2}$", description="The school year: `2024-25`.")
]


def _wanted(
    file: FileNumber,
    year: InPath,
    level: Level,
    lea: Annotated[
        LeaCode | None,
        Query(description="Only this LEA's part. Blank: all for the state, else the viewer's own LEA."),
    ] = None,
) -> Wanted:
    return Wanted(file, year, level, lea)


def _whole(file: FileNumber, year: InPath, level: Level) -> Wanted:
    return Wanted(file, year, level)


WantedFile = Annotated[Wanted, Depends(_wanted)]
WholeFile = Annotated[Wanted, Depends(_whole)]


@router.get(
    "/federal-files/{file}/{year}/{level}",
    summary="A federal file of a school year: its checks, and its comparison with the year before",
)
async def federal_file(viewer: Viewer, database: Database, wanted: WantedFile) -> FederalFile:
    """The file as of 1 October, from what reporting knows now. An LEA gets its own part."""
    return await queries.federal_file(viewer, database, wanted)


@router.get(
    "/federal-files/{file}/{year}/{level}/text",
    summary="The text of a federal file: comma, tab or fixed width",
    response_class=PlainTextResponse,
)
async def federal_text(
    viewer: Viewer, database: Database, wanted: WantedFile, format: Format = Format.CSV
) -> Response:
    """Its header says DRAFT, or INCOMPLETE if events are missing. Refused if a check found an error."""
    name, content = await queries.federal_text(viewer, database, wanted, format)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return PlainTextResponse(content, headers=headers)


@router.get(
    "/federal-files/{file}/{year}/{level}/certifications",
    summary="The versions of a federal file that the state certified, newest first",
)
async def certifications(viewer: Viewer, database: Database, wanted: WholeFile) -> list[Certification]:
    """For the state and auditors."""
    return await queries.certifications(viewer, database, wanted)


@router.post(
    "/federal-files/{file}/{year}/{level}/certifications",
    summary="Certify a federal file: SER keeps it as its next version",
    **takes(Certify),
)
async def certify(
    viewer: Viewer, wish: Annotated[Certify, Depends(body_as(Certify))], database: Database, wanted: WholeFile
) -> Certification:
    """Only the state certifies. Refused after an error, without every event, or if the numbers moved."""
    return await queries.certify(viewer, database, wanted, wish)


@router.get(
    "/federal-files/{file}/{year}/{level}/certifications/{version}/text",
    summary="A certified federal file as it was, byte for byte",
    response_class=PlainTextResponse,
)
async def certified_text(
    viewer: Viewer,
    database: Database,
    wanted: WholeFile,
    version: Annotated[int, Path(ge=1, le=999_999)],
) -> Response:
    """For the state and auditors."""
    found = await queries.certified_text(viewer, database, wanted, version)
    headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
    return PlainTextResponse(found.content, headers=headers)


@router.get("/leas/{lea}/due", summary="What is due for an LEA's students, by due date")
async def due(
    lea: LeaCode, viewer: Viewer, database: Database, wanted: Annotated[DueFilter, Query()]
) -> DuePage:
    """Initial evaluations, initial IEPs, IEP reviews and re-evaluations of the students it owns. Logged."""
    return await queries.due(viewer, database, lea, wanted)


@router.get("/leas/{lea}/work", summary="The number of an LEA's due dates, by kind, and of unfinished IEPs")
async def work(lea: LeaCode, viewer: Viewer, database: Database) -> Work:
    """Overdue, due within 7 days, and due within 30 days."""
    return await queries.work(viewer, database, lea)


Theirs = Annotated[
    Whose, Query(description="Whose duties; those of everybody too. `everybody`: the duties of all.")
]


@router.get("/duties", summary="What is to be done in the next days: counts, files and reports")
async def duties_ahead(
    viewer: Viewer,
    whose: Theirs = Whose.EVERYBODY,
    days: Annotated[int, Query(ge=0, le=366, description="From today through so many days later.")] = 42,
) -> DutiesAhead:
    """Each with its source, and whether its day is official or this project's. No answer has a student."""
    return await queries.duties_ahead(viewer, days, whose)


@router.get("/duties/{school_year}", summary="The calendar of duties of a school year")
async def duties(
    school_year: Annotated[str, Path(pattern=FORM, description="Such as 2026-27.")],
    viewer: Viewer,
    whose: Theirs = Whose.EVERYBODY,
) -> DutyCalendar:
    """By day. A year without a calendar is refused by name."""
    return await queries.duties(viewer, school_year, whose)


@router.get(
    "/duties.ics",
    summary="The calendar of duties as an iCalendar feed (RFC 5545)",
    response_class=Response,
    responses={
        200: {
            "content": {"text/calendar": {}},
            "description": "The days of the last, this and the next year.",
        }
    },
)
async def duties_feed(whose: Theirs = Whose.EVERYBODY) -> Response:
    """It needs no token: it has days and tasks, and nothing of a student, a person or an LEA."""
    return Response(feed(today(), whose), media_type="text/calendar; charset=utf-8")


@router.get("/completeness", summary="Whether reporting has every event of the services")
async def completeness(viewer: Viewer, database: Database) -> Completeness:
    return await queries.completeness(viewer, database)


@router.get("/refusals", summary="The number of refused commands by service, day and rule")
async def refusals(
    viewer: Viewer, database: Database, wanted: Annotated[RefusalsFilter, Query()]
) -> list[RefusalCount]:
    """An LEA sees refusals of its own commands (`whose=sent`), or about the students it owns (`owns`)."""
    return await queries.refusals(viewer, database, wanted)


@router.get("/refusals/causes", summary="Refused commands by cause: rule, kind of command, LEA and period")
async def refusal_causes(
    viewer: Viewer, database: Database, wanted: Annotated[CausesFilter, Query()]
) -> Causes:
    """Those of the most commands first, a page at a time. An LEA sees its own, as with `/refusals`."""
    return await queries.causes(viewer, database, wanted)


@router.get("/refusals/commands", summary="Each refused command: its id, student, sender, rule and reason")
async def refused_commands(
    viewer: Viewer, database: Database, wanted: Annotated[RefusedCommandsFilter, Query()]
) -> RefusedCommands:
    """Newest first, a page at a time. Logged."""
    return await queries.refused_commands(viewer, database, wanted)


@router.get("/disputes", summary="Disputes: events with the same number")
async def disputes(
    viewer: Viewer,
    database: Database,
    subject: Annotated[str | None, Query(max_length=200, description="A State ID.")] = None,
    settled: bool = False,
    after: Annotated[
        str,
        Query(pattern=r"^$|^\S{1,200} \S{1,20} [0-9]{1,10}$", description="`next` of the previous page."),
    ] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DisputePage:
    """For the state and auditors. Logged."""
    return await queries.disputes(
        viewer, database, subject=subject, settled=settled, after=after, limit=limit
    )


@router.post(
    "/disputes/settlements",
    summary="Settle a dispute: choose which event with the number counts",
    **takes(Settle),
)
async def settle(
    viewer: Viewer, wish: Annotated[Settle, Depends(body_as(Settle))], database: Database
) -> Dispute:
    """Only the state settles a dispute, and gives a reason. Reporting keeps the user and the time."""
    return await queries.settle(viewer, database, wish)


@router.get("/tables", summary="The tables that the state office has loaded, with every version")
async def tables(viewer: Viewer, database: Database) -> list[TableVersion]:
    """Enrolment by LEA and race, and findings of inappropriate identification."""
    return list(await queries.tables(viewer, database))


@router.post("/tables/{table}", summary="Load a table for a school year", **takes(LoadTable))
async def load(
    table: TableName,
    viewer: Viewer,
    wish: Annotated[LoadTable, Depends(body_as(LoadTable))],
    database: Database,
) -> LoadedTable:
    """Only the state loads tables. Each line is checked, and a table with a wrong line is not loaded.

    `enrolment` has the columns lea, race, children; `findings` lea, race, disability.
    """
    return await queries.load(viewer, database, table, wish)


@router.get("/tables/{table}/{school_year}", summary="The lines of a loaded table")
async def loaded(
    table: TableName,
    school_year: Annotated[str, Path(pattern=FORM, description="Such as 2024-25.")],
    viewer: Viewer,
    database: Database,
) -> LoadedTable:
    """An LEA sees its own lines."""
    return await queries.loaded(viewer, database, table, school_year)


@router.get(
    "/students/{student_id}/due", summary="What is due for one student, by due date", responses=SEQUENCES
)
async def student_due(
    student_id: StudentId, viewer: Viewer, database: Database, response: Response
) -> StudentDue:
    """Everything, however far ahead. For the owner and the state; a former owner has nothing due. Logged."""
    found = await queries.student_due(viewer, database, student_id)
    _name_sequences(response, found.sequences)
    return found


@router.get("/students/{student_id}/history", summary="Every event about one student", responses=SEQUENCES)
async def history(
    student_id: StudentId, viewer: Viewer, database: Database, response: Response
) -> StudentHistory:
    """The owner and the state see all events. A former owner sees the record as it was when the student left.

    Logged.
    """
    found = await queries.history(viewer, database, student_id)
    _name_sequences(response, found.sequences)
    return found


@router.get(
    "/students/{student_id}/timeline",
    summary="What happened to one student, newest first, in sentences",
    responses=SEQUENCES,
)
async def timeline(
    student_id: StudentId,
    viewer: Viewer,
    database: Database,
    response: Response,
    wanted: Annotated[TimelineFilter, Query()],
) -> Timeline:
    """Each event with its sender, its command, and the fields before and after. Logged.

    A former owner sees the events until the student left.
    """
    found = await queries.timeline(viewer, database, student_id, wanted)
    _name_sequences(response, found.sequences)
    return found


@router.get(
    "/students/{student_id}/reports",
    summary="What every report says of one student, and why",
    responses=SEQUENCES,
)
async def verdicts(
    student_id: StudentId,
    viewer: Viewer,
    database: Database,
    response: Response,
    as_of: Annotated[CountDay | None, Query(description="Blank: today.")] = None,
) -> Verdicts:
    """In each report: the student's rows, each with the reason if it is left out. Logged."""
    found = await asking.verdicts(viewer, database, student_id, as_of)
    _name_sequences(response, found.sequences)
    return found


def _name_sequences(response: Response, sequences: Mapping[str, int]) -> None:
    response.headers[HEADER] = ", ".join(f"{name}={number}" for name, number in sorted(sequences.items()))
