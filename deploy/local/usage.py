"""What each process of the running system has used."""

from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from deploy.local.run import ComponentRun


@dataclass(frozen=True, slots=True)
class Usage:
    """Memory in bytes, what is shared counted once; processor time in seconds since the process began."""

    memory: int
    seconds: float
    restarts: int


def measure_usage(components: Iterable[ComponentRun]) -> dict[str, Usage]:
    """By component; a component that is gone is left out."""
    found = {component.name: _use(component) for component in components}
    return {name: use for name, use in found.items() if use is not None}


def _use(component: ComponentRun) -> Usage | None:
    try:
        parent = psutil.Process(component.process.pid) if component.process else None
    except psutil.NoSuchProcess:
        return None
    if parent is None:
        return None
    ended = parent.cpu_times().children_user + parent.cpu_times().children_system
    both = [_one(process) for process in (parent, *parent.children(recursive=True))]
    return Usage(
        sum(memory for memory, _ in both), ended + sum(seconds for _, seconds in both), component.restarts
    )


def _one(process: psutil.Process) -> tuple[int, float]:
    try:
        times, full = process.cpu_times(), process.memory_full_info()
        return int(getattr(full, "pss", full.rss)), float(times.user + times.system)
    except psutil.NoSuchProcess:
        return 0, 0.0
