"""The tables that the state office loads for the reports: what is loaded, and the form that loads one."""

from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.forms import Typed, first
from console.queries import LOAD_TABLE, LOADED_TABLES
from console.rates import Rate
from console.screens import screen
from console.visits import Visit, Visiting
from contracts.access import Role
from contracts.errors import Finding

router = APIRouter()

TABLES = {
    "enrolment": ("Enrolment by LEA and race", "lea,race,children"),
    "findings": ("Findings of inappropriate identification", "lea,race,disability"),
}
"""Each table: its title, and the columns of its first line."""


@screen(router, "/tables")
async def tables(visit: Visiting) -> Response:
    """Every version of every loaded table."""
    return await _page(visit, {})


@router.post("/tables", name="load_table", response_class=HTMLResponse)
async def load(visit: Visiting) -> Response:
    """Load a table. The list then shows it; a refused one is shown again with each wrong line."""
    visit.limit(Rate.COMMAND)
    table = first(visit.typed, "table")
    body = {"school_year": first(visit.typed, "school_year").strip(), "csv": first(visit.typed, "csv")}
    answer = await visit.ask(LOAD_TABLE, body=body, table=table if table in TABLES else "enrolment")
    if answer.given is not None:
        return RedirectResponse("/tables", 303)
    visit.status = 422
    return await _page(visit, visit.typed, answer.findings)


async def _page(visit: Visit, typed: Typed, findings: Sequence[Finding] = ()) -> Response:
    found = await visit.ask(LOADED_TABLES)
    return await visit.page(
        "report/tables.html",
        title="Loaded tables",
        found=found,
        tables=TABLES,
        may_load=Role.STATE in visit.person.roles,
        typed={name: first(typed, name) for name in ("table", "school_year", "csv")},
        findings=findings,
        wrong={finding.field for finding in findings},
    )
