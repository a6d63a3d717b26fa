"""How a test finds the processes that it has started."""

import os
import subprocess
import sys

from tests.processes import children_running

_WAITING = [sys.executable, "-m", "asyncio"]


def test_a_child_is_found_until_it_has_ended() -> None:
    """A child that runs the module is found. One that ended is not, although nobody has read its end."""
    with subprocess.Popen(_WAITING, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert [one.pid for one in children_running("asyncio")] == [child.pid]
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not children_running("asyncio")
