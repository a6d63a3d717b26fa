"""A look at reporting, as people use it: My Reports, an explained number, FS002."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx

from deploy.demo.retry import request
from deploy.issuer.people import Person
from deploy.local.command_line import ser
from deploy.local.failure import Failure

_REPORT = "child-count"
_LEVEL = "SEA"
_FILE = "002"
_POLL_SECONDS, _RUN_SECONDS = 0.2, 300.0


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run of a report, as its person finds it under My Reports."""

    title: str
    as_of: date
    considered: int


@dataclass(frozen=True, slots=True)
class ExplainedNumber:
    """A number of the run: its row and column, one of its students, and the events behind the facts."""

    row: str
    column: str
    number: int
    student: str
    events: Sequence[str]


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A federal file of the state: its numbers, whether SER gives it out, and what its checks found."""

    title: str
    school_year: str
    students: int
    records: int
    given: bool
    complete: bool
    found: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody sees in reporting at the end. `number`: blank if the report counts nobody."""

    person: Person
    run: FoundRun
    number: ExplainedNumber | None
    file: FoundFile


async def look(http: httpx.AsyncClient, person: Person, token: str, of_state: str, as_of: date) -> Look:
    """Ask for a child count as the person, explain its largest number, and make FS002 as the state office.

    `token`, `of_state`: of the person and of the state office. Failure: reporting refuses, or stays down.
    """
    run = await _run(http, token, as_of)
    return Look(
        person=person,
        run=FoundRun(run["title"], as_of, run["total"]),
        number=await _explained(http, token, run),
        file=await _federal_file(http, of_state, as_of),
    )


async def _run(http: httpx.AsyncClient, token: str, as_of: date) -> Any:
    asked = {"parameters": {"as_of": as_of.isoformat()}}
    run = await _ask(http, token, "POST", f"/reports/{_REPORT}/runs", json=asked)
    end = time.monotonic() + _RUN_SECONDS
    while run["state"] in ("waiting", "running") and time.monotonic() < end:
        await asyncio.sleep(_POLL_SECONDS)
        run = await _ask(http, token, "GET", f"/reports/runs/{run['run_id']}")
    if run["state"] != "done":
        raise Failure(f"The run of a report is {run['state']}.", f"The log says why: {ser('logs reporting')}")
    return run


async def _explained(http: httpx.AsyncClient, token: str, run: Any) -> ExplainedNumber | None:
    cells = [cell for table in run["tables"] for cell in _numbers(table)]
    if not cells:
        return None
    number, table, place, row, column = max(cells, key=lambda cell: cell[0])
    path = f"/reports/runs/{run['run_id']}"
    where = {"table": table, "row": place, "column": column["name"], "limit": 1}
    behind = await _ask(http, token, "GET", f"{path}/rows", params=where)
    student = behind["rows"][0]["student_id"]
    facts = await _ask(http, token, "GET", f"{path}/facts", params={"student_id": student})
    events = [f"{one['event']} ({one['service']} {one['sequence']})" for one in facts["sources"]]
    return ExplainedNumber(row, column["label"], number, student, events)


def _numbers(table: Any) -> list[tuple[int, str, int, str, Any]]:
    """The numbers of a table behind which are students of one row and one column: no totals."""
    return [
        (value, table["name"], place, str(row["values"][0]), column)
        for place, row in enumerate(table["rows"])
        for value, column in zip(row["values"], table["columns"], strict=True)
        if column["kind"] == "count" and column["where"] and row["where"] and row["values"][0] and value
    ]


async def _federal_file(http: httpx.AsyncClient, token: str, as_of: date) -> FoundFile:
    known = await _ask(http, token, "GET", "/federal-files")
    years = next(one["years"] for one in known if one["file"] == _FILE)
    year = next((one for one in years if int(one[:4]) >= as_of.year), years[-1])
    file = await _ask(http, token, "GET", f"/federal-files/{_FILE}/{year}/{_LEVEL}")
    found = {one["check"]: one["found"] for one in file["checks"] if one["found"]}
    return FoundFile(
        title=file["title"],
        school_year=year,
        students=file["children"],
        records=file["rows"],
        given=file["given"],
        complete=file["complete"],
        found=found,
    )


async def _ask(http: httpx.AsyncClient, token: str, method: str, path: str, **more: Any) -> Any:
    """Reporting's answer. Failure: it refuses, or stays down."""
    answer = await request(http, method, path, headers={"Authorization": f"Bearer {token}"}, **more)
    if not answer.is_success:
        raise Failure(
            f"Reporting refuses {method} {path}: {answer.status_code} {answer.text}.",
            f"Its log says why: {ser('logs reporting')}",
        )
    return answer.json()
