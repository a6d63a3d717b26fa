"""Two demonstrations in the same run directory."""

import os
from pathlib import Path

import pytest

from deploy.demo.demonstration import lock_run_directory
from deploy.local.failure import Failure
from deploy.local.home import Home


def test_one_at_a_time(tmp_path: Path) -> None:
    """A second demonstration is refused, with the process id of the first one."""
    with lock_run_directory(Home(tmp_path)):
        with (
            pytest.raises(Failure, match=rf"already running here \(pid {os.getpid()}\)"),
            lock_run_directory(Home(tmp_path)),
        ):
            pass
        with lock_run_directory(Home(tmp_path / "other")):
            pass


def test_one_after_the_other(tmp_path: Path) -> None:
    """After a demonstration has ended, even by Ctrl-C, the next one can begin."""
    with pytest.raises(KeyboardInterrupt), lock_run_directory(Home(tmp_path)):
        raise KeyboardInterrupt
    with lock_run_directory(Home(tmp_path)):
        pass
