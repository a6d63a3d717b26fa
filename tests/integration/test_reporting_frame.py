"""The frame of the reports: each judges students, and its numbers count the judged rows."""

import io
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest_asyncio

from contracts.jurisdiction import JurisdictionEnded
from services.reporting.domain.tables import Column, Judged, Kind, Table, Tally
from services.reporting.queries.moment import one_moment
from services.reporting.reports.child_count import CHILD_COUNT
from services.reporting.reports.documents import Sheet, as_csv, as_xlsx
from services.reporting.reports.judging import asked, judged, students
from services.reporting.reports.report import Asked, Parameters
from tests.integration.reporting_queries import ReportingQueries, reporting_queries
from tests.integration.test_reporting_child_count import ANNA, COUNTED, NOT_COUNTED
from tests.unit.reporting.events import COUNT_DAY


@pytest_asyncio.fixture
async def reporting(database: Callable[[str], str], tmp_path: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting, with an empty database."""
    async with reporting_queries(database("reporting"), tmp_path) as found:
        yield found


async def judged_by(
    reporting: ReportingQueries, lea: str | None = None
) -> tuple[list[Judged], list[Table], int]:
    """The child count's judged rows and tables, and the number of students it considered."""
    async with reporting.queries.engine.connect() as database:
        await one_moment(database)
        question = await asked(database, CHILD_COUNT, Parameters(as_of=COUNT_DAY), lea)
        rows = [row async for part in judged(database, CHILD_COUNT, question) for row in part.rows]
        considered = await students(database, CHILD_COUNT, question)
    return rows, tables_of(rows, question), considered


def tables_of(rows: list[Judged], question: Asked[Parameters]) -> list[Table]:
    tally = Tally(CHILD_COUNT.dimensions)
    tally.add(rows)
    return list(CHILD_COUNT.tables(tally, question))


async def test_the_child_count_in_the_frame_is_the_child_count(reporting: ReportingQueries) -> None:
    """The report has every cell and every reason of the live count, and each cell counts its rows."""
    events = [event for _, one, *_ in (*COUNTED, *NOT_COUNTED) for event in one]
    await reporting.receive_events(*events)
    live = await reporting.child_count()
    rows, tables, considered = await judged_by(reporting)
    assert considered == len(rows) == live["reconciliation"]["considered"]
    cells = {row.values[:-1]: row.values[-1] for row in tables[0].rows}
    names = ("age_group", "disability", "environment", "breakdown", "value")
    assert cells == {tuple(cell[name] for name in names): cell["children"] for cell in live["cells"]}
    reasons = {one["code"]: one["students"] for one in live["reconciliation"]["not_counted"]}
    assert {code: sum(row.reason == code for row in rows) for code in reasons} == reasons
    for table in tables:
        for line in table.rows:
            for column, value in zip(table.columns, line.values, strict=True):
                if column.kind is Kind.COUNT:
                    where = {**line.where, **column.where}
                    assert value == sum(all(row.value(n) == v for n, v in where.items()) for row in rows)


async def test_an_lea_has_no_values_of_another_leas_row(reporting: ReportingQueries) -> None:
    """Of a student who belonged to another LEA on the day, an LEA learns nothing (RPT-205)."""
    left = JurisdictionEnded.of(ANNA.claimed(), end_on=COUNT_DAY - timedelta(days=1))
    there = ANNA.changed(lea="036").claimed("there", begin_on=COUNT_DAY)
    await reporting.receive_events(*ANNA.all_events(), left, there)
    rows, _, considered = await judged_by(reporting, "017")
    assert considered == 1
    assert rows == [Judged(ANNA.student, "left out", "RPT-205", {})]
    answer = await reporting.get(f"/students/{ANNA.student}/reports", "017", as_of=COUNT_DAY)
    told = {each["report"]: each["rows"] for each in answer.json()["reports"]}
    assert [(row["reason"]["code"], row["values"]) for row in told["ieps"]] == [("RPT-205", {})]
    rows, _, _ = await judged_by(reporting, "036")
    assert [row.verdict for row in rows] == ["counted"]


def test_a_spreadsheet_keeps_zeros_and_equal_tables_give_equal_bytes() -> None:
    """A code with leading zeros is text, and a number is a number. The same table gives the same bytes."""
    sheet = Sheet("By LEA", (Column("lea", "LEA", Kind.CODE), Column("n", "n", Kind.COUNT)), [("017", 5)])
    book = as_xlsx([("Report", "Child count")], [sheet])
    assert book == as_xlsx([("Report", "Child count")], [sheet])
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
        assert "017" in parts.read("xl/sharedStrings.xml").decode()
    assert 'state="frozen"' in page
    assert "<v>5</v>" in page
    formula = Sheet("Names", (Column("name", "Name"),), [("=1+1",)])
    assert as_csv(sheet) == b"LEA,n\n017,5\n"
    assert as_csv(formula) == b"Name\n'=1+1\n"
