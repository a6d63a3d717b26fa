"""What is due, and what comes next."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import catalog
from services.reporting.domain.due import DEADLINES, DueKind, next_step


@pytest.mark.parametrize("kind", DueKind)
@given(through=st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_the_latest_start(kind: DueKind, through: date) -> None:
    """A clock that starts on the latest start ends by the day; one that starts a day later ends after it."""
    deadline = DEADLINES[kind]
    latest = deadline.latest_start(through)
    assert deadline.due(latest) <= through < deadline.due(latest + timedelta(days=1))


@pytest.mark.parametrize("kind", DueKind)
@pytest.mark.parametrize("stage", [None, "requested", "consented", "completed", "draft", "official"])
def test_the_next_step_is_a_command(kind: DueKind, stage: str | None) -> None:
    """Whatever has begun, a command that exists comes next."""
    assert next_step(kind, stage) in catalog.commands("ieps")
