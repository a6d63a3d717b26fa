"""Messages that Kafka refuses for good.

Such a message is set aside, with the reason, and all others go on, also later ones about the same subject.
Readers keep the newest revision of each record, so they need no order between the two; the gap in
`ce_sequence` shows in completeness until an operator puts the message back. Put back, it is published after
whatever waits in the outbox then.
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
"""What may pass, such as a topic that is not made yet, and is for good if it lasts."""

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
    """Take a row out of the outbox: Kafka has all of its messages except these, by their places from 1, each
    with the reason."""
    given = {"row": row, "places": list(refused), "reasons": list(refused.values())}
    await database.execute(_SET_ASIDE, given)


async def put_back(database: AsyncConnection) -> int:
    """Put every message that was set aside into the outbox again; how many there were."""
    return (await database.execute(_PUT_BACK)).rowcount


async def listed(database: AsyncConnection) -> list[dict[str, object]]:
    """What is set aside, the oldest first, without a word of what the messages say."""
    return [dict(row._mapping) for row in (await database.execute(_LISTED)).all()]
