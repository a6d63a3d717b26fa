"""Measures the memory and processor time of each component."""

from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from deploy.local.run import ComponentRun


@dataclass(frozen=True, slots=True)
class Usage:
    """Memory in bytes, with shared memory counted once; processor time in seconds since the start."""

    memory: int
    seconds: float
    restarts: int


def measure_usage(components: Iterable[ComponentRun]) -> dict[str, Usage]:
    """The usage of each component that runs, by name."""
    found = {component.name: _measure(component) for component in components}
    return {name: use for name, use in found.items() if use is not None}


def _measure(component: ComponentRun) -> Usage | None:
    try:
        parent = psutil.Process(component.process.pid) if component.process else None
    except psutil.NoSuchProcess:
        return None
    if parent is None:
        return None
    ended = parent.cpu_times().children_user + parent.cpu_times().children_system
    both = [_measure_process(process) for process in (parent, *parent.children(recursive=True))]
    return Usage(
        sum(memory for memory, _ in both), ended + sum(seconds for _, seconds in both), component.restarts
    )


def _measure_process(process: psutil.Process) -> tuple[int, float]:
    try:
        times, full = process.cpu_times(), process.memory_full_info()
        return int(getattr(full, "pss", full.rss)), float(times.user + times.system)
    except psutil.NoSuchProcess:
        return 0, 0.0
