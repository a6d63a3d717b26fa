"""Kafka's topics, from the catalog of messages: made once, by name, with what each needs.

`python -m deploy.topics` makes those of the whole system at SER_KAFKA.
"""

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code

from contracts.catalog import CATALOG, Kind
from deploy.local.failure import Failure

PARTITIONS = 4
"""How many processes of one service can share the work, unless SER_PARTITIONS says otherwise."""

_ALREADY_EXISTS = 36
_REQUEST_MS = 30_000

# The topics are the record, so nothing in them expires.
_KEPT = {"retention.ms": "-1", "retention.bytes": "-1"}

# A token is judged at the time at which Kafka, not the sender, says it received the command.
_STAMPED_BY_KAFKA = {"message.timestamp.type": "LogAppendTime"}


# A heartbeat that names nobody is worth nothing once the next has come. One that names subjects has a key of
# its own, so it stays.
_NEWEST_OF_A_KEY = {"cleanup.policy": "compact"}


@dataclass(frozen=True)
class Topic:
    """A topic and how it is kept."""

    name: str
    partitions: int = PARTITIONS
    settings: dict[str, str] = field(default_factory=lambda: dict(_KEPT))


def system_topics(prefix: str = "", partitions: int | None = None) -> list[Topic]:
    """Every topic of the system, under a prefix."""
    count = partitions or int(os.environ.get("SER_PARTITIONS", PARTITIONS))
    kinds = {entry.topic(prefix): entry.kind for entry in CATALOG}
    return [Topic(name, count, _settings(kind)) for name, kind in kinds.items()]


def _settings(kind: Kind) -> dict[str, str]:
    match kind:
        case Kind.COMMAND:
            return _KEPT | _STAMPED_BY_KAFKA
        case Kind.HEARTBEAT:
            return _KEPT | _NEWEST_OF_A_KEY
        case _:
            return dict(_KEPT)


async def create_topics(bootstrap: str, topics: Iterable[Topic], copies: int = 1) -> list[str]:
    """Makes the topics that are missing and returns their names. Failure: Kafka refused one."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_REQUEST_MS)
    await admin.start()
    try:
        wanted = [NewTopic(t.name, t.partitions, copies, topic_configs=t.settings) for t in topics]
        answer = await admin.create_topics(wanted, timeout_ms=_REQUEST_MS)
    finally:
        await admin.close()
    return [name for name, code, reason in answer.topic_errors if _is_new(name, code, reason)]


def _is_new(name: str, code: int, reason: str | None) -> bool:
    if code not in (0, _ALREADY_EXISTS):
        raise Failure(
            f"Kafka refused to make the topic {name}: {for_code(code).__name__} {reason or ''}.",
            "The whole reason is in Kafka's log.",
        )
    return code == 0


def main() -> None:
    """Makes the topics at SER_KAFKA, by SER_TOPIC_PREFIX, SER_PARTITIONS and SER_REPLICATION (copies)."""
    topics = system_topics(os.environ.get("SER_TOPIC_PREFIX", ""))
    copies = int(os.environ.get("SER_REPLICATION", "1"))
    made = asyncio.run(create_topics(os.environ["SER_KAFKA"], topics, copies))
    print(f"{len(made)} topics made, {len(topics) - len(made)} were there")


if __name__ == "__main__":
    main()
