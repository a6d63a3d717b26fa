"""Every state of everything, each once, and how many of each owner's events about each subject have come.

An event is known by its owner's count of its events about the subject. `streams` has for each owner and
subject how many events have come, and the highest number known: of an event, or from a heartbeat. If there
are as many, none is missing. Identities go by eScholar's own count of its snapshots. Nobody promises that
eScholar publishes each of them, so they prove nothing.
"""

from collections.abc import Sequence
from operator import itemgetter
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.catalog import BRIDGE
from contracts.message import Event
from services.chassis.decoding.messages import ReceivedEvent
from services.chassis.keeping.rows import Row, Rows, run

_COLUMNS = Rows(
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
        "body": "text",
    }
)
_REACHED = Rows({"subject": "text", "owner": "owner", "sequence": "integer"}, after=_COLUMNS)
_KEY = itemgetter(0, 1, 2, 3)
_BRIDGE_IDS = UUID("7d0c8a52-6f34-5d0e-8f0b-0a3c6b7f2e19")

# Slots spread the tally over several rows, so that two processes need not wait for each other to add to it.
_KEEP = f"""
WITH fresh AS (
    INSERT INTO revisions ({_COLUMNS.names})
    SELECT {_COLUMNS.values} FROM {_COLUMNS}
    ON CONFLICT (subject, owner, sequence) DO NOTHING
    RETURNING subject, owner, sequence, event_id
), reached AS (
    SELECT {_REACHED.values} FROM {_REACHED} WHERE NOT EXISTS (
        SELECT FROM streams WHERE streams.subject = rows.subject AND streams.owner = rows.owner::owner
        AND streams.highest >= rows.sequence
    )
), followed AS (
    INSERT INTO streams AS kept (subject, owner, heard, highest)
    SELECT subject, owner, sum(heard), max(sequence) FROM (
        SELECT subject, owner, sequence, 1 AS heard FROM fresh WHERE owner <> '{BRIDGE}'
        UNION ALL SELECT subject, owner, sequence, 0 FROM reached
    ) AS known
    GROUP BY subject, owner ORDER BY subject, owner
    ON CONFLICT (subject, owner) DO UPDATE
    SET heard = kept.heard + excluded.heard, highest = greatest(kept.highest, excluded.highest)
), tallied AS (
    INSERT INTO tallies AS kept (owner, slot, events)
    SELECT owner, pg_backend_pid() % 16, count(*) FROM fresh GROUP BY owner ORDER BY owner
    ON CONFLICT (owner, slot) DO UPDATE SET events = kept.events + excluded.events
)
SELECT array_agg(event_id::text) FROM fresh
"""

# Two events under one number: the owner counted anew, say after its database was restored. Both are kept.
# eScholar's snapshot that comes again under another id is the same event, if it says the same.
_DISPUTE = f"""
INSERT INTO disputes ({_COLUMNS.names})
SELECT {_COLUMNS.values} FROM {_COLUMNS}
JOIN revisions ON revisions.subject = rows.subject AND revisions.owner = rows.owner::owner
    AND revisions.sequence = rows.sequence AND revisions.event_id <> rows.event_id
    AND NOT (revisions.owner = '{BRIDGE}' AND revisions.body::jsonb = rows.body::jsonb)
ON CONFLICT DO NOTHING
"""


async def keep(
    database: AsyncConnection, events: Sequence[ReceivedEvent], reached: Sequence[Row] = ()
) -> set[str]:
    """Keep and count what is new, and give its ids. ValueError: an event without a number.

    `reached`: which sequence subjects have reached, by heartbeats (subject, owner, sequence). In the same
    statement, so that it locks the rows of `streams` in one order.
    """
    if not events and not reached:
        return set()
    ids = [event_id_of(told) for told in events]
    # Sorted, so that two processes take them in one order: no deadlock. Of an event that is in the batch
    # twice the first counts, of two under one number the one with the lower id.
    rows = sorted(map(row_of, events, ids), key=_KEY)
    fresh = set((await run(database, _KEEP, (_COLUMNS, rows), (_REACHED, reached))).scalar_one() or ())
    if len(fresh) < len(rows):
        await run(database, _DISPUTE, (_COLUMNS, rows))
    return {told.id for told, event_id in zip(events, ids, strict=True) if event_id in fresh}


def row_of(told: ReceivedEvent, event_id: str) -> Row:
    """An event as it is kept. ValueError: it has no number."""
    event = told.message
    assert isinstance(event, Event)
    return (
        event.subject,
        told.owner,
        _count(told, event),
        event_id,
        told.name,
        event.kind,
        event.record_id,
        event.revision,
        told.at,
        told.sender,
        told.body.decode(),
    )


def event_id_of(told: ReceivedEvent) -> str:
    """The services give their events UUIDs; the bridge to eScholar may name its own as it likes."""
    if told.owner != BRIDGE:
        return told.id.lower()
    try:
        return str(UUID(told.id))
    except ValueError:
        return str(uuid5(_BRIDGE_IDS, told.id))


def _count(told: ReceivedEvent, event: Event) -> int:
    if told.owner == BRIDGE:
        return event.revision
    if told.sequence is None:
        raise ValueError(f"{told.name} {told.id} has no sequence")
    return told.sequence
