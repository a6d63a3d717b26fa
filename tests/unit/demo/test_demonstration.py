"""Demonstrations in the same run directory."""

import os
from pathlib import Path

import pytest

from deploy.demo.demonstration import lock_run_directory
from deploy.local.failure import Failure
from deploy.local.home import Home


def test_one_at_a_time(tmp_path: Path) -> None:
    """Whoever starts a second demonstration is told that one is running, and which process it is."""
    with lock_run_directory(Home(tmp_path)):
        with (
            pytest.raises(Failure, match=rf"already running here \(pid {os.getpid()}\)"),
            lock_run_directory(Home(tmp_path)),
        ):
            pass
        with lock_run_directory(Home(tmp_path / "other")):
            pass


def test_one_after_the_other(tmp_path: Path) -> None:
    """When a demonstration has ended, however it did, the next one begins."""
    with pytest.raises(KeyboardInterrupt), lock_run_directory(Home(tmp_path)):
        raise KeyboardInterrupt
    with lock_run_directory(Home(tmp_path)):
        pass
