"""A thousand simulated histories with faults keep all promises, and the simulation notices defects."""

from dataclasses import replace

import pytest
import structlog

from tests.simulation.campaign import Found, campaign, shown, shrunk, trial
from tests.simulation.collisions import a_closed_child_is_merged
from tests.simulation.coverage import OCCURRENCES
from tests.simulation.defects import DEFECTS, Defect
from tests.simulation.promises import broken_promises
from tests.simulation.workload import SECONDS
from tests.simulation.world import World, scenario

_SEEDS = 1000
_SEEDS_FOR_A_DEFECT = 300


@pytest.fixture(autouse=True)
def quiet() -> None:
    """Turns off the log lines that simulated faults cause."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))


@pytest.mark.timeout(900)
def test_no_history_breaks_a_promise() -> None:
    """A thousand histories with crashes and collisions keep every promise, and reach every situation."""
    found = Found()
    for found in campaign(first=0, seeds=_SEEDS):
        assert not found.broken_promises, _told(found)

    assert found.seeds == _SEEDS
    assert not [what for what in OCCURRENCES if not found.occurrences[what]]


def _told(found: Found) -> str:
    seed, how = min(found.broken_promises.items())
    return "\n".join([f"seed {seed}", *how, *shown(shrunk(scenario(seed)))])


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(1_001_865, id="an id used again under another student's key was the first use"),
        pytest.param(1_033_348, id="offsets from before a rebalance were committed after it"),
    ],
)
def test_what_a_campaign_found_stays_mended(seed: int) -> None:
    """The histories in which a campaign once found a fault keep every promise."""
    assert trial(scenario(seed))[0] == []


@pytest.mark.parametrize("late", ["JurisdictionEnded", "SpellMoved", "StateIdMerged"])
def test_a_closed_child_is_merged(late: str) -> None:
    """The services of a closed spell end, whichever of the news reaches provision last."""
    world = World(a_closed_child_is_merged(seed=1))
    world.kafka.groups["provision"].late[late] = SECONDS
    assert broken_promises(world.run()) == []


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_noticed(defect: Defect) -> None:
    """The simulation notices which promise a defect breaks."""
    with defect.patched():
        for seed in range(_SEEDS_FOR_A_DEFECT):
            world = defect.world(scenario(seed))
            try:
                found = broken_promises(world.run())
            except TimeoutError:
                found = ["P7: it never came to rest"]
            if any(how.startswith(f"{defect.promise}:") for how in found):
                return
    pytest.fail(f"{_SEEDS_FOR_A_DEFECT} histories, and {defect.promise} was never seen broken")


def test_a_seed_tells_the_same_story_twice() -> None:
    """A seed gives the same history each time, message by message."""
    one, other = World(scenario(7)).run(), World(scenario(7)).run()

    assert one.kafka.records(lambda topic: True) == other.kafka.records(lambda topic: True)
    assert one.scheduler.now == other.scheduler.now


def test_what_broke_a_promise_is_made_small() -> None:
    """The simulation shrinks a history to the acts and faults that break the promise."""
    defect = DEFECTS["every transfer is cleared"]
    with defect.patched():
        chosen = next(chosen for chosen in map(scenario, range(_SEEDS_FOR_A_DEFECT)) if trial(chosen)[0])
        small = shrunk(chosen)

        assert trial(small)[0]
        for act in small.acts:
            assert not trial(replace(small, acts=[other for other in small.acts if other is not act]))[0]
    assert not trial(small)[0]
    assert "ClaimJurisdiction" in "\n".join(shown(small))
