"""Connections to Kafka or PostgreSQL are slow, silent, or cut in one direction (families 5 and 7)."""

import pytest

from tests.faults.judging import Judge
from tests.faults.proxied_system import ProxiedSystem, wait_seconds
from tests.faults.proxy import Behavior, Direction, Proxy
from tests.faults.workload import Workload

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.timeout(600)]

_SECONDS = 25
"""Longer than the session timeout and the statement timeout of this system."""

_FAMILIES = {"kafka": 710, "postgres": 550}

BEHAVIORS = {
    "slow": Behavior(seconds=0.1),
    "half-open": Behavior(dropped=frozenset(Direction)),
    "cut towards it": Behavior(dropped=frozenset({Direction.TO_SERVER})),
    "cut on the way back": Behavior(dropped=frozenset({Direction.TO_CLIENT})),
}


@pytest.mark.parametrize("behavior", BEHAVIORS)
@pytest.mark.parametrize("server", _FAMILIES)
async def test_a_bad_connection(system: ProxiedSystem, judge: Judge, server: str, behavior: str) -> None:
    """A server answers late or never on open connections. The service continues when it answers again."""
    proxies = [*(system.kafka if server == "kafka" else system.postgres).values()]
    before = delayed_or_dropped(proxies)
    family = _FAMILIES[server] + [*BEHAVIORS].index(behavior)
    async with Workload(system, family).running(fewest=20) as load:
        await load.accepted(30)
        for proxy in proxies:
            proxy.behave(BEHAVIORS[behavior])
        await wait_seconds(_SECONDS)
        for proxy in proxies:
            proxy.behave()

    await judge.check(
        f"{family // 100} {server} {behavior} for {_SECONDS} s", load, delayed_or_dropped(proxies) - before
    )


def delayed_or_dropped(proxies: list[Proxy]) -> int:
    """The number of delayed or dropped chunks."""
    return sum(proxy.delayed_or_dropped for proxy in proxies)
