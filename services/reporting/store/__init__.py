"""What reporting keeps: every state of everything, the newest of what is counted, and refusals.

A batch costs the same few statements whatever its size. The order in which events come does not matter, nor
how often: `revisions` knows each by its owner's count, and a read model takes a state only if it is newer.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcome import Outcome, Status
from services.chassis.decoding.messages import ReceivedEvent
from services.reporting.store import read_models, refusals, revisions


async def keep(database: AsyncConnection, batch: Sequence[ReceivedEvent]) -> AbstractSet[str]:
    """Keep a batch; the ids of what was new in it. Of outcomes only refusals are kept."""
    events, refused, others = list[ReceivedEvent](), list[ReceivedEvent](), set[str]()
    for told in batch:
        if not isinstance(told.message, Outcome):
            events.append(told)
        elif told.message.status is Status.REFUSED:
            refused.append(told)
        else:
            others.add(told.id)
    fresh = await revisions.keep(database, events)
    await read_models.keep(database, events)
    return others | fresh | await refusals.keep(database, refused)


__all__ = ["keep"]
