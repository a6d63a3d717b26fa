"""One child process: started with a log of its own, ended by identity."""

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
    """A process of this machine. born is opaque: the next process with the same pid has another."""

    pid: int
    born: str

    @classmethod
    def of(cls, pid: int) -> "ProcessIdentity | None":
        """The process that has this pid now; None if there is none or it has ended and waits to be reaped."""
        born = _born(pid)
        return None if born is None else cls(pid, born)

    @property
    def alive(self) -> bool:
        return _born(self.pid) == self.born

    def signal(self, number: int) -> bool:
        """Sends a signal to this very process; False if it is gone."""
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
    """A child by name. Its output is added to log. Ctrl-C does not reach it: its session is its own."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self.identity: ProcessIdentity | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def start(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path | None = None, user: str | None = None
    ) -> None:
        """Starts the child; a Failure names a program that is not there."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        try:
            _SPAWNER.submit(self._spawn, list(argv), dict(env), cwd, user).result()
        except OSError as error:
            raise Failure(f"{self.name} cannot be started: {error}.", "Run `make setup` again.") from error

    def adopt(self, identity: ProcessIdentity) -> None:
        """Takes over a process that somebody else started."""
        self.identity, self._child = identity, None

    @property
    def alive(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return self.identity is not None and self.identity.alive

    @property
    def exit_code(self) -> int | None:
        """How the child ended; None while it runs, or if somebody else started it. Negative: the signal."""
        return None if self._child is None else self._child.poll()

    @property
    def ending(self) -> str:
        """How the child ended, for a log line."""
        match self.exit_code:
            case None:
                return "is running" if self.alive else "is gone"
            case code if code < 0:
                return f"was ended by {signal.Signals(-code).name}"
            case _:
                return f"ended with exit code {code}"

    def end(self, with_signal: signal.Signals = signal.SIGTERM, grace: float = 30) -> None:
        """Asks the process to end and waits; past grace seconds it is killed."""
        _SPAWNER.submit(lambda: None).result()  # a start that was interrupted has come to its end
        if not self.alive or self.identity is None:
            return
        self.identity.signal(signal.SIGCONT)
        self.identity.signal(with_signal)
        if not wait_until(lambda: not self.alive, grace, every=0.02):
            self.kill()

    def kill(self) -> None:
        """SIGKILL, and waits until the process is gone."""
        self._send(signal.SIGKILL)
        wait_until(lambda: not self.alive, 10, every=0.01)

    def pause(self) -> None:
        """SIGSTOP: it lives and does not move."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._send(signal.SIGCONT)

    def last_lines(self, count: int = 15) -> str:
        """The end of the log, for a person who asks why."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])

    def did_not_start(self, title: str) -> Failure:
        """The failure to raise when the child did not come to serve in time."""
        return Failure(
            f"{title} did not start: it {self.ending}. Its last words:\n{self.last_lines()}",
            f"The whole log is {self.log}.",
        )

    def _spawn(self, argv: list[str], env: dict[str, str], cwd: Path | None, user: str | None) -> None:
        """Runs to its end even if whoever asked for it is interrupted, so that no child stays unknown."""
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
    """What to put before a command so that it gets this signal when the process that started it ends.

    Empty where the system has no such thing; after a crash of its parent the child is then ended by hand.
    """
    if sys.platform != "linux" or shutil.which("setpriv") is None:
        return []
    return ["setpriv", "--pdeathsig", number.name.removeprefix("SIG"), "--"]


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid
