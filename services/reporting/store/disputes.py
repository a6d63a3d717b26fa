"""Disputes: two events with one number, of which one counts.

The event that the state chose counts. Until the state settles the dispute, the event that Kafka received
first counts; of two of the same moment, the one with the lower id. So the same events and settlements give
the same tables, in any order of arrival. The event that counts is in `revisions`, the others are in
`disputes`. No topic has `settlements`, so a rebuild keeps them.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.calendars import Calendar
from services.chassis.keeping.rows import Row, Rows, run
from services.reporting.store import calendars, read_models

NUMBERS = Rows({"subject": "text", "owner": "owner", "sequence": "integer"})
_KEY = "subject = :subject AND owner::text = :service AND sequence = :sequence"
_CANDIDATES = text(f"""
SELECT event_id, true AS counts FROM revisions WHERE {_KEY}
UNION ALL SELECT event_id, false FROM disputes WHERE {_KEY}
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
_NOTE = text("""
INSERT INTO settlements (subject, owner, sequence, event_id, replaced, events, reason, settled_by)
VALUES (:subject, CAST(:service AS owner), :sequence, :event_id, :replaced, :events, :reason, :settled_by)
""")


def _same(table: str, other: str) -> str:
    return " AND ".join(f"{table}.{name} = {other}.{name}" for name in ("subject", "owner", "sequence"))


_GIVEN = f"(SELECT {NUMBERS.values} FROM {NUMBERS}) AS number (subject, owner, sequence)"
_NEWEST = f"SELECT * FROM settlements WHERE {_same('settlements', 'number')} ORDER BY id DESC LIMIT 1"
_MISPLACED = f"""
SELECT number.subject, number.owner::text AS service, number.sequence, chosen.event_id,
    ARRAY[revisions.kind, chosen.kind] AS kinds
FROM {_GIVEN} JOIN revisions ON {_same("revisions", "number")}
LEFT JOIN LATERAL ({_NEWEST}) AS settlement ON true
CROSS JOIN LATERAL (
    SELECT event_id, kind FROM (
        SELECT event_id, kind, at FROM disputes WHERE {_same("disputes", "number")}
        UNION ALL SELECT revisions.event_id, revisions.kind, revisions.at
    ) AS candidates
    ORDER BY event_id IS NOT DISTINCT FROM settlement.event_id DESC, at, event_id LIMIT 1
) AS chosen
WHERE chosen.event_id <> revisions.event_id ORDER BY 1, 2, 3
"""
# An event that came after the settlement is a new dispute. So is every event while the chosen one is missing.
_SETTLED = f"""
UPDATE disputes SET settled = EXISTS (
    SELECT FROM ({_NEWEST}) AS settlement JOIN revisions ON {_same("revisions", "number")}
    WHERE revisions.event_id = settlement.event_id AND disputes.event_id = ANY (settlement.events)
)
FROM {_GIVEN} WHERE {_same("disputes", "number")}
"""


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
    events = [one.event_id for one in found]
    if len(events) < 2:
        raise NoDispute
    if event_id not in events:
        raise NotAmong(events)
    replaced = next(one.event_id for one in found if one.counts)
    settlement = {"event_id": event_id, "replaced": replaced, "events": events, "reason": reason}
    await database.execute(_NOTE, {**number, **settlement, "settled_by": by.sender})
    await decide(database, [(number["subject"], number["service"], number["sequence"])])


async def decide(database: AsyncConnection, numbers: Sequence[Row]) -> None:
    """Let the right event of each number count. `numbers`: subject, service and sequence of disputes."""
    if not numbers:
        return
    for wrong in (await run(database, _MISPLACED, (NUMBERS, numbers))).mappings().all():
        await database.execute(_SWAP, dict(wrong))
        for kind in sorted(set(wrong["kinds"])):
            await _restate(database, wrong["subject"], kind)
    await run(database, _SETTLED, (NUMBERS, numbers))


async def _restate(database: AsyncConnection, subject: str, kind: str) -> None:
    if kind == Calendar.kind:
        await calendars.restate(database, subject)
    else:
        await read_models.restate(database, subject, kind)
