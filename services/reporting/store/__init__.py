"""What reporting keeps: every state of everything, the newest of what is counted, and refusals.

A batch costs the same few statements whatever its size. The order in which events come does not matter, nor
how often: `revisions` knows each by its owner's count, and a read model takes a state only if it is newer.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.message import Event
from contracts.outcome import Outcome, Status
from services.chassis.records import Told
from services.reporting.store import read_models, refusals, revisions


async def keep(database: AsyncConnection, batch: Sequence[Told]) -> AbstractSet[str]:
    """Keep a batch; the ids of what was new in it. Of outcomes only refusals are kept."""
    events = [told for told in batch if isinstance(told.message, Event)]
    refused = [told for told in batch if _refused(told)]
    others = {told.id for told in batch} - {told.id for told in (*events, *refused)}
    fresh = await revisions.keep(database, events)
    await read_models.keep(database, events)
    return others | fresh | await refusals.keep(database, refused)


def _refused(told: Told) -> bool:
    return isinstance(told.message, Outcome) and told.message.status is Status.REFUSED


__all__ = ["keep"]
