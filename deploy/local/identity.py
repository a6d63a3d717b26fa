"""Which process a number means: a pid is used again, a pid with its birth is not."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Identity:
    """A process of this machine. born is opaque: the next process with the same pid has another."""

    pid: int
    born: str

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
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
