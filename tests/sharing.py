"""A pytest plugin: how two processes share the tests of a run (`make test`).

Each process starts servers of its own when a test first asks for them. The tests that share a whole system go
to one process, so that the system starts once. All other tests go file by file to whichever process is free.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

_ONE_SYSTEM = ("tests/console/", "tests/faults/", "tests/fuzz/")


def shared_by(nodeid: str) -> str:
    """What a test shares its servers with: the tests of its folder, or those of its file."""
    folder = next((folder for folder in _ONE_SYSTEM if nodeid.startswith(folder)), None)
    return folder or nodeid.partition("::")[0]


class Sharing(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Gives all tests with the same servers to one process."""

    def _split_scope(self, nodeid: str) -> str:
        return shared_by(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    """Let xdist deal out the tests in this way."""
    return Sharing(config, log)
