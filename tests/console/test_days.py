"""Dates as people type them, and as the console shows them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import days

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    "typed",
    [
        *("10/1/26", "10/01/2026", "10-1-2026", "10-1-26", "10.1.2026", "10 1 2026", "10012026"),
        *("2026-10-01", "2026-10-1", "oct 1 2026", "Oct 1, 2026", "OCT. 1, 26", "october 1 2026"),
        *("Thursday, October 1, 2026", "thursday oct 1 2026", "  oct   1   2026 "),
    ],
)
def test_a_day_can_be_typed_in_many_forms(typed: str) -> None:
    """Each usual way to write October 1, 2026 is read as that day."""
    assert days.read_day(typed, TODAY) == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("t", TODAY),
        ("T", TODAY),
        ("t-1", date(2026, 11, 19)),
        ("t - 1", date(2026, 11, 19)),
        ("t+30", date(2026, 12, 20)),
    ],
)
def test_a_day_can_be_counted_from_today(typed: str, day: date) -> None:
    """`t` is today; a number of days may follow."""
    assert days.read_day(typed, TODAY) == day


@pytest.mark.parametrize(
    "typed",
    ["", "10/1", "oct 1", "13/1/2026", "2/30/2026", "2026-13-01", "foo 1 2026", "1/1/026", "tomorrow", "t1"],
)
def test_a_day_without_a_year_or_outside_the_calendar_is_not_read(typed: str) -> None:
    """The console guesses no year and no day; it asks again."""
    assert days.read_day(typed, TODAY) is None


@given(st.text(max_size=40))
def test_any_text_is_a_day_or_none(typed: str) -> None:
    """Whatever somebody types, reading it raises nothing."""
    found = days.read_day(typed, TODAY)
    assert found is None or isinstance(found, date)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_day_is_read_as_it_is_shown(day: date) -> None:
    """A form shows a day so that the same form, sent back, says the same day."""
    assert days.read_day(days.shown(day), TODAY) == day
    assert days.read_day(days.in_words(day), TODAY) == day


def test_days_and_times_are_shown_as_louisiana_writes_them() -> None:
    """Instants are shown in Central Time, on both sides of the change of the clocks."""
    assert days.shown("2026-10-01") == "Oct 1, 2026"
    assert days.in_words(date(2026, 10, 1)) == "Thursday, October 1, 2026"
    assert days.shown(None) == days.shown("") == ""
    winter = datetime(2026, 11, 20, 20, 4, 31, tzinfo=UTC)
    assert days.at_time(winter) == "Nov 20, 2026, 2:04:31 p.m."
    assert days.at_time("2026-07-01T05:00:00Z") == "Jul 1, 2026, 12:00:00 a.m."
