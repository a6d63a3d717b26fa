"""Runs many seeds on all cores, and shrinks the scenarios that break a promise."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context

import structlog

from services.chassis.hosting.collecting import collect_rarely
from tests.simulation.coverage import occurrences
from tests.simulation.promises import Evidence, broken_promises
from tests.simulation.world import Scenario, World, scenario

_CHUNK = 20


@dataclass
class Found:
    """The result of some seeds: their number, the situations, and the broken promises by seed."""

    seeds: int = 0
    occurrences: Counter[str] = field(default_factory=Counter)
    broken_promises: dict[int, list[str]] = field(default_factory=dict)

    def add(self, other: "Found") -> None:
        """Add the result of other seeds."""
        self.seeds += other.seeds
        self.occurrences.update(other.occurrences)
        self.broken_promises.update(other.broken_promises)


def trial(chosen: Scenario) -> tuple[list[str], Counter[str]]:
    """Run a scenario. Returns the broken promises and the situations."""
    world = World(chosen)
    try:
        world.run()
    except TimeoutError as restless:
        return [f"P7: {restless}"], world.seen
    except Exception as failure:
        return [f"crash: {failure!r}"], world.seen
    return broken_promises(world), occurrences(Evidence(world))


def run(seeds: Sequence[int]) -> Found:
    """Run seeds one after another."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    found = Found(len(seeds))
    for seed in seeds:
        how, what = trial(scenario(seed))
        found.occurrences.update(what)
        if how:
            found.broken_promises[seed] = how
    return found


def campaign(first: int, seeds: int) -> Iterator[Found]:
    """Run all seeds from the first on all cores. Yields the sum of the results as it grows."""
    chunks = [range(at, min(at + _CHUNK, first + seeds)) for at in range(first, first + seeds, _CHUNK)]
    total = Found()
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), collect_rarely) as pool:
        for found in pool.map(run, chunks):
            total.add(found)
            yield total


def shrunk(chosen: Scenario) -> Scenario:
    """The scenario with as few acts and faults as still break the same promise."""
    promise = trial(chosen)[0][0].partition(":")[0]

    def breaks(smaller: Scenario) -> bool:
        return any(how.startswith(f"{promise}:") for how in trial(smaller)[0])

    size = max(1, len(chosen.acts) // 2)
    while True:
        smaller = next(filter(breaks, _without_some(chosen, size)), None)
        if smaller is not None:
            chosen = smaller
        elif size == 1:
            return chosen
        else:
            size //= 2


def _without_some(chosen: Scenario, size: int) -> Iterator[Scenario]:
    for at in range(0, len(chosen.faults), size):
        yield replace(chosen, faults=[*chosen.faults[:at], *chosen.faults[at + size :]])
    for at in range(0, len(chosen.acts), size):
        yield replace(chosen, acts=[*chosen.acts[:at], *chosen.acts[at + size :]])


def shown(chosen: Scenario) -> Iterator[str]:
    """The scenario as text, a line for each act and fault."""
    yield f"seed {chosen.seed}, {len(chosen.acts)} acts and {len(chosen.faults)} faults:"
    records = [(act.at, f"{act.what} on {act.topic} for {(act.key or b'').decode()}") for act in chosen.acts]
    records += [(f.at, f"FAULT {f.kind} for {f.seconds} s, victim {f.victim}") for f in chosen.faults]
    for at, what in sorted(records):
        yield f"  {at:7.2f} s  {what}"
