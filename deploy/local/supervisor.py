"""The process that starts the whole system, starts again whatever dies, and stops it all when told.

`python -m deploy.local.supervisor HOME SERVICE…`; SIGTERM stops it. What it knows is in HOME/run.json.
"""

import fcntl
import os
import signal
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

from deploy.local.component import Component
from deploy.local.failure import Failure
from deploy.local.home import Home
from deploy.local.process import ProcessIdentity
from deploy.local.run import ComponentRun, Run
from deploy.local.system import System

_LOOK_SECONDS = 0.1
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 30.0
_SOUND_AFTER_SECONDS = 60.0


class StopAsked(BaseException):
    """SIGTERM: not an error, and nothing on the way may take it for one."""


@dataclass
class Watch:
    """When to restart one component. The pause doubles each time the component dies again."""

    pause: float = _FIRST_PAUSE
    launched_at: float = 0.0
    due_at: float | None = None


class Supervisor:
    """Runs one system until it is told to stop."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._watches = {name: Watch() for name in system.components}
        components = {
            name: ComponentRun(name, component.port, str(component.process.log))
            for name, component in system.components.items()
        }
        me = ProcessIdentity.of(os.getpid())
        assert me is not None
        self._run = Run(me, components=components, notes=tuple(_notes(system)))

    def run(self) -> int:
        """Exit code 0 if it was told to stop, 1 if the system could not be started."""
        try:
            return self._run_until_told()
        except Exception:
            # Whatever it is (a full disk, a run directory somebody deleted), nothing may stay behind unknown.
            self._system.stop()
            raise

    def _run_until_told(self) -> int:
        try:
            self._keep()
            self._system.start(self._report)
            self._become("running")
            self._tend_for_ever()
        except StopAsked:
            return self._stop("stopped")
        except Failure as failure:
            _say(str(failure))
            self._run = replace(self._run, problem=failure.what, remedy=failure.remedy)
            self._stop("failed")
            return 1

    def _tend_for_ever(self) -> NoReturn:
        while True:
            for name, component in self._system.components.items():
                self._tend(name, component)
            time.sleep(_LOOK_SECONDS)

    def _tend(self, name: str, component: Component) -> None:
        watch, now = self._watches[name], time.monotonic()
        if component.process.alive:
            self._greet(name, component)
        elif watch.due_at is None:
            self._mourn(name, component, now)
        elif now >= watch.due_at:
            self._relaunch(name, component, now)

    def _greet(self, name: str, component: Component) -> None:
        """A component that was started again has become ready."""
        if self._run.components[name].state == "restarting" and component.ready():
            _say(f"{name} is ready again")
            self._report(name, "ready", "")

    def _mourn(self, name: str, component: Component, now: float) -> None:
        watch = self._watches[name]
        if now - watch.launched_at > _SOUND_AFTER_SECONDS:
            watch.pause = _FIRST_PAUSE
        watch.due_at = now + watch.pause
        _say(f"{name} {component.process.ending}; it is started again in {watch.pause:.1f} s")
        self._report(name, "died", component.process.ending)

    def _relaunch(self, name: str, component: Component, now: float) -> None:
        watch = self._watches[name]
        watch.launched_at, watch.due_at = now, None
        watch.pause = min(watch.pause * 2, _LONGEST_PAUSE)
        try:
            component.launch()
        except Failure as failure:
            _say(f"{name} could not be launched: {failure}")
        restarts = self._run.components[name].restarts + 1
        self._run = self._run.with_component(name, restarts=restarts)
        self._report(name, "restarting", "")

    def _report(self, name: str, state: str, detail: str) -> None:
        process = self._system.components[name].process.identity
        self._run = self._run.with_component(name, state=state, detail=detail, process=process)
        self._keep()

    def _become(self, state: str) -> None:
        self._run = replace(self._run, state=state)
        self._keep()
        _say(state)

    def _stop(self, last_state: str) -> int:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._become("stopping")
        self._system.stop(self._report)
        self._become(last_state)
        return 0

    def _keep(self) -> None:
        self._run.write(self._system.home.run_file)


def main() -> int:
    """Supervises the run directory and services named on the command line."""
    home = Home(Path(sys.argv[1]), well_known="--any-ports" not in sys.argv)
    home.make()
    signal.signal(signal.SIGTERM, _stop_asked)
    signal.signal(signal.SIGINT, _stop_asked)
    with (home.root / "lock").open("w") as lock:
        if not _alone(lock):
            _say("another supervisor has this directory")
            return 1
        services = [word for word in sys.argv[2:] if not word.startswith("-")]
        return Supervisor(System(home, services)).run()


def _alone(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _stop_asked(number: int, frame: FrameType | None) -> None:
    raise StopAsked


def _notes(system: System) -> list[str]:
    return [
        f"port {wanted} is taken by somebody else; {name} has {system.ports[name]} instead"
        for name, wanted in system.home.moved(system.ports).items()
    ]


def _say(words: str) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
