"""The calendar of duties over HTTP: a year, the next weeks, a year without a calendar, and the feed."""

from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest

from tests.integration.querying import codes
from tests.integration.reporting_queries import reporting_queries


async def test_what_is_to_be_done(
    database: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An LEA sees its duties with the source of each day. A day or year that SER does not know is named."""
    monkeypatch.setattr(
        import_module("services.reporting.queries.duties"), "today", lambda: date(2027, 6, 10)
    )
    async with reporting_queries(database("reporting"), tmp_path) as reporting:
        ahead = (await reporting.get("/duties", "017", whose="LEA")).json()
        assert (ahead["from_on"], ahead["through_on"]) == ("2027-06-10", "2027-07-22")
        assert [(duty["duty"], duty["due_on"]) for duty in ahead["duties"]] == [
            ("exits-recorded", "2027-06-30")
        ]
        assert [one["facts"]["year"] for one in ahead["findings"]] == ["2027-28"]
        year = await reporting.get_for_state("/duties/2026-27")
        assert {finding["code"] for finding in year["findings"]} == {"RPT-441"}
        count = next(duty for duty in year["duties"] if duty["duty"] == "child-count")
        assert (count["due_on"], count["official"], count["where"]) == ("2026-10-01", True, "/child-count")
        unknown = await reporting.get("/duties/2031-32", "017")
        assert (unknown.status_code, codes(unknown)) == (404, ["RPT-440"])
        feed = await reporting.queries.http.get("/duties.ics", params={"whose": "LEA"})
        assert feed.headers["content-type"] == "text/calendar; charset=utf-8"
        assert feed.text.startswith("BEGIN:VCALENDAR\r\n")
