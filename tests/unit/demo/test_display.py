"""What one reads while a demonstration runs."""

import io

import pytest
from rich.console import Console

from deploy.demo.display import explain_interruption
from deploy.demo.reporting import ReadingProgress


def test_whoever_interrupts_is_told_what_still_runs() -> None:
    """Ctrl-C ends the demonstration and not the system: one reads how to go on, and how to stop it."""
    screen = Console(file=io.StringIO(), width=80)
    with pytest.raises(KeyboardInterrupt), explain_interruption(screen):
        raise KeyboardInterrupt
    assert isinstance(screen.file, io.StringIO)
    told = screen.file.getvalue()
    assert "still running" in told
    assert "ser down stops it" in told
    assert "goes on" in told


def test_what_was_sent_twice_is_no_loss() -> None:
    """Messages that were sent again after an interruption are not shown as if some had been missed."""
    hearing = ReadingProgress()
    hearing.note(75_431, 75_731)
    assert hearing.words == "75,431 of 75,731 messages"
    hearing.whole = True
    assert hearing.words == "75,431, none is missing; 300 second copies"
    hearing.note(75_731, 75_731)
    assert hearing.words == "75,731, none is missing"
