"""The tables of reporting.

- `revisions`: every event, and the number of received events of each service about each subject.
- `heartbeats`: how many events each service has published.
- `read_models`: the newest state of each record that a report needs.
- `calendars`: the state's calendars.
- `refusals`: refused commands.
- `disputes`: two events with one number, and which of them counts.
- `certified`: the federal files that the state certified.

A batch of any size takes the same few statements. Events may arrive in any order, and several times:
`revisions` identifies each by its owner's sequence, and a read model takes a state only if it is newer.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.heartbeat import Heartbeat
from contracts.outcome import Outcome, Status
from services.chassis.decoding.messages import ReceivedEvent
from services.reporting.store import calendars, disputes, heartbeats, read_models, refusals, revisions

_Some = list[ReceivedEvent]


async def keep(database: AsyncConnection, batch: Sequence[ReceivedEvent]) -> AbstractSet[str]:
    """Keep a batch. Returns the ids of its new messages. Of outcomes it keeps only refusals."""
    events, beats, refused, others = _Some(), _Some(), _Some(), set[str]()
    for received in batch:
        match received.message:
            case Heartbeat():
                beats.append(received)
            case Outcome(status=Status.REFUSED):
                refused.append(received)
            case Outcome():
                others.add(received.id)
            case _:
                events.append(received)
    fresh, disputed = await revisions.keep(database, events, heartbeats.reached(beats))
    # An event that is not new was kept before, or it is in dispute and does not count.
    counting = [received for received in events if received.id in fresh]
    await read_models.keep(database, counting)
    await calendars.keep(database, counting)
    await disputes.decide(database, disputed)
    refusals_fresh = await refusals.keep(database, refused)
    return others | fresh | refusals_fresh | await heartbeats.keep(database, beats)


__all__ = ["keep"]
