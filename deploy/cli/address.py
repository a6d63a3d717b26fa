"""Where the running system is, for the commands that talk to it."""

from contracts.catalog import SERVICES
from deploy.local.control import running
from deploy.local.failure import Failure
from deploy.local.home import Home
from deploy.local.ports import LOOPBACK
from deploy.local.run import PartRun, Run


def running_here() -> Run:
    """The running system. Failure: there is none."""
    run = running(Home.chosen())
    if run is None:
        raise Failure("SER is not running here.", "Start it: ser up")
    return run


def part_named(run: Run, name: str) -> PartRun:
    """A part of the running system. Failure: it has no such part."""
    if name not in run.parts:
        raise Failure(f"There is no part {name!r}.", f"The parts are: {', '.join(run.parts)}.")
    return run.parts[name]


def address(part: PartRun) -> str:
    """Where a person or a program finds a part."""
    host = f"{LOOPBACK}:{part.port}"
    return f"http://{host}" if part.name in SERVICES else host
