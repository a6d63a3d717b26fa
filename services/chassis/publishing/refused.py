"""Messages that Kafka refuses for good.

The relay sets such a message aside with the reason, and publishes all others, also later ones about the same
subject. Readers keep the newest revision of each record, so they do not need the order. Completeness shows
the gap in `ce_sequence` until an operator puts the message back. The relay publishes a message that was put
back after the rows that are in the outbox then.
"""

from collections.abc import Mapping

from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
    UnknownError,
    UnknownTopicOrPartitionError,
)
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

LASTING: tuple[type[KafkaError], ...] = (
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    UnknownError,
)
"""Errors that may pass, such as a topic that does not exist yet. After 30 s they count as for good."""

FOR_GOOD: tuple[type[KafkaError], ...] = (
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    InvalidTopicError,
    *LASTING,
)

_SET_ASIDE = text(
    "WITH gone AS (DELETE FROM outbox WHERE id = :row RETURNING *)"
    " INSERT INTO set_aside (topic, key, headers, body, reason, written_at)"
    " SELECT topic, keys[place], headers[place], bodies[place], why, at"
    " FROM gone, unnest(CAST(:places AS integer[]), CAST(:reasons AS text[])) AS refused (place, why)"
    " ORDER BY place"
)
_PUT_BACK = text(
    "WITH back AS (DELETE FROM set_aside RETURNING *)"
    " INSERT INTO outbox (topic, keys, headers, bodies)"
    " SELECT topic, ARRAY[key], ARRAY[headers], ARRAY[body] FROM back ORDER BY id"
)
_LISTED = text("SELECT id, topic, reason, written_at, at FROM set_aside ORDER BY id LIMIT 1000")


async def set_aside(database: AsyncConnection, row: int, refused: Mapping[int, str]) -> None:
    """Delete a row of the outbox, and keep its refused messages in the table `set_aside`.

    `refused`: the reason of each, by the message's place in the row from 1. Kafka has all other messages.
    """
    values = {"row": row, "places": list(refused), "reasons": list(refused.values())}
    await database.execute(_SET_ASIDE, values)


async def put_back(database: AsyncConnection) -> int:
    """Move every message that was set aside back into the outbox. Returns their number."""
    return (await database.execute(_PUT_BACK)).rowcount


async def listed(database: AsyncConnection) -> list[dict[str, object]]:
    """The messages that were set aside, oldest first, without their contents."""
    return [dict(row._mapping) for row in (await database.execute(_LISTED)).all()]
