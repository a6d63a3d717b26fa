"""Starts and stops the whole system from outside: for `ser`, and for tests with a system of their own."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.local.failure import Failure
from deploy.local.home import TREE, Home
from deploy.local.process import Process, dying_with_parent
from deploy.local.program import PROGRAMS
from deploy.local.run import ComponentRun, Run, read_run
from deploy.local.waiting import wait_until

_APPEAR_SECONDS = 30
_START_SECONDS = 600
_STOP_SECONDS = 240

Watch = Callable[[Run], None]
"""Called with the current run, again and again, while a function here waits."""


def running(home: Home) -> Run | None:
    """The run of this directory, if its supervisor runs."""
    run = read_run(home.run_file)
    return run if run is not None and run.alive else None


def find_run(home: Home) -> Run | None:
    """The run of this directory, if its supervisor or one of its components runs."""
    run = read_run(home.run_file)
    return run if run is not None and (run.alive or run.survivors) else None


def up(
    home: Home,
    programs: Sequence[str] = PROGRAMS,
    watch: Watch = lambda run: None,
    *,
    dies_with_caller: bool = False,
) -> Run:
    """Starts every component and returns when all are ready. Joins a start that is under way.

    The system outlives the caller, unless dies_with_caller. If a killed supervisor left components running,
    a new supervisor takes them over without a restart, and starts the others.
    Failure: a component did not start; then no process is left running.
    """
    if running(home) is None:
        _launch(home, programs, dying_with_parent(signal.SIGTERM) if dies_with_caller else [])
    run = _follow(home, watch, lambda run: run.state != "starting", _START_SECONDS)
    if run.state != "running":
        run = _follow(home, watch, lambda run: not run.alive, _STOP_SECONDS)
        end_survivors(home)
        raise _failure(home, run)
    return run


def down(home: Home, watch: Watch = lambda run: None) -> list[str]:
    """Stops every component, last started first. Returns the names of those that ran."""
    run = find_run(home)
    if run is None:
        return []
    were_running = [component.name for component in run.survivors]
    if run.supervisor.signal(signal.SIGTERM):
        _follow(home, watch, lambda run: not run.alive, _STOP_SECONDS)
        run.supervisor.signal(signal.SIGKILL)
    end_survivors(home)
    return were_running


def end_survivors(home: Home) -> list[str]:
    """Ends every component that still runs and returns their names. The supervisor must have ended."""
    run = read_run(home.run_file)
    survivors = run.survivors if run else []
    for component in survivors:
        _end(component)
    return [component.name for component in survivors]


def _launch(home: Home, programs: Sequence[str], before: list[str]) -> None:
    """Starts a supervisor and returns when the supervisor has written the run file for the first time."""
    home.make()
    argv = [*before, sys.executable, "-m", "deploy.local.supervisor", str(home.root), *programs]
    if not home.well_known:
        argv.append("--any-ports")
    process = Process("supervisor", home.log("supervisor"))
    process.start(argv, env=os.environ | {"PYTHONPATH": str(TREE)}, cwd=TREE)

    def appeared() -> bool:
        run = read_run(home.run_file)
        return not process.alive or (run is not None and run.supervisor == process.identity)

    if not wait_until(appeared, _APPEAR_SECONDS) or not process.alive:
        raise process.did_not_start("The supervisor")


def _follow(home: Home, watch: Watch, enough: Callable[[Run], bool], seconds: float) -> Run:
    """Watches the run until `enough` is true, the supervisor has ended, or `seconds` are over."""

    def done() -> bool:
        run = _latest(home)
        watch(run)
        return enough(run) or not run.alive

    wait_until(done, seconds)
    return _latest(home)


def _latest(home: Home) -> Run:
    run = read_run(home.run_file)
    if run is None:
        raise Failure(f"{home.run_file} disappeared while the system ran.", "Was the run directory deleted?")
    return run


def _end(component: ComponentRun) -> None:
    assert component.process is not None
    process = Process(component.name, Path(component.log))
    process.adopt(component.process)
    process.end(signal.SIGINT if component.name == "postgres" else signal.SIGTERM, grace=60)


def _failure(home: Home, run: Run) -> Failure:
    if run.problem:
        return Failure(run.problem, run.remedy)
    log = home.log("supervisor")
    return Failure(f"The system was stopped while it started ({run.state}).", f"Its log is {log}.")
