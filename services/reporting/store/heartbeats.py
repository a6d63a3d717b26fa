"""What heartbeats say: which sequence each subject has reached, and whether a heartbeat is missing.

Why a reader may believe them is written in `services.chassis.publishing.heartbeats`.
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


def reached(told: Iterable[ReceivedEvent]) -> list[Row]:
    """The highest sequence that heartbeats name: subject, owner, sequence."""
    highest: dict[tuple[str, str], int] = {}
    for one in told:
        for subject, sequence in _beat(one).sequences:
            key = (subject, one.owner)
            highest[key] = max(sequence, highest.get(key, 0))
    return [(*key, sequence) for key, sequence in sorted(highest.items())]


async def keep(database: AsyncConnection, told: Sequence[ReceivedEvent]) -> set[str]:
    """Keep that heartbeats came; the ids of those that were new."""
    fresh: set[str] = set()
    for owner in sorted({one.owner for one in told}):
        fresh |= await _keep(database, owner, [one for one in told if one.owner == owner])
    return fresh


async def _keep(database: AsyncConnection, owner: str, told: Sequence[ReceivedEvent]) -> set[str]:
    kept = (await database.execute(_LOCK, {"owner": owner})).one()
    ahead, as_of, highest, fresh = set(kept.ahead), kept.as_of, kept.highest, set[str]()
    for one in told:
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


def _beat(told: ReceivedEvent) -> Heartbeat:
    assert isinstance(told.message, Heartbeat)
    return told.message
