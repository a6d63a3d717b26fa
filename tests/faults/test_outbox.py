"""A transaction that has an early place in the outbox and stays open while others commit (family 6)."""

import pytest

from tests.faults.points import SAVING, stands
from tests.faults.stage import Stage, until
from tests.faults.verdict import Court
from tests.faults.workload import FEW, Workload

pytestmark = pytest.mark.system

_BEHIND = 30
"""So many places behind it must be taken before the transaction may go on."""

_LAST_PLACE = "SELECT last_value FROM outbox_id_seq"
_FIRST_PARTITION = "SELECT FROM reads WHERE topic = 'ieps.commands' AND partition = 0 FOR UPDATE"


async def test_an_early_place_left_open(stage: Stage, court: Court) -> None:
    """What is committed late is published all the same, though others went before it."""
    second = stage.beside("ieps")
    second.wait()
    async with (
        Workload(stage, 600, window=FEW).running(fewest=FEW) as load,
        stage.database("ieps") as database,
    ):
        await until(lambda: database.fetch(_FIRST_PARTITION), "something was read")
        async with stage.database("ieps") as keeper, keeper.transaction():
            await keeper.execute(_FIRST_PARTITION)
            await stands(stage, "ieps", SAVING)
            taken = await database.fetchval(_LAST_PLACE)

            async def others_went_on() -> bool:
                place = await database.fetchval(_LAST_PLACE)
                waiting = await database.fetchval("SELECT count(*) FROM outbox")
                return bool(place > taken + _BEHIND and not waiting)

            await until(others_went_on, "others have published what they committed later")
    second.stop()

    await court.judge("6 an early place in the outbox left open", load, faults=1)
