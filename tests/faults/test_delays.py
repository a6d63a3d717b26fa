"""Events of different topics have different delays (family 10)."""

from random import Random

import pytest

from contracts.catalog import events
from tests.faults.delays import late
from tests.faults.judging import Judge
from tests.faults.proxied_system import ProxiedSystem, wait_seconds
from tests.faults.workload import Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

_LATEST = 30.0
_SECONDS = 75


@pytest.mark.parametrize("draw", [1, 2])
async def test_topics_late_against_each_other(system: ProxiedSystem, judge: Judge, draw: int) -> None:
    """Events overtake each other by up to 30 seconds. The records are the same in the end."""
    lateness = drawn(Random(draw))
    async with (
        Workload(system, 400 + draw, window=60).running(fewest=40) as load,
        late(system, lateness) as counted,
    ):
        await wait_seconds(_SECONDS)

    words = f"{counted[0]:,} late"
    await judge.check(f"10 topics late by up to {_LATEST:.0f} s ({draw})", load, counted[0], words=words)


def drawn(draw: Random) -> dict[str, float]:
    """A delay for each topic: none, up to 5 seconds, or 20 to 30 seconds."""
    topics = sorted({entry.topic() for entry in events().values()})
    return {topic: draw.choice((0.0, draw.uniform(0, 5), draw.uniform(20, _LATEST))) for topic in topics}
