"""Demonstrations in the same run directory."""

import os
from pathlib import Path

import pytest

from deploy.demo.alone import alone
from deploy.local.failure import Failure
from deploy.local.home import Home


def test_one_at_a_time(tmp_path: Path) -> None:
    """Whoever starts a second demonstration is told that one is running, and which process it is."""
    with alone(Home(tmp_path)):
        with (
            pytest.raises(Failure, match=rf"already running here \(pid {os.getpid()}\)"),
            alone(Home(tmp_path)),
        ):
            pass
        with alone(Home(tmp_path / "other")):
            pass


def test_one_after_the_other(tmp_path: Path) -> None:
    """When a demonstration has ended, however it did, the next one begins."""
    with pytest.raises(KeyboardInterrupt), alone(Home(tmp_path)):
        raise KeyboardInterrupt
    with alone(Home(tmp_path)):
        pass
