"""One of the five services, as a process of this machine."""

import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from deploy.local.failure import Failure
from deploy.local.home import TREE
from deploy.local.ports import LOOPBACK
from deploy.local.process import Process, ProcessIdentity, dying_with_parent
from deploy.local.waiting import wait_until

_START_SECONDS = 180
_MIGRATION_SECONDS = 180
_ANSWER_SECONDS = 2


@dataclass(frozen=True)
class Health:
    """What a service says of itself: ready or not, why not, and how many records it still has to read."""

    ready: bool
    reasons: str = ""
    lag: int | None = None


class ServiceProcess:
    """The service whose program is `services.NAME.app`; settings are its environment (SER_…)."""

    def __init__(
        self,
        name: str,
        port: int,
        settings: Mapping[str, str],
        log: Path,
        *,
        dies_with_parent: bool = False,
    ) -> None:
        self.name = name
        self.port = port
        self.process = Process(name, log)
        self._migration = Process(f"{name}'s migration", log)
        self._program = f"services.{name}.app"
        self._settings = dict(settings) | {"SER_HTTP_HOST": LOOPBACK, "SER_HTTP_PORT": str(port)}
        self._before = dying_with_parent(signal.SIGKILL) if dies_with_parent else []

    @property
    def url(self) -> str:
        """Where it answers people and programs."""
        return f"http://{LOOPBACK}:{self.port}"

    def start_migrating(self) -> None:
        """Begins to bring the database's tables to what the code expects."""
        self._run(self._migration, "migrate")

    def finish_migrating(self) -> None:
        """Returns when the tables are as the code expects. Failure: they are not."""
        wait_until(lambda: not self._migration.alive, _MIGRATION_SECONDS)
        if self._migration.exit_code != 0:
            self._migration.kill()
            raise Failure(
                f"The tables of {self.name} could not be brought up to date: the migration"
                f" {self._migration.ending}. Its last words:\n{self._migration.last_lines()}",
                f"The whole log is {self._migration.log}.",
            )

    def launch(self) -> None:
        """Starts the process; does not wait for it."""
        self._run(self.process, "run")

    def wait(self, seconds: float = _START_SECONDS) -> None:
        """Returns when it is ready. Failure: it died, or was not ready within the time."""
        wait_until(lambda: self.ready() or not self.process.alive, seconds, every=0.1)
        health = self.health()
        if not health.ready:
            failure = self.process.did_not_start(self.name)
            raise Failure(f"{failure.what}\nReadiness: {health.reasons}.", failure.remedy)

    def ready(self) -> bool:
        """Whether it answers, and says that it moves."""
        return self.process.alive and self.health().ready

    def health(self) -> Health:
        """What it says of itself."""
        return health_of(self.port, self.process.identity)

    def stop(self) -> None:
        """Graceful: the batch in hand is finished."""
        self._migration.end()
        self.process.end(grace=60)

    def kill(self) -> None:
        """As a crash would."""
        self.process.kill()

    def _run(self, process: Process, what: str) -> None:
        argv = [*self._before, sys.executable, "-m", self._program, what]
        process.start(argv, env=_inherited() | self._settings, cwd=TREE)


def health_of(port: int, process: ProcessIdentity | None) -> Health:
    """What a process, which is a service on this loopback port, says of its readiness; not ready if it does
    not answer, or if another one does: two systems that start at once may have chosen the same port."""
    connection = HTTPConnection(LOOPBACK, port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        said = json.loads(answer.read())
    except (OSError, HTTPException, ValueError):
        return Health(ready=False, reasons="it does not answer")
    finally:
        connection.close()
    if process is None or not isinstance(said, dict) or said.get("process") != process.pid:
        return Health(
            ready=False,
            reasons=f"another process has port {port}: after `ser down`, `ser up` chooses a free one",
        )
    return Health(answer.status == HTTPStatus.OK, "; ".join(said.get("reasons", ())), said.get("lag"))


def _inherited() -> dict[str, str]:
    """A service sees what it needs of the caller's environment, and every setting given by hand (SER_…)."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("SER_")}
    kept |= {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(TREE)}
