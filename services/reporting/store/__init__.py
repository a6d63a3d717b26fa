"""What reporting keeps of all that is said.

- `revisions`: every state of everything, and how many events of each service have come about each subject.
- `heartbeats`: how many events the services say there are.
- `read_models`: the newest state of what reports are made of.
- `refusals`: commands that were refused.
- `disputes`: two events under one number, and which of them counts.

A batch costs the same few statements whatever its size. The order in which events come does not matter, nor
how often: `revisions` knows each by its owner's count, and a read model takes a state only if it is newer.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.heartbeat import Heartbeat
from contracts.outcome import Outcome, Status
from services.chassis.decoding.messages import ReceivedEvent
from services.reporting.store import heartbeats, read_models, refusals, revisions

_Some = list[ReceivedEvent]


async def keep(database: AsyncConnection, batch: Sequence[ReceivedEvent]) -> AbstractSet[str]:
    """Keep a batch; the ids of what was new in it. Of outcomes only refusals are kept."""
    events, beats, refused, others = _Some(), _Some(), _Some(), set[str]()
    for told in batch:
        match told.message:
            case Heartbeat():
                beats.append(told)
            case Outcome(status=Status.REFUSED):
                refused.append(told)
            case Outcome():
                others.add(told.id)
            case _:
                events.append(told)
    fresh = await revisions.keep(database, events, heartbeats.reached(beats))
    await read_models.keep(database, events)
    refusals_fresh = await refusals.keep(database, refused)
    return others | fresh | refusals_fresh | await heartbeats.keep(database, beats)


__all__ = ["keep"]
