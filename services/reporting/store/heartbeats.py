"""Heartbeats: the sequence that each subject has reached, and whether a heartbeat is missing.

`services.chassis.publishing.heartbeats` explains why a reader can rely on them.
"""

from collections.abc import Iterable, Sequence
from itertools import count, takewhile

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.heartbeat import Heartbeat
from services.chassis.decoding.messages import ReceivedEvent
from services.chassis.keeping.rows import Row

_LOCK = text("""
INSERT INTO heartbeats AS kept (owner, through, ahead, highest) VALUES (CAST(:owner AS owner), 0, '{}', 0)
ON CONFLICT (owner) DO UPDATE SET through = kept.through
RETURNING through, ahead, highest, as_of
""")
_KEEP = text("""
UPDATE heartbeats SET through = :through, ahead = :ahead, highest = :highest, as_of = :as_of
WHERE owner = CAST(:owner AS owner)
""")


def reached(received: Iterable[ReceivedEvent]) -> list[Row]:
    """The highest sequences in heartbeats, as rows of subject, owner, sequence."""
    highest: dict[tuple[str, str], int] = {}
    for one in received:
        for subject, sequence in _beat(one).sequences:
            key = (subject, one.owner)
            highest[key] = max(sequence, highest.get(key, 0))
    return [(*key, sequence) for key, sequence in sorted(highest.items())]


async def keep(database: AsyncConnection, received: Sequence[ReceivedEvent]) -> set[str]:
    """Keep the heartbeats. Returns the ids of the new ones."""
    fresh: set[str] = set()
    for owner in sorted({one.owner for one in received}):
        fresh |= await _keep(database, owner, [one for one in received if one.owner == owner])
    return fresh


async def _keep(database: AsyncConnection, owner: str, received: Sequence[ReceivedEvent]) -> set[str]:
    kept = (await database.execute(_LOCK, {"owner": owner})).one()
    ahead, as_of, highest, fresh = set(kept.ahead), kept.as_of, kept.highest, set[str]()
    for one in received:
        beat = _beat(one)
        if beat.sequences and beat.number > kept.through and beat.number not in ahead:
            ahead.add(beat.number)
            fresh.add(one.id)
        if beat.as_of is not None and (as_of is None or beat.as_of > as_of):
            as_of = beat.as_of
            fresh.add(one.id)
        highest = max(highest, beat.number)
    through = kept.through + sum(1 for _ in takewhile(ahead.__contains__, count(kept.through + 1)))
    row = {"owner": owner, "through": through, "highest": highest, "as_of": as_of}
    await database.execute(_KEEP, row | {"ahead": sorted(number for number in ahead if number > through)})
    return fresh


def _beat(received: ReceivedEvent) -> Heartbeat:
    assert isinstance(received.message, Heartbeat)
    return received.message
