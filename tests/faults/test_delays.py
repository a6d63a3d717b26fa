"""Events of different topics are late against each other (family 10)."""

from random import Random

import pytest

from contracts.catalog import events
from tests.faults.delays import late
from tests.faults.stage import Stage, lasting
from tests.faults.verdict import Court
from tests.faults.workload import Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

_LATEST = 30.0
_SECONDS = 75


@pytest.mark.parametrize("draw", [1, 2])
async def test_topics_late_against_each_other(stage: Stage, court: Court, draw: int) -> None:
    """Events that overtake each other by up to half a minute lead to the same record in the end."""
    lateness = drawn(Random(draw))
    async with (
        Workload(stage, 400 + draw, window=60).running(fewest=40) as load,
        late(stage, lateness) as counted,
    ):
        await lasting(_SECONDS)

    words = f"{counted[0]:,} late"
    await court.judge(f"10 topics late by up to {_LATEST:.0f} s ({draw})", load, counted[0], words=words)


def drawn(draw: Random) -> dict[str, float]:
    """How late each topic is: some not at all, some by a few seconds, some by up to half a minute."""
    topics = sorted({entry.topic() for entry in events().values()})
    return {topic: draw.choice((0.0, draw.uniform(0, 5), draw.uniform(20, _LATEST))) for topic in topics}
