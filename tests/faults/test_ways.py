"""The way to Kafka or to PostgreSQL is slow, half dead, or cut in one direction (families 5 and 7)."""

import pytest

from tests.faults.proxy import Conduct, Proxy, Way
from tests.faults.stage import Stage, lasting
from tests.faults.verdict import Court
from tests.faults.workload import Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

_SECONDS = 25
"""Longer than a session of a group, and than a statement may take on the stage."""

_FAMILIES = {"kafka": 710, "postgres": 550}

WAYS = {
    "slow": Conduct(seconds=0.1),
    "half-open": Conduct(swallowed=frozenset(Way)),
    "cut towards it": Conduct(swallowed=frozenset({Way.TO_SERVER})),
    "cut on the way back": Conduct(swallowed=frozenset({Way.TO_CLIENT})),
}


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("server", _FAMILIES)
async def test_a_bad_way(stage: Stage, court: Court, server: str, how: str) -> None:
    """A service whose server answers late or never, on connections that stay open, works on later."""
    ways = [*(stage.kafka if server == "kafka" else stage.postgres).values()]
    before = hindered(ways)
    family = _FAMILIES[server] + [*WAYS].index(how)
    async with Workload(stage, family).running(fewest=20) as load:
        await load.accepted(30)
        for way in ways:
            way.behave(WAYS[how])
        await lasting(_SECONDS)
        for way in ways:
            way.behave()

    await court.judge(f"{family // 100} {server} {how} for {_SECONDS} s", load, hindered(ways) - before)


def hindered(ways: list[Proxy]) -> int:
    """How many pieces came late or never."""
    return sum(way.hindered for way in ways)
