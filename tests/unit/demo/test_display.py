"""The progress display of the demonstration."""

import io

import pytest
from rich.console import Console

from deploy.demo.display import explain_interruption
from deploy.demo.reporting import Completeness, ReadingProgress


def test_after_ctrl_c_the_user_learns_what_still_runs() -> None:
    """Ctrl-C ends the demonstration and not the system: the display says how to continue and how to stop."""
    screen = Console(file=io.StringIO(), width=80)
    with pytest.raises(KeyboardInterrupt), explain_interruption(screen):
        raise KeyboardInterrupt
    assert isinstance(screen.file, io.StringIO)
    printed = screen.file.getvalue()
    assert "still running" in printed
    assert "ser down stops it" in printed
    assert "goes on" in printed


def test_a_message_sent_twice_is_no_missing_message() -> None:
    """After an interruption some messages are on a topic twice; the display does not show them as missing."""
    progress = ReadingProgress()
    progress.update(Completeness(70_000, 5_431, certified=True, lag=300), 75_731)
    assert progress.description == "75,431 of 75,731 events and identities"
    progress.update(Completeness(70_000, 5_431, certified=True, lag=0), 75_731)
    assert progress.complete
    assert progress.description == "70,000 events and 5,431 identities, none is missing; 300 were sent twice"


def test_the_display_names_the_number_of_events_that_reporting_names() -> None:
    """Events and identities are counted apart, so the number of events is that of `/completeness`."""
    progress = ReadingProgress()
    found = Completeness(70_745, 5_392, certified=True, lag=0)
    progress.update(found, 76_137)
    assert not progress.complete, "the numbers may still grow"
    progress.update(found, 76_137)
    assert progress.description == "70,745 events and 5,392 identities, none is missing"


def test_a_service_that_does_not_answer_changes_no_number() -> None:
    """While Kafka or reporting is down, the last numbers stay, and the phase does not end."""
    progress = ReadingProgress()
    progress.update(Completeness(10, 2, certified=True, lag=0), 12)
    progress.update(None, None)
    assert (progress.read, progress.published, progress.complete) == (12, 12, False)
