"""Many seeds, on all cores; what broke, made as small as it can be."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context

import structlog

from tests.simulation.coverage import occurrences
from tests.simulation.promises import Evidence, broken_promises
from tests.simulation.world import Scenario, World, scenario

_CHUNK = 20


@dataclass
class Found:
    """What some seeds gave: how many were run, what happened in them, and which broke what."""

    seeds: int = 0
    occurrences: Counter[str] = field(default_factory=Counter)
    broken_promises: dict[int, list[str]] = field(default_factory=dict)

    def add(self, other: "Found") -> None:
        """Take in what other seeds gave."""
        self.seeds += other.seeds
        self.occurrences.update(other.occurrences)
        self.broken_promises.update(other.broken_promises)


def trial(told: Scenario) -> tuple[list[str], Counter[str]]:
    """Live through a scenario; what it broke, and what happened."""
    world = World(told)
    try:
        world.run()
    except TimeoutError as restless:
        return [f"P7: {restless}"], world.seen
    except Exception as failure:
        return [f"crash: {failure!r}"], world.seen
    return broken_promises(world), occurrences(Evidence(world))


def run(seeds: Sequence[int]) -> Found:
    """Live through seeds, one after another."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    found = Found(len(seeds))
    for seed in seeds:
        how, what = trial(scenario(seed))
        found.occurrences.update(what)
        if how:
            found.broken_promises[seed] = how
    return found


def campaign(first: int, seeds: int) -> Iterator[Found]:
    """All seeds from the first, on all cores; the sum of what was found, as it grows."""
    chunks = [range(at, min(at + _CHUNK, first + seeds)) for at in range(first, first + seeds, _CHUNK)]
    total = Found()
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for found in pool.map(run, chunks):
            total.add(found)
            yield total


def shrunk(told: Scenario) -> Scenario:
    """A scenario with as few acts and faults as still break the same promise."""
    promise = trial(told)[0][0].partition(":")[0]

    def breaks(smaller: Scenario) -> bool:
        return any(how.startswith(f"{promise}:") for how in trial(smaller)[0])

    size = max(1, len(told.acts) // 2)
    while True:
        smaller = next(filter(breaks, _without_some(told, size)), None)
        if smaller is not None:
            told = smaller
        elif size == 1:
            return told
        else:
            size //= 2


def _without_some(told: Scenario, size: int) -> Iterator[Scenario]:
    for at in range(0, len(told.faults), size):
        yield replace(told, faults=[*told.faults[:at], *told.faults[at + size :]])
    for at in range(0, len(told.acts), size):
        yield replace(told, acts=[*told.acts[:at], *told.acts[at + size :]])


def shown(told: Scenario) -> Iterator[str]:
    """A scenario, a line for each record that happens."""
    yield f"seed {told.seed}, {len(told.acts)} acts and {len(told.faults)} faults:"
    records = [(act.at, f"{act.what} on {act.topic} for {(act.key or b'').decode()}") for act in told.acts]
    records += [(f.at, f"FAULT {f.kind} for {f.seconds} s, victim {f.victim}") for f in told.faults]
    for at, what in sorted(records):
        yield f"  {at:7.2f} s  {what}"
