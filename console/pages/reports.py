"""Reports: what there is, the question to one, a person's own runs, and the answer of a run."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from console.backend import Query
from console.pages.student import banner_of, student_page
from console.queries import (
    ASK_REPORT,
    CANCEL_RUN,
    DELETE_RUN,
    FACTS,
    REPORT,
    REPORTS,
    RUN,
    RUN_AGAIN,
    RUN_FILE,
    RUN_ROWS,
    RUNS,
    SAVE_RUN,
    VERDICTS,
)
from console.rates import Rate
from console.report_forms import Parameter, body_of, parameters_of, typed_in
from console.screens import screen
from console.visits import NoPage, Visit, Visiting
from contracts.errors import Finding
from contracts.types import StudentId

router = APIRouter()

_A_PAGE = 50


@screen(router, "/reports")
async def reports(visit: Visiting) -> Response:
    """Every report, with the question that it answers."""
    found = await visit.ask(REPORTS)
    shown = [one for one in found.given or () if visit.person.everywhere or not one.state_only]
    return await visit.page("report/list.html", title="Reports", found=found, reports=shown)


@screen(router, "/facts")
async def facts(visit: Visiting) -> Response:
    """What every report means by its facts, and what each report answers, with their sources."""
    found, listed = await asyncio.gather(visit.ask(FACTS), visit.ask(REPORTS))
    shown = [one for one in listed.given or () if visit.person.everywhere or not one.state_only]
    return await visit.page("report/facts.html", title="Facts and reports", found=found, reports=shown)


@screen(router, "/reports/mine")
async def mine(visit: Visiting) -> Response:
    """The person's own runs, newest first."""
    found = await visit.ask(RUNS)
    return await visit.page("report/mine.html", title="My Reports", found=found)


@screen(router, "/reports/{report}")
async def question(visit: Visiting, report: str) -> Response:
    """The question to a report."""
    return await _question(visit, report, {})


@router.post("/reports/{report}", name="ask_report", response_class=HTMLResponse)
async def ask(visit: Visiting, report: str) -> Response:
    """Ask for a run. It opens at its own address."""
    visit.limit(Rate.COMMAND)
    return await _question(visit, report, visit.typed)


async def _question(visit: Visit, name: str, typed: Mapping[str, Sequence[str]]) -> Response:
    found = await visit.ask(REPORT, report=name)
    if found.missing:
        raise NoPage
    parameters = (
        parameters_of(found.given.parameters, everywhere=visit.person.everywhere) if found.given else []
    )
    findings: tuple[Finding, ...] = ()
    if visit.request.method == "POST" and found.given:
        parameters = typed_in(parameters, typed)
        answer = await _asked(visit, name, parameters)
        if isinstance(answer, Response):
            return answer
        findings = answer
        visit.status = 422
    return await visit.page(
        "report/question.html",
        title=f"Report: {found.given.title if found.given else name}",
        found=found,
        parameters=parameters,
        findings=findings,
        wrong={one.field.rpartition(".")[2] for one in findings if one.field},
    )


async def _asked(visit: Visit, name: str, parameters: Sequence[Parameter]) -> Response | tuple[Finding, ...]:
    body = body_of(parameters, visit.today)
    if isinstance(body, tuple):
        return body
    answer = await visit.ask(ASK_REPORT, body={"parameters": body}, report=name)
    if answer.given is None:
        return answer.findings
    return RedirectResponse(f"/reports/runs/{answer.given.run_id}", 303)


@screen(router, "/reports/runs/{run_id:uuid}")
async def run(visit: Visiting, run_id: UUID) -> Response:
    """A run: its progress, and its tables when it is done."""
    found = await visit.ask(RUN, run_id=run_id)
    if found.missing:
        raise NoPage
    return await visit.page(
        "report/run.html",
        title=f"Run {run_id}",
        heading=found.given.title if found.given else "",
        run_id=run_id,
        found=found,
    )


@router.get("/reports/runs/{run_id:uuid}/progress", name="run_progress", response_class=HTMLResponse)
async def progress(visit: Visiting, run_id: UUID) -> Response:
    """How far a run is. When it is over, the browser opens its page again."""
    found = await visit.ask(RUN, run_id=run_id)
    shown = visit.html("report/_progress.html", run_id=run_id, found=found)
    if found.given and found.given.over:
        shown.headers["HX-Redirect"] = f"/reports/runs/{run_id}"
    return shown


@screen(router, "/reports/runs/{run_id:uuid}/students")
async def behind(
    visit: Visiting,
    run_id: UUID,
    table: str = "",
    row: int = 0,
    column: str = "",
    verdict: str = "",
    reason: str = "",
    after: str = "",
) -> Response:
    """The rows of students of a run, or those behind one number."""
    wanted = {"table": table, "row": row, "column": column, "verdict": verdict, "reason": reason}
    found = await visit.ask(RUN, run_id=run_id)
    rows = await visit.ask(RUN_ROWS, params={**wanted, "after": after, "limit": _A_PAGE}, run_id=run_id)
    if found.missing:
        raise NoPage
    about = [str(value) for value in wanted.values() if value]
    return await visit.page(
        "report/students.html",
        title=f"Run {run_id}: students {', '.join(about)}".strip(),
        heading=f"{found.given.title if found.given else ''}: students",
        found=found,
        rows=rows,
        wanted=wanted,
    )


@router.get("/reports/runs/{run_id:uuid}/file", name="run_file")
async def file(
    visit: Visiting, run_id: UUID, format: str = "csv", table: str = "", students: bool = True
) -> Response:
    """The answer as a file. The bytes pass through: the console keeps none."""
    visit.limit(Rate.STUDENT)
    wanted = {"format": format, "table": table, "students": str(students).lower()}
    sent = await visit.services.download(RUN_FILE, params=wanted, run_id=run_id)
    if sent.pieces is None:
        return visit.failed(sent.status, "The file cannot be made", sent.findings)
    return StreamingResponse(sent.pieces, headers=sent.headers)


_DONE_WITH: Mapping[str, Query[Any]] = {
    "save": SAVE_RUN,
    "cancel": CANCEL_RUN,
    "again": RUN_AGAIN,
    "delete": DELETE_RUN,
}


@router.post("/reports/runs/{run_id:uuid}/{what}", name="change_run", response_class=HTMLResponse)
async def change(visit: Visiting, run_id: UUID, what: str) -> Response:
    """Save, cancel or delete a run, or ask its question again."""
    visit.limit(Rate.COMMAND)
    query = _DONE_WITH.get(what)
    if query is None:
        raise NoPage
    answer = await visit.ask(query, run_id=run_id)
    if answer.findings:
        return visit.failed(answer.status, "The run stays as it is", answer.findings)
    if what == "delete":
        return RedirectResponse("/reports/mine", 303)
    return RedirectResponse(f"/reports/runs/{answer.value.run_id}", 303)


@screen(router, "/students/{student_id}/reports")
async def verdicts(visit: Visiting, student_id: StudentId) -> Response:
    """What every report says of the student today."""
    banner = await banner_of(visit, student_id)
    found = await visit.ask(VERDICTS, student_id=student_id)
    return await student_page(visit, "report/verdicts.html", "Reports", banner, found=found)
