"""Messages that come twice or three times, some much later (family 9)."""

import pytest

from tests.faults.stage import Stage
from tests.faults.verdict import Court
from tests.faults.workload import FEW, Mixture, Workload

pytestmark = pytest.mark.system


async def test_sent_again(stage: Stage, court: Court) -> None:
    """However often a message is sent, what it asks for happens once."""
    often = Mixture(twice=1.0, later_again=0.5, id_reused=0.1)
    async with Workload(stage, 9, often, window=FEW).running(fewest=FEW) as load:
        pass

    case = await court.judge(
        "9 every message twice, some much later", load, faults=load.messages - len(load.sent)
    )

    assert (
        sum(results.get("duplicate", 0) for results in case.kept["ieps"].reads.values()) > len(load.sent) / 4
    )
