"""A transaction with an early outbox id stays open while later ones commit (family 6)."""

import pytest

from tests.faults.judging import Judge
from tests.faults.points import SAVING, until_blocked
from tests.faults.proxied_system import ProxiedSystem, until
from tests.faults.workload import FEW, Workload

pytestmark = pytest.mark.system

_BEHIND = 30
"""The transaction continues after so many later outbox ids."""

_LAST_PLACE = "SELECT last_value FROM outbox_id_seq"
_FIRST_PARTITION = "SELECT FROM reads WHERE topic = 'ieps.commands' AND partition = 0 FOR UPDATE"


async def test_an_early_place_left_open(system: ProxiedSystem, judge: Judge) -> None:
    """The relay publishes a late commit although rows with higher ids are already published."""
    second = system.launch_another("ieps")
    second.wait()
    async with (
        Workload(system, 600, window=FEW).running(fewest=FEW) as load,
        system.database("ieps") as database,
    ):
        await until(lambda: database.fetch(_FIRST_PARTITION), "ieps has read a command")
        async with system.database("ieps") as keeper, keeper.transaction():
            await keeper.execute(_FIRST_PARTITION)
            await until_blocked(system, "ieps", SAVING)
            taken = await database.fetchval(_LAST_PLACE)

            async def others_went_on() -> bool:
                place = await database.fetchval(_LAST_PLACE)
                waiting = await database.fetchval("SELECT count(*) FROM outbox")
                return bool(place > taken + _BEHIND and not waiting)

            await until(others_went_on, "the relay has published the later rows")
    second.stop()

    await judge.check("6 an early outbox id stays open", load, faults=1)
