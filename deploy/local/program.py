"""Runs one of our own programs as a process of this machine: a service, the issuer, intake, the console."""

import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from contracts.catalog import SERVICES
from deploy.local.failure import Failure
from deploy.local.home import TREE
from deploy.local.ports import LOOPBACK
from deploy.local.process import Process, ProcessIdentity, dying_with_parent
from deploy.local.waiting import wait_until

PROGRAMS = (*SERVICES, "issuer", "intake", "console")
"""Our own programs in the order of starting. Each answers HTTP."""

_START_SECONDS = 180
_MIGRATION_SECONDS = 180
_ANSWER_SECONDS = 2


@dataclass(frozen=True)
class Health:
    """The health of a component: ready or not, the reasons, and how many messages it still has to read."""

    ready: bool
    reasons: str = ""
    lag: int | None = None


class ProgramProcess:
    """The process of a Python module with the commands `run` and, if it has a database, `migrate`.

    `settings`: its environment (SER_…).
    """

    def __init__(
        self,
        name: str,
        module: str,
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
        self._module = module
        self._settings = settings
        self._before = dying_with_parent(signal.SIGKILL) if dies_with_parent else []

    @property
    def url(self) -> str:
        """The base URL of its HTTP."""
        return f"http://{LOOPBACK}:{self.port}"

    def start_migrating(self) -> None:
        """Starts the migration of the database to the tables that the code expects."""
        self._run(self._migration, "migrate")

    def finish_migrating(self) -> None:
        """Returns when the migration is done. Failure: the migration failed."""
        wait_until(lambda: not self._migration.alive, _MIGRATION_SECONDS)
        if self._migration.exit_code != 0:
            self._migration.kill()
            raise Failure(
                f"The tables of {self.name} could not be brought up to date: the migration"
                f" {self._migration.ending}. The end of its log:\n{self._migration.last_lines()}",
                f"The whole log is {self._migration.log}.",
            )

    def launch(self) -> None:
        """Starts the process. Does not wait for it."""
        self._run(self.process, "run")

    def wait(self, seconds: float = _START_SECONDS) -> None:
        """Returns when the program is ready. Failure: it ended, or was not ready in time."""
        wait_until(lambda: self.ready() or not self.process.alive, seconds, every=0.1)
        health = self.health()
        if not health.ready:
            failure = self.process.did_not_start(self.name)
            raise Failure(f"{failure.what}\nReadiness: {health.reasons}.", failure.remedy)

    def ready(self) -> bool:
        """Whether the program answers and says that it is ready."""
        return self.process.alive and self.health().ready

    def health(self) -> Health:
        """What the program says about its readiness."""
        return health_of(self.port, self.process.identity)

    def stop(self) -> None:
        """Ends the program gracefully: a service finishes its current batch."""
        self._migration.end()
        self.process.end(grace=60)

    def kill(self) -> None:
        """Kills the program, as a crash would."""
        self.process.kill()

    def _run(self, process: Process, what: str) -> None:
        argv = [*self._before, sys.executable, "-m", self._module, what]
        process.start(argv, env=_inherited() | dict(self._settings), cwd=TREE)


def health_of(port: int, process: ProcessIdentity | None) -> Health:
    """What the program on this loopback port says about its readiness.

    Not ready: it does not answer, or another process has its port. Two systems that start at the same time
    may choose the same port.
    """
    connection = HTTPConnection(LOOPBACK, port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        body = json.loads(answer.read())
    except (OSError, HTTPException, ValueError):
        return Health(ready=False, reasons="it does not answer")
    finally:
        connection.close()
    if process is None or not isinstance(body, dict) or body.get("process") != process.pid:
        return Health(
            ready=False,
            reasons=f"another process has port {port}: after `ser down`, `ser up` chooses a free one",
        )
    return Health(answer.status == HTTPStatus.OK, "; ".join(body.get("reasons", ())), body.get("lag"))


def _inherited() -> dict[str, str]:
    """The caller's environment for a program: a few necessary names and every SER_… setting."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("SER_")}
    kept |= {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(TREE)}
