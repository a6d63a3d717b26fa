"""The process that starts the whole system, restarts a component that dies, and stops everything on SIGTERM.

Call: `python -m deploy.local.supervisor HOME PROGRAM…`. SIGTERM stops it. Its state is in HOME/run.json.
If an earlier supervisor was killed and its components still run, this one takes them over and restarts none.
"""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

from deploy.local.component import Component
from deploy.local.failure import Failure
from deploy.local.home import Home
from deploy.local.process import ProcessIdentity
from deploy.local.program import PROGRAMS
from deploy.local.run import ComponentRun, Run, read_run
from deploy.local.system import System

_CHECK_SECONDS = 0.1
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 30.0
_STABLE_AFTER_SECONDS = 60.0


class StopRequested(BaseException):
    """SIGTERM arrived. It is no error, so no `except Exception` may catch it."""


@dataclass
class RestartPlan:
    """When to restart one component. The pause doubles each time the component dies again."""

    pause: float = _FIRST_PAUSE
    launched_at: float = 0.0
    due_at: float | None = None


class Supervisor:
    """Runs one system until SIGTERM. `survivors`: components that an earlier supervisor left running."""

    def __init__(self, system: System, survivors: Mapping[str, ComponentRun]) -> None:
        self._system = system
        self._plans = {name: RestartPlan() for name in system.components}
        me = ProcessIdentity.of(os.getpid())
        assert me is not None
        self._run = Run(
            me, components=_component_runs(system, survivors), notes=tuple(_notes(system, survivors))
        )

    def run(self) -> int:
        """Runs until SIGTERM. Exit code 0: stopped by SIGTERM; 1: the system could not start."""
        try:
            return self._start_and_watch()
        except Exception:
            # After an unforeseen error (a full disk, a deleted run directory) no process may keep running.

            self._system.stop()
            raise

    def _start_and_watch(self) -> int:
        try:
            self._write_run()
            self._system.start(self._report)
            self._set_state("running")
            self._watch()
        except StopRequested:
            return self._stop("stopped")
        except Failure as failure:
            _log(str(failure))
            self._run = replace(self._run, problem=failure.what, remedy=failure.remedy)
            self._stop("failed")
            return 1

    def _watch(self) -> NoReturn:
        while True:
            for name, component in self._system.components.items():
                self._check(name, component)
            time.sleep(_CHECK_SECONDS)

    def _check(self, name: str, component: Component) -> None:
        plan, now = self._plans[name], time.monotonic()
        if component.process.alive:
            self._report_ready_again(name, component)
        elif plan.due_at is None:
            self._plan_restart(name, component, now)
        elif now >= plan.due_at:
            self._restart(name, component, now)

    def _report_ready_again(self, name: str, component: Component) -> None:
        if self._run.components[name].state == "restarting" and component.ready():
            _log(f"{name} is ready again")
            self._report(name, "ready", "")

    def _plan_restart(self, name: str, component: Component, now: float) -> None:
        plan, ending = self._plans[name], component.process.ending
        if now - plan.launched_at > _STABLE_AFTER_SECONDS:
            plan.pause = _FIRST_PAUSE
        plan.due_at = now + plan.pause
        _log(f"{name} {ending}; the supervisor restarts it in {plan.pause:.1f} s")
        self._report(name, "died", ending)

    def _restart(self, name: str, component: Component, now: float) -> None:
        plan = self._plans[name]
        plan.launched_at, plan.due_at = now, None
        plan.pause = min(plan.pause * 2, _LONGEST_PAUSE)
        try:
            component.launch()
        except Failure as failure:
            _log(f"{name} could not be launched: {failure}")
        restarts = self._run.components[name].restarts + 1
        self._run = self._run.with_component(name, restarts=restarts)
        self._report(name, "restarting", "")

    def _report(self, name: str, state: str, detail: str) -> None:
        process = self._system.components[name].process.identity
        self._run = self._run.with_component(name, state=state, detail=detail, process=process)
        self._write_run()

    def _set_state(self, state: str) -> None:
        self._run = replace(self._run, state=state)
        self._write_run()
        _log(state)

    def _stop(self, last_state: str) -> int:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._set_state("stopping")
        self._system.stop(self._report)
        self._set_state(last_state)
        return 0

    def _write_run(self) -> None:
        self._run.write(self._system.home.run_file)


def main() -> int:
    """Supervises the services named on the command line, in the run directory named before them."""
    home = Home(Path(sys.argv[1]), well_known="--any-ports" not in sys.argv)
    home.make()
    signal.signal(signal.SIGTERM, _request_stop)
    signal.signal(signal.SIGINT, _request_stop)
    with (home.root / "lock").open("w") as lock:
        if not _acquire(lock):
            _log("another supervisor has this directory")
            return 1
        wanted = {word for word in sys.argv[2:] if not word.startswith("-")}
        return _supervisor(home, wanted).run()


def _supervisor(home: Home, wanted: set[str]) -> Supervisor:
    """A supervisor of the wanted programs and of every component that still runs here."""
    last_run = read_run(home.run_file)
    survivors = {component.name: component for component in last_run.survivors} if last_run else {}
    programs = [name for name in PROGRAMS if name in wanted | survivors.keys()]
    system = System(home, programs, still_running=survivors.keys())
    for name, component in survivors.items():
        assert component.process is not None
        system.components[name].process.adopt(component.process)
    return Supervisor(system, survivors)


def _component_runs(system: System, survivors: Mapping[str, ComponentRun]) -> dict[str, ComponentRun]:
    """The components before the start. A survivor keeps its process and its number of restarts."""
    return {
        name: ComponentRun(
            name,
            component.port,
            str(component.process.log),
            restarts=survivors[name].restarts if name in survivors else 0,
            process=component.process.identity,
        )
        for name, component in system.components.items()
    }


def _notes(system: System, survivors: Mapping[str, ComponentRun]) -> list[str]:
    taken_over = [name for name in system.components if name in survivors]
    notes = [f"an earlier supervisor ended without stopping {', '.join(taken_over)}; this one takes over"]
    moved = system.home.moved_ports(system.ports)
    return (notes if taken_over else []) + [
        f"another program has port {wanted}; {name} has {system.ports[name]} instead"
        for name, wanted in moved.items()
    ]


def _acquire(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _request_stop(number: int, frame: FrameType | None) -> None:
    raise StopRequested


def _log(text: str) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
