"""The students behind the numbers of a child count."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest_asyncio

from contracts.access import STATE, Role
from services.reporting.domain.rules import Reason
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.unit.reporting.events import COUNT_DAY, Child

PATH = "/child-count/students"
ANNA = Child("1000000001")


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


async def test_the_students_behind_a_number(reporting: ReportingQueries) -> None:
    """Reporting lists the students of a cell or of a reason, and logs each view."""
    nine = ANNA.changed(student="1000000002", birth_on=date(2008, 10, 1), codes=("DD",))
    await reporting.receive_events(
        *ANNA.all_events(), *nine.all_events(), *ANNA.changed(student="1000000003", lea="009").all_events()
    )
    answer = await reporting.get(PATH, "017", as_of="2017-10-01", disability="SLD", age="8", reason="counted")
    [anna] = answer.json()["students"]
    assert (anna["student_id"], anna["code"], anna["lea"], anna["years"]) == (ANNA.student, None, "017", 8)
    answer = await reporting.get(PATH, "017", as_of="2017-10-01", reason=Reason.AGE_NOT_DECLARED.value)
    assert [(one["student_id"], one["code"]) for one in answer.json()["students"]] == [
        (nine.student, "RPT-011")
    ]
    assert await reporting.queries.access_log() == [
        ("017", ANNA.student, "child count", True),
        ("017", nine.student, "child count", True),
    ]


async def pages(
    reporting: ReportingQueries, by: str, *roles: Role, **filters: Any
) -> tuple[list[str], list[int]]:
    """The State IDs on all pages of ten, and the number on each page."""
    found: list[str] = []
    sizes: list[int] = []
    after = "0000000000"
    while after:
        answer = await reporting.get(PATH, by, *roles, as_of=COUNT_DAY, after=after, limit=10, **filters)
        page = [one["student_id"] for one in answer.json()["students"]]
        found, sizes, after = found + page, [*sizes, len(page)], answer.json()["next"]
    return found, sizes


async def test_students_a_page_at_a_time(reporting: ReportingQueries) -> None:
    """The pages list every considered student once, in the order of State IDs."""
    numbers = [f"10000000{n:02d}" for n in range(25)]
    lives = [
        ANNA.changed(student=number, environment=None if number in numbers[::3] else "RC80")
        for number in numbers
    ]
    await reporting.receive_events(*(event for child in reversed(lives) for event in child.all_events()))
    assert await pages(reporting, STATE, Role.STATE) == (numbers, [10, 10, 5])
    assert await pages(reporting, STATE, Role.STATE, reason="no environment") == (numbers[::3], [9])
    assert len(await reporting.queries.access_log()) == 25 + 9


async def test_the_students_of_an_lea_a_page_at_a_time(reporting: ReportingQueries) -> None:
    """Students who moved away are on no page, and every page but the last is full."""
    numbers = [f"10000000{n:02d}" for n in range(25)]
    await reporting.receive_events(
        *(event for number in numbers for event in ANNA.changed(student=number).all_events())
    )
    await reporting.receive_events(
        *(
            ANNA.changed(student=number, lea="009").claimed("second", begin_on=COUNT_DAY)
            for number in numbers[::2]
        )
    )
    assert await pages(reporting, "017") == (numbers[1::2], [10, 2])
    assert await pages(reporting, "009") == (numbers[::2], [10, 3])


async def test_a_misspelt_filter(reporting: ReportingQueries) -> None:
    """Reporting refuses an unknown filter."""
    answer = await reporting.get(PATH, "017", as_of="2017-10-01", disabilty="SLD")
    assert answer.status_code == 422
