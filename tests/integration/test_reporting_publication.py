"""The child count for publication, over HTTP."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contracts.access import STATE, Role
from tests.integration.querying import codes
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.unit.reporting.events import Child

PATH, DAY = "/child-count/publication", "2017-10-01"
CHILDREN = {
    "AUT": {"RC80": 14, "RC79TO40": 11, "RC39": 23, "SS": 2},
    "SLD": {"RC80": 120, "RC79TO40": 44, "RC39": 12},
    "SLI": {"RC80": 61, "RC79TO40": 4},
}


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


def children() -> Iterator[Child]:
    """The children of the table, each of eight years."""
    sizes = [(code, place, n) for code, places in CHILDREN.items() for place, n in places.items()]
    places = [(code, place) for code, place, n in sizes for _ in range(n)]
    for number, (code, place) in enumerate(places):
        yield Child(f"{1_000_000_000 + number}", codes=(code,), environment=place)


def printed(cells: list[dict[str, Any]]) -> list[list[Any]]:
    """Disability by environment at school age, with a total at the end of each row; totals last."""
    found = {
        (cell["disability"] or None, cell["environment"] or None): cell["children"]
        for cell in cells
        if (cell["age_group"], cell["breakdown"]) == ("6-21", "total")
    }
    return [
        [found[disability, place] for place in ("RC80", "RC79TO40", "RC39", "SS", None)]
        for disability in (*CHILDREN, None)
    ]


async def test_the_published_table_hides_small_numbers(reporting: ReportingQueries) -> None:
    """Three numbers under ten hide themselves and eight others; the state's own count shows all of them."""
    await reporting.receive_events(*(event for one in children() for event in one.all_events()))
    published = await reporting.get_for_state(PATH, as_of=DAY)
    assert printed(published["cells"]) == [
        ["NR", "NR", 23, "NR", 50],
        [120, "NR", "NR", 0, 176],
        ["NR", "NR", 0, 0, 65],
        [195, 59, "NR", "NR", 291],
    ]
    hidden = sum(cell["children"] == "NR" for cell in published["cells"])
    assert published["primary"] + published["complementary"] == hidden
    assert printed((await reporting.child_count())["cells"])[0] == [14, 11, 23, 2, 50]

    answer = await reporting.get(PATH, STATE, Role.STATE, as_of=DAY, format="csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert printed(rows)[0] == ["NR", "NR", "23", "NR", "50"]
    assert len(rows) == len(published["cells"])


async def test_only_the_state_office_publishes(reporting: ReportingQueries) -> None:
    """Reporting refuses the publication to LEAs and auditors."""
    for by, role in (("017", Role.COORDINATOR), (STATE, Role.AUDITOR)):
        answer = await reporting.get(PATH, by, role, as_of=DAY)
        assert (answer.status_code, codes(answer)) == (403, ["RPT-350"])


@pytest.mark.parametrize(("day", "code"), [("2017-10-02", "RPT-351"), ("2199-10-01", "RPT-352")])
async def test_only_a_count_day_is_published(reporting: ReportingQueries, day: str, code: str) -> None:
    """Reporting refuses to publish another day, or a day that has not come."""
    answer = await reporting.get(PATH, STATE, Role.STATE, as_of=day)
    assert (answer.status_code, codes(answer)) == (422, [code])
    assert answer.json()["findings"][0]["field"] == "as_of"
