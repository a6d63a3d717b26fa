"""The calendar of duties: which day a line of the data is, and what the feed says."""

from datetime import date

import pytest
from icalendar import Calendar

from services.reporting.domain.duties import (
    PROJECT,
    Whose,
    day_rule,
    duties_between,
    duties_of,
    known_years,
    unknown_years,
)
from services.reporting.domain.indicators.year import read_year
from services.reporting.queries.duties_feed import feed
from services.reporting.reports.registry import REPORTS

EVERY = [duty for year in known_years() for duty in duties_of(read_year(year))]


@pytest.mark.parametrize(
    ("written", "year", "day"),
    [
        ("10-01", "2026-27", date(2026, 10, 1)),
        ("06-30", "2026-27", date(2027, 6, 30)),
        ("07-01", "2026-27", date(2026, 7, 1)),
        ("first Wednesday of April", "2022-23", date(2023, 4, 5)),
        ("first Wednesday of April", "2019-20", date(2020, 4, 1)),
        ("first Wednesday of November", "2023-24", date(2023, 11, 1)),
        ("2025-07-30", "2025-26", date(2025, 7, 30)),
        ("unknown", "2026-27", None),
    ],
)
def test_the_day_of_a_line(written: str, year: str, day: date | None) -> None:
    """A month and day lies in the calendar year to which the school year gives the month."""
    assert day_rule(written)(read_year(year)) == day


@pytest.mark.parametrize("written", ["last Friday of May", "first Wednesday in April", "2025-02-30"])
def test_a_line_that_is_no_day(written: str) -> None:
    """A slip in the data fails here, and never on the work list."""
    with pytest.raises(ValueError, match="day"):
        day_rule(written)(read_year("2025-26"))


def test_the_lines_hold_together() -> None:
    """A duty is once in a school year, on a day of it. An official day names a source, an unknown one is not
    official."""
    names = [(duty.year, duty.name) for duty in EVERY]
    assert len(names) == len(set(names))
    assert all(duty.due_on in duty.year for duty in EVERY if duty.due_on)
    assert not [duty for duty in EVERY if duty.official and (duty.source == PROJECT or not duty.due_on)]
    reports = [duty.where.removeprefix("/reports/") for duty in EVERY if duty.where.startswith("/reports/")]
    assert set(reports) <= {*REPORTS, "mine"}


def test_the_due_day_of_the_federal_counts_changed() -> None:
    """FS002 and FS089 were due in April. Those of 2024-25 were due on July 30, in the year after."""
    due = {duty.due_on for duty in EVERY if duty.name.startswith("federal-counts-") and duty.official}
    assert due == {
        *(date(2020, 4, 1), date(2021, 4, 7), date(2022, 4, 6), date(2023, 4, 5), date(2024, 4, 3)),
        date(2025, 7, 30),
    }


def test_whose_duties() -> None:
    """An LEA and the state office have their own, and the child count concerns both."""
    first, last = date(2026, 9, 24), date(2026, 10, 25)
    lea = [duty.name for duty in duties_between(first, last, Whose.LEA)]
    assert lea == ["count-mended", "child-count", "count-saved"]
    assert [duty.name for duty in duties_between(first, last, Whose.STATE)] == [
        "child-count",
        "exits-certified",
    ]
    assert len(duties_between(first, last)) == 4


def test_a_year_without_a_calendar() -> None:
    """The weeks ahead may reach into a school year that has no calendar yet."""
    assert unknown_years(date(2026, 11, 27), date(2027, 1, 8)) == []
    assert unknown_years(date(2027, 6, 1), date(2027, 7, 13)) == ["2027-28"]


def test_the_feed_is_a_calendar() -> None:
    """Each known day is an event of a whole day, with an id of its own. A program shows no time as taken."""
    written = feed(date(2026, 11, 27), Whose.STATE)
    lines = written.split(b"\r\n")
    assert lines[:2] == [b"BEGIN:VCALENDAR", b"VERSION:2.0"]
    assert max(map(len, lines)) <= 75
    events = Calendar.from_ical(written).walk("VEVENT")
    ids = [str(event["UID"]) for event in events]
    assert len(ids) == len(set(ids)) > 10
    count = next(event for event in events if event["UID"] == "child-count.2026-27@duties.ser")
    assert (count.decoded("DTSTART"), str(count["TRANSP"])) == (date(2026, 10, 1), "TRANSPARENT")
    assert "The day is official. Source: 34 CFR 300.641" in str(count["DESCRIPTION"])
    plan = next(event for event in events if event["UID"] == "performance-plan-run.2026-27@duties.ser")
    assert str(plan["DESCRIPTION"]).endswith("The day is this project's, and not official.")
    assert feed(date(2026, 11, 27), Whose.STATE) == written
