"""Senders repeat messages, some much later (family 9)."""

import pytest

from tests.faults.judging import Judge
from tests.faults.proxied_system import ProxiedSystem
from tests.faults.workload import FEW, Mixture, Workload

pytestmark = pytest.mark.system


async def test_sent_again(system: ProxiedSystem, judge: Judge) -> None:
    """A message has its effect once, even if the sender repeats it."""
    often = Mixture(twice=1.0, later_again=0.5, id_reused=0.1)
    async with Workload(system, 9, often, window=FEW).running(fewest=FEW) as load:
        pass

    evidence = await judge.check(
        "9 every message twice, some much later", load, faults=load.messages - len(load.sent)
    )

    assert (
        sum(results.get("duplicate", 0) for results in evidence.databases["ieps"].reads.values())
        > len(load.sent) / 4
    )
