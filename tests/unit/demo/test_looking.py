"""The look at reporting at the end of a demonstration."""

from datetime import date
from typing import Any

import httpx
import pytest

from deploy.demo.looking import ExplainedNumber, FoundFile, FoundRun, Look, look
from deploy.demo.report import looked_at
from deploy.issuer.people import FIRST
from deploy.local.failure import Failure

AS_OF = date(2017, 10, 1)
RUN = {"run_id": "1", "title": "Child count", "total": 30, "tables": []}
TABLE = {
    "name": "ages 6-21",
    "columns": [
        {"name": "disability", "label": "Disability", "kind": "code", "where": {}},
        {"name": "RC80", "label": "RC80", "kind": "count", "where": {"environment": "RC80"}},
        {"name": "total", "label": "Total", "kind": "count", "where": {}},
    ],
    "rows": [
        {"values": ["AUT", 3, 9], "where": {"disability": "AUT"}},
        {"values": ["SLD", 7, 8], "where": {"disability": "SLD"}},
        {"values": [None, 10, 17], "where": {"verdict": "counted"}},
    ],
}
FILE = {
    "title": "Children",
    "children": 5384,
    "rows": 9000,
    "given": True,
    "complete": True,
    "checks": [{"check": "C1", "found": 0}, {"check": "C10", "found": 2}],
}


def reporting(state: str, tables: list[Any]) -> httpx.AsyncClient:
    """Reporting whose runs end in this state, with these tables."""
    answers: dict[str, Any] = {
        "POST /reports/child-count/runs": RUN | {"state": "waiting"},
        "GET /reports/runs/1": RUN | {"state": state, "tables": tables},
        "GET /reports/runs/1/rows": {"rows": [{"student_id": "0900000001"}]},
        "GET /reports/runs/1/facts": {
            "sources": [{"event": "IEPSubmitted", "service": "ieps", "sequence": 7}],
        },
        "GET /federal-files": [{"file": "002", "years": ["2019-20", "2020-21"]}],
        "GET /federal-files/002/2019-20/SEA": FILE,
    }

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answers[f"{request.method} {request.url.path}"])

    return httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://reporting")


async def test_a_look_explains_the_largest_number_and_makes_a_file() -> None:
    """The largest number that is no total has a student, with the events behind the facts. FS002 is of the
    first school year after the count whose layout SER has."""
    async with reporting("done", [TABLE]) as http:
        found = await look(http, FIRST, "token", "state", AS_OF)
    assert found == Look(
        FIRST,
        FoundRun("Child count", AS_OF, 30),
        ExplainedNumber("SLD", "RC80", 7, "0900000001", ["IEPSubmitted (ieps 7)"]),
        FoundFile("Children", "2019-20", 5384, 9000, given=True, complete=True, found={"C10": 2}),
    )
    said = "\n".join(looked_at(found))
    for words in ("Child count as of 1 October 2017", "7, SLD in RC80", "IEPSubmitted", "5,384", "C10: 2"):
        assert words in said


async def test_a_report_that_counts_nobody_explains_nothing() -> None:
    """An LEA without students in the demonstration has a run, and no number to explain."""
    async with reporting("done", []) as http:
        found = await look(http, FIRST, "token", "state", AS_OF)
    assert found.number is None
    assert "explained" not in "\n".join(looked_at(found))


async def test_a_run_that_fails_ends_the_demonstration() -> None:
    """The demonstration says what went wrong and where to look."""
    async with reporting("failed", []) as http:
        with pytest.raises(Failure, match="failed"):
            await look(http, FIRST, "token", "state", AS_OF)
