"""Where the running system is, for the commands that talk to it."""

from deploy.local.command_line import ser
from deploy.local.control import find_run
from deploy.local.failure import Failure
from deploy.local.home import WELL_KNOWN, Home
from deploy.local.ports import LOOPBACK, is_free
from deploy.local.program import PROGRAMS
from deploy.local.run import Run


def running_here() -> Run:
    """The system of this run directory, with or without its supervisor. Failure: nothing of it runs."""
    run = find_run(Home.chosen())
    if run is None:
        raise _not_running()
    return run


def address_of(name: str) -> str:
    """The address of a component of this run directory's system, else its well-known port, as in containers.

    Failure: it is nowhere.
    """
    run = find_run(Home.chosen())
    if run is not None:
        if name not in run.components:
            raise Failure(
                f"{name} was not started.",
                f"What runs: {', '.join(run.components)}. Start all: {ser('down')}, {ser('up')}",
            )
        return address(name, run.components[name].port)
    if is_free(WELL_KNOWN[name]):
        raise _not_running()
    return address(name, WELL_KNOWN[name])


def address(name: str, port: int) -> str:
    """How a person or a program writes down where a component listens."""
    host = f"{LOOPBACK}:{port}"
    return f"http://{host}" if name in PROGRAMS else host


def _not_running() -> Failure:
    return Failure("SER is not running here.", f"Start it: {ser('up')}")
