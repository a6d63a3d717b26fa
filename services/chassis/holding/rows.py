"""The table `held`: loads queues, finds what is due, holds a message whose subject cannot be loaded."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.errors import Finding
from services.chassis.decoding.messages import Due, Item, RawMessage, ReceivedCommand, ReceivedEvent
from services.chassis.holding.queue import Held
from services.chassis.keeping.rows import Row, Rows
from services.chassis.keeping.statements import found, keep
from services.chassis.keeping.tallies import COUNT_ON, READ

Decode = Callable[[RawMessage], Item]
DecodeAgain = Callable[[RawMessage, Actor | None], Item]
"""Reads a kept message again. Whom its token was verified for is kept beside it: keys change meanwhile."""

_PLACE = {"subject": "text", "position": "integer"}
_WAITS = {
    "until": "timestamptz",
    "reason": "text",
    "looks_at": "text[]",
    "seen": "bigint",
    "finding": "jsonb",
}
NEWLY_HELD = (
    _PLACE
    | {"topic": "text", "partition": "integer", "offset": "bigint"}
    | {"key": "bytea", "value": "bytea", "headers": "text", "received_at": "timestamptz"}
    | _WAITS
    | {"command": "boolean", "actor": "text"}
    | {"message_id": "text", "name": "text", "scope": "text", "sender": "text"}
)
STILL_HELD = _PLACE | _WAITS

_QUEUES = """
    SELECT subject, position, topic, partition, "offset", key, value, headers, received_at, until, reason,
        looks_at, seen, finding::text, actor
    FROM held WHERE subject = ANY($1::text[]) ORDER BY subject, position
"""
_LOCK_QUEUES = (
    "SELECT position FROM held WHERE subject = ANY($1::text[]) ORDER BY subject, position FOR UPDATE"
)


async def lock_queues(database: AsyncConnection, subjects: Sequence[str]) -> None:
    """Lock the messages held for these subjects until the transaction ends.

    A position in an emptied queue is used again. Without the lock, a transaction could delete the later
    message at that position.
    """
    if subjects:
        await found(database, _LOCK_QUEUES, sorted(subjects))


async def load_queues(
    database: AsyncConnection, subjects: Sequence[str], decode: DecodeAgain
) -> dict[str, list[Held]]:
    """The messages held for each of the subjects, in order."""
    queues: dict[str, list[Held]] = {subject: [] for subject in subjects}
    if queues:
        for row in await found(database, _QUEUES, list(queues)):
            queues[row.subject].append(_held(row, decode))
    return queues


# A command is due past its deadline, or when a subject that its decision looked at has changed. While another
# command of its subject is held for a defect, it is not due.
_DUE = """
    SELECT subject FROM held WHERE subject IN (
        (SELECT subject FROM held WHERE until < now() ORDER BY until LIMIT $1)
        UNION ALL
        SELECT subject FROM held WHERE looks_at <> '{}' AND seen < (
            SELECT coalesce(sum(revision), 0) FROM aggregates WHERE subject = ANY(held.looks_at)
        )
    )
    GROUP BY subject HAVING count(*) FILTER (WHERE command AND until IS NULL) = 0
    ORDER BY min(until) LIMIT $1
"""
_DEFECTS = "SELECT DISTINCT subject FROM held WHERE until IS NULL AND subject > $1 ORDER BY subject LIMIT $2"


async def due(database: AsyncConnection, limit: int) -> list[Due]:
    """The subjects with a held command past its deadline."""
    return [Due(subject) for (subject,) in await found(database, _DUE, limit)]


async def defects(database: AsyncConnection, after: str, limit: int) -> list[Due]:
    """The next subjects with a message held for a defect."""
    rows = await found(database, _DEFECTS, after, limit)
    return [Due(subject, retry_defects=True) for (subject,) in rows]


def _held(row: Any, decode: DecodeAgain) -> Held:
    headers = tuple((name, bytes.fromhex(value)) for name, value in json.loads(row.headers))
    raw = RawMessage(row.topic, row.partition, row.offset, row.key, row.value, headers, row.received_at)
    item = decode(raw, Actor.model_validate_json(row.actor) if row.actor else None)
    assert isinstance(item, ReceivedCommand | ReceivedEvent), "only readable messages are held"
    finding = Finding.model_validate_json(row.finding)
    looks_at = tuple(row.looks_at)
    return Held(row.position, item, row.until, row.reason, looks_at, row.seen, kept=True, finding=finding)


_UNLOADED = Rows(NEWLY_HELD)
_HOLD_UNLOADED = f"""
    WITH put AS (
        INSERT INTO held ({_UNLOADED.names}) SELECT {_UNLOADED.values} FROM {_UNLOADED}
        WHERE NOT EXISTS (
            SELECT FROM held WHERE held.subject = rows.subject AND held.topic = rows.topic
            AND held.partition = rows.partition AND held."offset" = rows."offset"
        )
        RETURNING subject
    ), advanced AS (
        INSERT INTO aggregates AS kept (subject, revision, sequence) SELECT subject, 1, 0 FROM put
        ON CONFLICT (subject) DO UPDATE SET revision = kept.revision + 1
    )
    INSERT INTO reads ({Rows(READ).names})
    SELECT topic, partition, CASE WHEN EXISTS (SELECT FROM put) THEN 'held' ELSE 'duplicate' END, 1
    FROM {_UNLOADED}
    {COUNT_ON}
"""
_LAST = "SELECT coalesce(max(position), 0) FROM held WHERE subject = $1"


async def hold_unloaded(
    database: AsyncConnection, item: ReceivedCommand | ReceivedEvent, reason: str
) -> None:
    """Hold a message whose subject cannot be loaded, behind whatever is held for it; once. StaleAggregate if
    another process took the place. Who loaded the subject before comes too late then."""
    ((last,),) = await found(database, _LAST, item.subject)
    held = Held(last + 1, item, None, reason)
    await keep(database, _HOLD_UNLOADED, (_UNLOADED, [held_row(item.subject, held.position, held)]))


def held_row(subject: str, position: int, held: Held) -> Row:
    """A newly held message as a row."""
    raw = held.item.raw
    headers = json.dumps([(name, (value or b"").hex()) for name, value in raw.headers])
    where = (raw.topic, raw.partition, raw.offset)
    message = (raw.key, raw.value, headers, raw.at)
    sent = (held.is_command, *_sent(held.item))
    return (subject, position, *where, *message, *waits(held), *sent)


def waits(held: Held) -> Row:
    """The deadline and cause of the message, as columns of its row."""
    finding = held.finding.model_dump_json()
    return held.until, held.reason, f"{{{','.join(held.looks_at)}}}", held.seen, finding


def _sent(item: ReceivedCommand | ReceivedEvent) -> Row:
    """The sender of a command, from its token when Kafka received it; then id, name, scope and sender."""
    actor = item.actor if isinstance(item, ReceivedCommand) else None
    scope, kept = (actor.scope, actor.model_dump_json()) if actor else ("", None)
    return kept, item.id, item.name, scope, item.sender or ""
