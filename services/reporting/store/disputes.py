"""Disputes: two events with one number, of which one counts.

The event that arrived first counts until the state settles the dispute. That event is in `revisions`, the
others are in `disputes`.
"""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.calendars import Calendar
from services.reporting.store import calendars, read_models

_KEY = "subject = :subject AND owner::text = :service AND sequence = :sequence"
_CANDIDATES = text(f"""
SELECT event_id, kind, record_id, true AS counts FROM revisions WHERE {_KEY}
UNION ALL SELECT event_id, kind, record_id, false FROM disputes WHERE {_KEY}
""")
_LOCK = text(f"SELECT 1 FROM revisions WHERE {_KEY} FOR UPDATE")
_REST = ("event_id", "name", "kind", "record_id", "revision", "at", "sender", "causation", "body")
_NAMES = ", ".join(_REST)
_SWAP = text(f"""
WITH chosen AS (
    DELETE FROM disputes WHERE {_KEY} AND event_id = :event_id RETURNING *
), before AS (
    INSERT INTO disputes (subject, owner, sequence, {_NAMES})
    SELECT subject, owner, sequence, {_NAMES} FROM revisions WHERE {_KEY}
)
UPDATE revisions SET {", ".join(f"{name} = chosen.{name}" for name in _REST)} FROM chosen
WHERE revisions.subject = chosen.subject AND revisions.owner = chosen.owner
    AND revisions.sequence = chosen.sequence
""")
_SETTLED = text(f"UPDATE disputes SET settled = true WHERE {_KEY}")
_NOTE = text("""
INSERT INTO settlements (subject, owner, sequence, event_id, replaced, reason, settled_by)
VALUES (:subject, CAST(:service AS owner), :sequence, :event_id, :replaced, :reason, :settled_by)
""")


class NoDispute(Exception):
    """Reporting does not have two events with the number."""


class NotAmong(Exception):
    """The chosen event does not have the number. `events`: the events with the number."""

    def __init__(self, events: list[UUID]) -> None:
        super().__init__()
        self.events = events


async def settle(
    database: AsyncConnection, by: Actor, event_id: UUID, reason: str, **number: str | int
) -> None:
    """Let one event count from now on. `number`: subject, service, sequence. Raises NoDispute, NotAmong."""
    await database.execute(_LOCK, number)
    found = (await database.execute(_CANDIDATES, number)).all()
    if len(found) < 2:
        raise NoDispute
    chosen = next((one for one in found if one.event_id == event_id), None)
    if chosen is None:
        raise NotAmong([one.event_id for one in found])
    if not chosen.counts:
        await database.execute(_SWAP, {**number, "event_id": event_id})
        for kind in {one.kind for one in found}:
            await _restate(database, str(number["subject"]), kind)
    await database.execute(_SETTLED, number)
    replaced = next(one.event_id for one in found if one.counts)
    settlement = {"event_id": event_id, "replaced": replaced, "reason": reason, "settled_by": by.sender}
    await database.execute(_NOTE, {**number, **settlement})


async def _restate(database: AsyncConnection, subject: str, kind: str) -> None:
    if kind == Calendar.kind:
        await calendars.restate(database, subject)
    else:
        await read_models.restate(database, subject, kind)
