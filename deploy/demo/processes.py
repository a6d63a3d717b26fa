"""What each process of the running system has used."""

from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from deploy.local.run import PartRun


@dataclass(frozen=True, slots=True)
class Use:
    """Memory in bytes, what is shared counted once; processor time in seconds since the process began."""

    memory: int
    seconds: float
    restarts: int


def uses(parts: Iterable[PartRun]) -> dict[str, Use]:
    """By part; a part that is gone is left out."""
    found = {part.name: _use(part) for part in parts}
    return {name: use for name, use in found.items() if use is not None}


def _use(part: PartRun) -> Use | None:
    try:
        parent = psutil.Process(part.process.pid) if part.process else None
    except psutil.NoSuchProcess:
        return None
    if parent is None:
        return None
    ended = parent.cpu_times().children_user + parent.cpu_times().children_system
    both = [_one(process) for process in (parent, *parent.children(recursive=True))]
    return Use(sum(memory for memory, _ in both), ended + sum(seconds for _, seconds in both), part.restarts)


def _one(process: psutil.Process) -> tuple[int, float]:
    try:
        times, full = process.cpu_times(), process.memory_full_info()
        return int(getattr(full, "pss", full.rss)), float(times.user + times.system)
    except psutil.NoSuchProcess:
        return 0, 0.0
