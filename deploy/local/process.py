"""One process: started with its own log, identified by pid and start time, ended."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.local.failure import Failure
from deploy.local.waiting import wait_until


@dataclass(frozen=True)
class ProcessIdentity:
    """A process of this machine. `born` differs between two processes with the same pid."""

    pid: int
    born: str

    @classmethod
    def of(cls, pid: int) -> "ProcessIdentity | None":
        """The process with this pid. None: there is none, or it is a zombie."""
        born = _born(pid)
        return None if born is None else cls(pid, born)

    @property
    def alive(self) -> bool:
        return _born(self.pid) == self.born

    def signal(self, number: int) -> bool:
        """Sends a signal to this process. False: it has ended."""
        if not self.alive:
            return False
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True


def _born(pid: int) -> str | None:
    return _born_in_proc(pid) if sys.platform == "linux" else _born_by_clock(pid)


def _born_in_proc(pid: int) -> str | None:
    # Ticks since boot, unlike a time of day, stay the same when the clock is set.
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, ticks = after_name[0], after_name[19]
    return None if state in "ZX" else f"{_boot()}:{ticks}"


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _born_by_clock(pid: int) -> str | None:
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else str(process.create_time())
    except psutil.NoSuchProcess:
        return None


# "Dies with its parent" means the thread that started it; so that thread lasts as long as the process.
_SPAWNER = ThreadPoolExecutor(1, thread_name_prefix="spawner")


class Process:
    """A process by name. Its output goes to `log`. Ctrl-C does not reach it, since it has its own session."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self.identity: ProcessIdentity | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def start(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path | None = None, user: str | None = None
    ) -> None:
        """Starts the process. Failure: the program does not exist."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        try:
            _SPAWNER.submit(self._spawn, list(argv), dict(env), cwd, user).result()
        except OSError as error:
            raise Failure(f"{self.name} cannot be started: {error}.", "Run `make setup` again.") from error

    def adopt(self, identity: ProcessIdentity) -> None:
        """Takes over a process that another process started."""
        self.identity, self._child = identity, None

    @property
    def alive(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return self.identity is not None and self.identity.alive

    @property
    def exit_code(self) -> int | None:
        """The exit code; negative: the signal. None: it runs, or another process started it."""
        return None if self._child is None else self._child.poll()

    @property
    def ending(self) -> str:
        """How the process ended, as text for a log line."""
        match self.exit_code:
            case None:
                return "is running" if self.alive else "is gone"
            case code if code < 0:
                return f"was ended by {signal.Signals(-code).name}"
            case _:
                return f"ended with exit code {code}"

    def end(self, with_signal: signal.Signals = signal.SIGTERM, grace: float = 30) -> None:
        """Sends a signal and waits until the process ends. After `grace` seconds it is killed."""
        _SPAWNER.submit(lambda: None).result()  # wait until an interrupted start has finished
        if not self.alive or self.identity is None:
            return
        self.identity.signal(signal.SIGCONT)
        self.identity.signal(with_signal)
        if not wait_until(lambda: not self.alive, grace, every=0.02):
            self.kill()

    def kill(self) -> None:
        """Sends SIGKILL and waits until the process has ended."""
        self._send(signal.SIGKILL)
        wait_until(lambda: not self.alive, 10, every=0.01)

    def pause(self) -> None:
        """Sends SIGSTOP: the process exists and does not run."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Sends SIGCONT."""
        self._send(signal.SIGCONT)

    def last_lines(self, count: int = 15) -> str:
        """The last lines of the log."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])

    def did_not_start(self, title: str) -> Failure:
        """The failure to raise if the process does not serve in time."""
        return Failure(
            f"{title} did not start: it {self.ending}. The end of its log:\n{self.last_lines()}",
            f"The whole log is {self.log}.",
        )

    def _spawn(self, argv: list[str], env: dict[str, str], cwd: Path | None, user: str | None) -> None:
        """Starts the process in the spawner thread: an interrupted caller still leaves its pid recorded."""
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                argv,
                env=env,
                cwd=cwd,
                user=user,
                group=user and _group_of(user),
                extra_groups=user and [],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.identity = ProcessIdentity.of(self._child.pid)

    def _send(self, number: signal.Signals) -> None:
        if self.identity is not None:
            self.identity.signal(number)


def dying_with_parent(number: signal.Signals) -> list[str]:
    """The words before a command that make it receive this signal when its parent process ends.

    Empty if the system cannot do that. Then a person has to end the child after a crash of its parent.
    """
    if sys.platform != "linux" or shutil.which("setpriv") is None:
        return []
    return ["setpriv", "--pdeathsig", number.name.removeprefix("SIG"), "--"]


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid
