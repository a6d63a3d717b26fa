"""Finds the Chromium of this machine; installs it where that is allowed."""

import os
import shutil
import subprocess
from functools import cache

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_INSTALL = "apt-get install --yes --no-install-recommends chromium"
_SECONDS = 300


@cache
def chromium() -> str:
    """The path of the browser. The test fails if there is none and none can be installed."""
    found = _found() or (_installed() if _may_install() else None)
    if found is None:
        pytest.fail(f"The tests of the console need Chromium. Install it: sudo {_INSTALL}")
    return found


def arguments() -> list[str]:
    """What the browser is started with. Root has no sandbox."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def _found() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _installed() -> str | None:
    for command in ("apt-get update", _INSTALL):
        subprocess.run(command.split(), check=False, timeout=_SECONDS, stdout=subprocess.DEVNULL)
    return _found()
