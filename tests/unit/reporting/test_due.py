"""What is due, and what comes next."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import catalog
from contracts.calendars import Calendar, CalendarDay, CalendarSource
from contracts.counting import Calendars
from contracts.deadlines import NO_CALENDARS, DueKind, due_of
from services.reporting.domain.due import latest_start, next_step

CHRISTMAS = tuple(CalendarDay(day=date(2024, 12, day), reason="holiday") for day in range(23, 32))
OF_2024 = Calendars(
    [
        Calendar(
            year="2024",
            revision=1,
            days=CHRISTMAS,
            source=CalendarSource.PROJECT,
            published_on=date(2023, 6, 1),
        )
    ]
)


@pytest.mark.parametrize("kind", DueKind)
@given(
    through=st.one_of(
        st.dates(date(1911, 1, 1), date(2199, 12, 31)), st.dates(date(2024, 9, 1), date(2025, 4, 1))
    )
)
def test_the_latest_start(kind: DueKind, through: date) -> None:
    """A clock that starts on the latest start ends by the day; one that starts a day later ends after it."""
    for calendars in (NO_CALENDARS, OF_2024):
        latest = latest_start(kind, through, calendars)
        after = due_of(kind, latest + timedelta(days=1), calendars)
        assert due_of(kind, latest, calendars).due_on <= through < after.due_on


@pytest.mark.parametrize("kind", DueKind)
@pytest.mark.parametrize("stage", [None, "requested", "consented", "completed", "draft", "official"])
def test_the_next_step_is_a_command(kind: DueKind, stage: str | None) -> None:
    """A command that exists comes next, whatever has begun."""
    assert next_step(kind, stage) in catalog.commands()
