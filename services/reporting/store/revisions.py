"""Every event, once, and the number of received events of each owner about each subject.

The owner's sequence about the subject identifies an event. `streams` has for each owner and subject the
number of received events, and the highest known sequence: of an event, or from a heartbeat. If the two are
equal, no event is missing. An identity has eScholar's own revision instead. eScholar may skip revisions, so
identities prove nothing.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.catalog import BRIDGE
from contracts.message import Event
from services.chassis.decoding.messages import ReceivedEvent
from services.chassis.keeping.rows import Row, Rows, run

COLUMNS = Rows(
    {
        "subject": "text",
        "owner": "owner",
        "sequence": "integer",
        "event_id": "uuid",
        "name": "text",
        "kind": "text",
        "record_id": "text",
        "revision": "integer",
        "at": "timestamptz",
        "sender": "text",
        "causation": "text",
        "body": "text",
    }
)
_REACHED = Rows({"subject": "text", "owner": "owner", "sequence": "integer"}, after=COLUMNS)
_KEY = itemgetter(0, 1, 2, 3)
_BRIDGE_IDS = UUID("7d0c8a52-6f34-5d0e-8f0b-0a3c6b7f2e19")

# Slots spread the tally over several rows, so that two processes do not wait for each other.
_KEEP = f"""
WITH fresh AS (
    INSERT INTO revisions ({COLUMNS.names})
    SELECT {COLUMNS.values} FROM {COLUMNS}
    ON CONFLICT (subject, owner, sequence) DO NOTHING
    RETURNING subject, owner, sequence, event_id
), reached AS (
    SELECT {_REACHED.values} FROM {_REACHED} WHERE NOT EXISTS (
        SELECT FROM streams WHERE streams.subject = rows.subject AND streams.owner = rows.owner::owner
        AND streams.highest >= rows.sequence
    )
), followed AS (
    INSERT INTO streams AS kept (subject, owner, received, highest)
    SELECT subject, owner, sum(received), max(sequence) FROM (
        SELECT subject, owner, sequence, 1 AS received FROM fresh WHERE owner <> '{BRIDGE}'
        UNION ALL SELECT subject, owner, sequence, 0 FROM reached
    ) AS known
    GROUP BY subject, owner ORDER BY subject, owner
    ON CONFLICT (subject, owner) DO UPDATE
    SET received = kept.received + excluded.received, highest = greatest(kept.highest, excluded.highest)
), tallied AS (
    INSERT INTO tallies AS kept (owner, slot, events)
    SELECT owner, pg_backend_pid() % 16, count(*) FROM fresh GROUP BY owner ORDER BY owner
    ON CONFLICT (owner, slot) DO UPDATE SET events = kept.events + excluded.events
)
SELECT array_agg(event_id::text) FROM fresh
"""

# Two events with one number: the owner counted again, for example after a restore of its database. Reporting
# keeps both. eScholar's snapshot under another id is the same event if its body is equal. The lock comes
# before those of the read models, as when the state settles a dispute: no deadlock.
_DISPUTE = f"""
INSERT INTO disputes ({COLUMNS.names})
SELECT {COLUMNS.values} FROM {COLUMNS}
JOIN revisions ON revisions.subject = rows.subject AND revisions.owner = rows.owner::owner
    AND revisions.sequence = rows.sequence AND revisions.event_id <> rows.event_id
    AND NOT (revisions.owner = '{BRIDGE}' AND revisions.body::jsonb = rows.body::jsonb)
FOR UPDATE OF revisions
ON CONFLICT DO NOTHING RETURNING subject, owner::text, sequence
"""


class Kept(NamedTuple):
    """The ids of the new events, and the numbers (subject, owner, sequence) that are newly in dispute."""

    fresh: set[str]
    disputed: Sequence[Row]


async def keep(
    database: AsyncConnection, events: Sequence[ReceivedEvent], reached: Sequence[Row] = ()
) -> Kept:
    """Keep and count the new events. ValueError: an event has no sequence.

    `reached`: the sequences from heartbeats (subject, owner, sequence). The same statement writes them, so
    that it locks the rows of `streams` in one order.
    """
    if not events and not reached:
        return Kept(set(), [])
    ids = [event_id_of(received) for received in events]
    # Sorted, so that two processes lock them in one order: no deadlock. If an event is in the batch twice,
    # the first counts.
    rows = sorted(map(row_of, events, ids), key=_KEY)
    fresh = set((await run(database, _KEEP, (COLUMNS, rows), (_REACHED, reached))).scalar_one() or ())
    disputed = list[Row]()
    if len(fresh) < len(rows):
        disputed = sorted({tuple(row) for row in await run(database, _DISPUTE, (COLUMNS, rows))})
    new = {received.id for received, event_id in zip(events, ids, strict=True) if event_id in fresh}
    return Kept(new, disputed)


def row_of(received: ReceivedEvent, event_id: str) -> Row:
    """The row of an event. ValueError: it has no sequence."""
    event = received.message
    assert isinstance(event, Event)
    return (
        event.subject,
        received.owner,
        _count(received, event),
        event_id,
        received.name,
        event.kind,
        event.record_id,
        event.revision,
        received.at,
        received.sender,
        received.envelope.causation,
        received.body.decode(),
    )


def event_id_of(received: ReceivedEvent) -> str:
    """The event's id as a UUID. A service's id is a UUID; the eScholar bridge's id may be any text."""
    if received.owner != BRIDGE:
        return received.id.lower()
    try:
        return str(UUID(received.id))
    except ValueError:
        return str(uuid5(_BRIDGE_IDS, received.id))


def _count(received: ReceivedEvent, event: Event) -> int:
    if received.owner == BRIDGE:
        return event.revision
    if received.sequence is None:
        raise ValueError(f"{received.name} {received.id} has no sequence")
    return received.sequence
