"""Every report as the lines of a PDF."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.reporting.domain.tables import Kind, Tally
from services.reporting.pdf.typesetting import typeset
from services.reporting.reports.answers import RunWithTables
from services.reporting.reports.assistance import ASSISTANCE
from services.reporting.reports.disproportionality import Loaded
from services.reporting.reports.printed import moment, printed, written
from services.reporting.reports.registry import REPORTS
from services.reporting.reports.report import Asked, Report
from services.reporting.reports.working import as_json

DAY = date(2017, 10, 1)
AT = datetime(2017, 10, 1, 20, 5, 9, tzinfo=UTC)


def loaded_for(report: Report[Any]) -> object:
    """What the report's `loads` gives if nobody has loaded a table and no rule has refused a command."""
    if report is ASSISTANCE:
        return {}
    return Loaded((), None, frozenset()) if report.loads else None


def run_of(report: Report[Any]) -> RunWithTables:
    """A run of a report that found no students."""
    question = Asked(report.parameters(as_of=DAY), DAY, "017", loaded=loaded_for(report))
    tables = [as_json(table) for table in report.tables(Tally(report.dimensions, sums=report.sums), question)]
    columns = [column._asdict() for column in report.row_columns]
    asked = {"run_id": uuid4(), "report": report.name, "title": report.title, "version": 1, "lea": "017"}
    times = {"as_of": DAY, "known_at": AT, "asked_at": AT, "finished_at": AT, "kept_until": None}
    done = {"asked_by": "017/a.person", "state": "done", "done": 0, "total": 0, "complete": True}
    rest: dict[str, Any] = {
        "parameters": {},
        "calendars": {},
        "read_through": None,
        "events": 0,
        "sha256": None,
    }
    given = json.loads(json.dumps({"tables": tables, "columns": columns}, default=str))
    return RunWithTables.model_validate(asked | times | done | rest | given)


async def lines_of(run: RunWithTables) -> list[Any]:
    async def students() -> AsyncIterator[list[list[Any]]]:
        yield [[None] * len(run.columns)]

    rows = students() if run.columns else None
    return [line async for line in printed(run, [("Report", run.title)], rows)]


@pytest.mark.parametrize("report", REPORTS.values(), ids=lambda report: report.name)
async def test_every_report_finds_room_on_paper(report: Report[Any]) -> None:
    """A PDF has each table of the report under its title, the students, and what was asked."""
    run = run_of(report)
    content = typeset(json.loads(json.dumps(await lines_of(run))))
    titles = len(run.tables) + bool(run.columns) + bool(report.reasons) + 1
    assert content.count(b"/S /H2 ") == titles


def test_values_are_written_for_people() -> None:
    """Days and times are Louisiana's. A code keeps its zeros."""
    assert moment(AT) == "Oct 1, 2017, 3:05:09 p.m."
    assert written("2017-10-01", Kind.DAY) == "Oct 1, 2017"
    assert [written(one, Kind.TEXT) for one in (None, True, 1204, "017")] == ["", "yes", "1,204", "017"]
