"""Access to the child count, and its formats."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from contracts.access import STATE, Role
from tests.integration.querying import codes
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.unit.reporting.events import Child, Publisher

ANNA = Child("1000000001")


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


async def test_an_lea_sees_its_own_numbers_only(reporting: ReportingQueries) -> None:
    """An LEA gets its own numbers. Reporting refuses it another LEA's numbers and students."""
    await reporting.receive_events(
        *ANNA.all_events(), *ANNA.changed(student="1000000002", lea="009").all_events()
    )
    answer = await reporting.get("/child-count", "009", as_of="2017-10-01")
    assert (answer.json()["lea"], answer.json()["reconciliation"]["considered"]) == ("009", 1)
    for path in ("/child-count", "/child-count/table", "/child-count/students"):
        answer = await reporting.get(path, "009", as_of="2017-10-01", lea="017")
        assert (answer.status_code, codes(answer)) == (403, ["RPT-020"])
    answer = await reporting.get("/child-count", STATE, Role.AUDITOR, as_of="2017-10-01", lea="009")
    assert answer.json()["reconciliation"]["considered"] == 1


@pytest.mark.parametrize("by", [{"format": "csv"}, {}])
async def test_the_cells_as_csv(reporting: ReportingQueries, by: dict[str, str]) -> None:
    """The CSV has the header and the blank cells of the published file."""
    await reporting.receive_events(*ANNA.all_events())
    headers = {"Authorization": f"Bearer {reporting.queries.issuer.token(STATE, (Role.STATE,), 'a.reader')}"}
    accept = {} if by else {"Accept": "text/csv"}
    answer = await reporting.queries.http.get(
        "/child-count", headers=headers | accept, params={"as_of": "2017-10-01"} | by
    )
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["age_group", "disability", "environment", "breakdown", "value", "children"]
    assert ["6-21", "", "RC80", "total", "", "1"] in rows
    assert len(rows) == 1 + len((await reporting.child_count())["cells"])


async def test_the_table(reporting: ReportingQueries) -> None:
    """The table has disabilities as rows, environments as columns, and totals in the last row."""
    await reporting.receive_events(
        *ANNA.all_events(), *ANNA.changed(student="1000000002", environment="SS").all_events()
    )
    answer = await reporting.get("/child-count/table", "017", as_of="2017-10-01", disabilities="SLD")
    early, school = answer.json()
    assert (early["age_group"], school["age_group"]) == ("3-5", "6-21")
    assert school["rows"] == [
        {"disability": "SLD", "total": 2, "children": [1, 0, 0, 1, 0, 0, 0, 0]},
        {"disability": None, "total": 2, "children": [1, 0, 0, 1, 0, 0, 0, 0]},
    ]
    assert school["labels"][0] == "Inside regular class 80 % or more of the day"


async def test_a_history_says_how_far_each_service_was_heard(reporting: ReportingQueries) -> None:
    """The header of a student's history has each service's sequence up to which reporting has every event."""
    first, second, third = Publisher().publish(ANNA.added(), ANNA.claimed(), ANNA.claimed("second"))
    await reporting.receive([first, third])
    path = f"/students/{ANNA.student}/history"
    before = await reporting.get(path, STATE, Role.STATE)
    await reporting.receive([second])
    after = await reporting.get(path, STATE, Role.STATE)
    headers = [answer.headers["Ser-Sequence"] for answer in (before, after)]
    assert headers == ["jurisdiction=0, students=1", "jurisdiction=2, students=1"]


async def test_nobody_without_a_token(reporting: ReportingQueries) -> None:
    """Reporting gives counts only to a request with a token."""
    answer = await reporting.queries.http.get("/child-count", params={"as_of": "2017-10-01"})
    assert (answer.status_code, codes(answer)) == (401, ["ACC-001"])


@pytest.mark.parametrize("path", ["/child-count", "/child-count/students"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_a_day_beyond_every_count(reporting: ReportingQueries, path: str, day: str) -> None:
    """Reporting refuses a day on which it can count nobody."""
    answer = await reporting.get(path, STATE, Role.STATE, as_of=day)
    assert (answer.status_code, codes(answer)) == (422, ["MSG-002"])
    assert answer.json()["findings"][0]["field"] == "as_of"


@pytest.mark.parametrize("day", ["1900-01-01", "2199-12-31"])
async def test_the_first_and_the_last_day_of_all(reporting: ReportingQueries, day: str) -> None:
    """The database can count as of the first and the last allowed day."""
    answer = await reporting.get("/child-count", STATE, Role.STATE, as_of=day)
    assert (answer.status_code, answer.json()["as_of"]) == (200, day)
