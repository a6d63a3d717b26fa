"""Technical assistance needs, through events: each need leads to its numbers, and those to their cases."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest_asyncio

from contracts.ieps import IEPType
from contracts.message import Event
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.integration.test_reporting_cases import child, claimed, found, met, run
from tests.unit.reporting.events import Child, refused

AS_OF, BEGUN = "2025-01-31", date(2023, 2, 1)
LEAS = ("026", "017", "009", "036")
STUDENTS = 4


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as given:
        yield given


def students_of(lea: str) -> Iterator[Child]:
    """Four students of an LEA."""
    for number in range(STUDENTS):
        yield child(0, student=f"40000{lea}{number:02d}", lea=lea)


def reviewed(one: Child, due_on: date, met_on: date, coordinator: str) -> Iterator[Event]:
    """A student whose IEP review was due on a day and met on another."""
    before = due_on.replace(year=due_on.year - 1)
    yield one.added()
    yield claimed(one)
    yield found(one, BEGUN, coordinator_id=coordinator)
    yield met(one, before)
    yield met(one, met_on, "review", iep_type=IEPType.REVIEW)
    yield one.entered(entered_on=BEGUN)


def four_leas() -> Iterator[Event]:
    """LEA 026 was in time until October and late in December; one coordinator has all. The others were in
    time, and each has two coordinators."""
    for lea in LEAS:
        for number, one in enumerate(students_of(lea)):
            due_on = date(2024, 9, 10 + number) if number < 2 else date(2024, 12, 9 + number)
            late = lea == LEAS[0] and number >= 2
            met_on = due_on.replace(day=due_on.day + 3 if late else due_on.day - 1)
            coordinator = "C-1" if lea == LEAS[0] else f"C-{number % 2}"
            yield from reviewed(one, due_on, met_on, coordinator)


async def received(reporting: ReportingQueries) -> None:
    """Reporting received the events, and the refusals of the commands of LEA 026 and of another one."""
    await reporting.receive_events(*four_leas())
    at = datetime(2025, 1, 7, 12, tzinfo=UTC)
    ours = [
        refused(f"40000026{n:02d}", f"draft {n}", "IEP-112", owner="ieps", at=at, sender="026/m.landry")
        for n in range(3)
    ]
    old = refused(
        "4000002600", "old", "IEP-112", owner="ieps", at=at.replace(year=2023), sender="026/m.landry"
    )
    other = refused("4000001700", "draft", "IEP-112", owner="ieps", at=at, sender="017/a.reader")
    await reporting.receive([*ours, old, other])


def lines(answer: dict[str, Any], table: str) -> list[dict[str, Any]]:
    """The rows of a table, by the names of its columns."""
    shown = answer["tables"][table]
    names = [column["name"] for column in shown["columns"]]
    return [dict(zip(names, row["values"], strict=True)) for row in shown["rows"]]


async def test_each_finding_leads_to_its_numbers(reporting: ReportingQueries) -> None:
    """Each of the four analyses finds what differs in LEA 026, says it in a sentence, and names its row."""
    await received(reporting)
    answer = await run(reporting, "technical-assistance", as_of=AS_OF, cases=2, percent=90)
    found_lines = lines(answer, "needs")
    assert {one["lea"] for one in found_lines} == {"026"}
    assert {one["analysis"]: one["need"] for one in found_lines} == {
        "timeliness": "2 of 4 cases of IEP review were in time: 50.0 percent."
        " In 3 other LEAs of under 250 students it was 100.0.",
        "trend": "In the last 3 months 0.0 percent of 2 cases were in time."
        " In the months before it was 100.0 percent of 2.",
        "refusals": "The rule IEP-112 refused 3 commands: 75.0 for each 100 students."
        " In 3 other LEAs of under 250 students it was 8.3.",
        "caseload": "A coordinator has 4.0 students on average."
        " In 3 other LEAs of under 250 students it was 2.0.",
    }
    for one in found_lines:
        table, _, place = one["numbers"].rpartition(" ")
        assert lines(answer, table)[int(place) - 1]["lea"] == "026"
    late = next(one for one in lines(answer, "timeliness") if one["lea"] == "026")
    assert (late["IN"], late["OUT-LATE"], late["percent"], late["others percent"]) == (2, 2, "50.0", "100.0")
    assert sum(one["IN"] + one["OUT-LATE"] for one in lines(answer, "trend")) == STUDENTS * len(LEAS)
    assert sum(one["students"] for one in lines(answer, "caseload")) == STUDENTS * len(LEAS)


async def test_an_lea_sees_its_own_numbers(reporting: ReportingQueries) -> None:
    """An LEA's own run compares with the LEA's year before: it has no other LEA. No table names a
    coordinator."""
    await received(reporting)
    earlier = child(99, lea="026")
    await reporting.receive_events(*reviewed(earlier, date(2023, 11, 6), date(2023, 11, 6), "C-2"))
    answer = await run(reporting, "technical-assistance", "026", as_of=AS_OF, cases=2)
    needed = {one["analysis"]: one["need"] for one in lines(answer, "needs")}
    assert needed.keys() == {"timeliness", "trend", "refusals"}
    assert needed["timeliness"].endswith("A year before it was 100.0.")
    assert needed["refusals"].endswith("A year before it was 0.0.")
    review = next(one for one in lines(answer, "timeliness") if one["block"] == "IEP review")
    assert (review["others percent"], review["before"]) == ("-", "100.0")
    assert [(one["commands"], one["before"]) for one in lines(answer, "refusals")] == [(3, "0.0")]
    assert [(one["students"], one["before"]) for one in lines(answer, "caseload")] == [(5, "2.5")]
    shown = [value for table in answer["tables"].values() for row in table["rows"] for value in row["values"]]
    assert "C-1" not in shown
