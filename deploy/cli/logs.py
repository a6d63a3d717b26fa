"""`ser logs`: the end of a component's log, and its new lines."""

import time
from pathlib import Path

from deploy.cli.screen import err, out
from deploy.local.command_line import ser
from deploy.local.failure import Failure
from deploy.local.home import Home

_LOOK_SECONDS = 0.2


def show(name: str, lines: int, follow: bool) -> None:
    """Prints the last lines; with `follow` also new lines until Ctrl-C. Failure: there is no such log."""
    path = _log(name)
    err.print(f"[dim]{path}[/]", soft_wrap=True)
    with path.open(errors="replace") as log:
        for line in log.readlines()[-lines:]:
            _print(line)
        while follow:
            added = log.readline()
            if added:
                _print(added)
            else:
                time.sleep(_LOOK_SECONDS)


def _log(name: str) -> Path:
    path = Home.chosen().log(name)
    if not path.exists():
        known = sorted(log.stem for log in path.parent.glob("*.log"))
        there_are = ", ".join(known) or f"none yet; {ser('up')} creates them"
        raise Failure(f"There is no log of {name!r}.", f"The logs are: {there_are}.")
    return path


def _print(line: str) -> None:
    out.print(line.rstrip("\n"), markup=False, soft_wrap=True)
