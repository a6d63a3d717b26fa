"""The reports and their runs over HTTP."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, create_model

from contracts.types import StudentId
from services.chassis.answering.http import Database, NotFound, Viewer
from services.chassis.answering.requests import body_as, takes
from services.reporting.domain.rules import NO_SUCH_REPORT
from services.reporting.domain.tables import Column, Value
from services.reporting.pdf.process import typeset
from services.reporting.reports import asking
from services.reporting.reports.answers import (
    ColumnDescribed,
    Facts,
    ReportDescribed,
    Run,
    RunWithTables,
    StudentRows,
)
from services.reporting.reports.asking import RowsFilter
from services.reporting.reports.documents import Sheet, as_csv, as_xlsx
from services.reporting.reports.printed import printed
from services.reporting.reports.registry import REPORTS
from services.reporting.reports.report import Parameters, Report

router = APIRouter()

RunId = Annotated[UUID, Path(description="A run of the viewer.")]
_STAMPED = frozenset(Parameters.model_fields)
"""The parameters with a line of their own on the sheet of stamps."""
_CSV, _XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PDF = "application/pdf"


@router.get("/reports", summary="All reports: what each answers, its parameters, and its reasons")
async def reports(viewer: Viewer) -> list[ReportDescribed]:
    return [ReportDescribed.of(report) for report in REPORTS.values()]


@router.get("/reports/runs", summary="The viewer's own runs of reports, newest first")
async def own_runs(viewer: Viewer, database: Database) -> list[Run]:
    """Reporting keeps a run 14 days, and a saved one for good. At most the newest 500."""
    return await asking.own_runs(viewer, database)


@router.get("/reports/runs/{run_id}", summary="A run: its progress, and its tables when it is done")
async def one_run(run_id: RunId, viewer: Viewer, database: Database) -> RunWithTables:
    return await asking.one_run(viewer, database, run_id)


@router.get("/reports/runs/{run_id}/rows", summary="The rows of students of a run, or behind one number")
async def rows(
    run_id: RunId, viewer: Viewer, database: Database, wanted: Annotated[RowsFilter, Query()]
) -> StudentRows:
    """A page, in the order of the list. Logged."""
    return await asking.rows(viewer, database, run_id, wanted)


@router.get("/reports/runs/{run_id}/facts", summary="Why a run says what it says of one student, and now")
async def facts(
    run_id: RunId,
    viewer: Viewer,
    database: Database,
    student_id: Annotated[StudentId, Query(description="A State ID with a row in the run.")],
) -> Facts:
    """The rows of the run, what the same question says now, and the events behind the records. Logged."""
    return await asking.facts(viewer, database, run_id, student_id)


@router.get(
    "/reports/runs/{run_id}/file",
    summary="The answer of a run as a file: one table as CSV, or everything as a spreadsheet or a PDF",
    responses={200: {"content": {_CSV: {}, _XLSX: {}, _PDF: {}}, "description": "The file."}},
    response_class=Response,
)
async def file(
    run_id: RunId,
    viewer: Viewer,
    database: Database,
    format: Literal["csv", "xlsx", "pdf"] = "csv",
    table: Annotated[
        str, Query(max_length=80, description="For CSV: the name of a table. Blank: the rows of students.")
    ] = "",
    students: Annotated[bool, Query(description="For PDF: whether it has the rows of students.")] = True,
) -> Response:
    """Each student in the file is logged. A PDF has at most 10,000 rows of students. It is tagged for screen
    readers (PDF/UA)."""
    run = await asking.one_run(viewer, database, run_id)
    asking.check_done(run)
    name = f"{run.report}-{run.lea or 'LA'}-{run.as_of}"
    if format == "pdf":
        rows = await asking.rows_for_paper(viewer, database, run) if students and run.columns else None
        return _file(await typeset(printed(run, _stamps(run), rows)), _PDF, f"{name}.pdf")
    if format == "csv":
        found = await _sheet(viewer, database, run, table)
        return _file(as_csv(found), _CSV, f"{name}-{table or 'students'}.csv".replace(" ", "-"))
    sheets = [await _sheet(viewer, database, run, one.name) for one in run.tables]
    if run.columns:
        sheets.append(await _sheet(viewer, database, run, ""))
    return _file(as_xlsx(_stamps(run), sheets), _XLSX, f"{name}.xlsx")


@router.post("/reports/runs/{run_id}/save", summary="Keep a run for good")
async def save(run_id: RunId, viewer: Viewer, database: Database) -> Run:
    return await asking.save(viewer, database, run_id)


@router.post("/reports/runs/{run_id}/cancel", summary="Cancel a run that is not finished")
async def cancel(run_id: RunId, viewer: Viewer, database: Database) -> Run:
    return await asking.cancel(viewer, database, run_id)


@router.post("/reports/runs/{run_id}/again", summary="Ask the question of a run again", status_code=202)
async def again(
    run_id: RunId,
    viewer: Viewer,
    database: Database,
    as_known: Annotated[
        bool, Query(description="As of the same day, and known at the same moment: it gives the same bytes.")
    ] = False,
) -> Run:
    return await asking.ask_again(viewer, database, run_id, as_known=as_known)


@router.delete("/reports/runs/{run_id}", summary="Delete a run", status_code=204)
async def delete(run_id: RunId, viewer: Viewer, database: Database) -> None:
    """Who looked at its students stays in the access log."""
    await asking.delete(viewer, database, run_id)


@router.get("/reports/{report}", summary="One report")
async def one_report(report: Annotated[str, Path(max_length=80)], viewer: Viewer) -> ReportDescribed:
    found = REPORTS.get(report)
    if found is None:
        raise NotFound(NO_SUCH_REPORT.broken(at="report", known=", ".join(REPORTS)))
    return ReportDescribed.of(found)


def _question(report: Report[Any]) -> type[BaseModel]:
    """The body that asks for a run of a report."""
    name = "".join(word.capitalize() for word in report.name.split("-"))
    return create_model(
        f"Ask{name}", __config__=ConfigDict(extra="forbid"), parameters=(report.parameters, ...)
    )


def _asking(report: Report[Any], body: type[BaseModel]) -> Callable[..., Awaitable[Run]]:
    """The route that asks for a run of a report."""

    async def ask(viewer: Viewer, wish: Annotated[Any, Depends(body_as(body))], database: Database) -> Run:
        """The run is worked off in the background. `GET /reports/runs/{run_id}` has its progress."""
        return await asking.ask(viewer, database, report, wish.parameters)

    return ask


def _add_route(report: Report[Any]) -> None:
    body = _question(report)
    added = router.post(
        f"/reports/{report.name}/runs",
        summary=f"Ask for a run: {report.title}",
        name=f"run_{report.name.replace('-', '_')}",
        status_code=202,
        **takes(body),
    )
    added(_asking(report, body))


for _report in REPORTS.values():
    _add_route(_report)


async def _sheet(viewer: Viewer, database: Database, run: RunWithTables, name: str) -> Sheet:
    """A table of a run, or (name blank) its rows of students."""
    if name:
        table = asking.table_of(run, name)
        return Sheet(table.title, _columns(table.columns), [row.values for row in table.rows])
    found: list[Sequence[Value]] = []
    async for some in asking.all_rows(viewer, database, run):
        found.extend(asking.line(row, run.columns) for row in some)
    return Sheet("Students", _columns(run.columns), found)


def _columns(columns: Sequence[ColumnDescribed]) -> list[Column]:
    return [Column(column.name, column.label, column.kind) for column in columns]


def _stamps(run: Run) -> list[tuple[str, str]]:
    given = {
        "Report": run.title,
        "Version": run.version,
        "LEA": run.lea or "the whole state",
        "Parameters": ", ".join(
            f"{name}: {value}" for name, value in run.parameters.items() if name not in _STAMPED
        ),
        "As of": run.as_of,
        "Known at": run.known_at.isoformat(),
        "Complete": "yes" if run.complete else "no: events through this moment may be missing",
        "Calendars": ", ".join(f"{year} version {version}" for year, version in run.calendars.items()),
        "Asked by": run.asked_by,
        "SHA-256 of the answer": run.sha256,
    }
    return [(name, str(value or "")) for name, value in given.items()]


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(
        content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
