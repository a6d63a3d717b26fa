"""The settings of every topic. `deploy.topics` creates topics with them; a service starts on no others.

- `message.timestamp.type`: Kafka, not the sender, says when it received a record. A token is judged at that
  time.
- `compression.type`: records are stored as they are read by every client, whatever codec their sender uses.
- `retention`, `cleanup.policy`: the topics are the record, so nothing in them expires. Of a service's
  heartbeats the newest of each key is enough.
- `max.message.bytes`: the largest body with the largest envelope, and what Kafka adds to them.
- `min.insync.replicas`: a record is confirmed when two copies of it exist. A topic with one copy has no more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contracts.catalog import CATALOG, Kind

_EVERY_TOPIC = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "message.timestamp.type": "LogAppendTime",
    "compression.type": "uncompressed",
    "max.message.bytes": "1048588",
}
_CONFIRMED_COPIES = 2


def topic_settings(kind: Kind, copies: int) -> dict[str, str]:
    """The settings of a topic for messages of a kind, which Kafka keeps in so many copies."""
    newest = {"cleanup.policy": "compact"} if kind is Kind.HEARTBEAT else {}
    return _EVERY_TOPIC | newest | {"min.insync.replicas": str(min(copies, _CONFIRMED_COPIES))}


def kinds(prefix: str = "") -> dict[str, Kind]:
    """Every topic of the system, and the kind of its messages."""
    return {entry.topic(prefix): entry.kind for entry in CATALOG}


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic as it is in Kafka. `settings` may hold more than ours."""

    name: str
    partitions: int
    copies: int
    settings: Mapping[str, str]


def wrong_settings(found: FoundTopic, kind: Kind) -> Iterable[str]:
    """What is wrong with a topic's settings, a sentence for each."""
    for name, wanted in topic_settings(kind, found.copies).items():
        there = found.settings.get(name)
        if there != wanted:
            yield f"{found.name} has {name}={there}, which must be {wanted}."


def wrong_partitions(found: FoundTopic, wanted: int) -> Iterable[str]:
    """What is wrong with a topic's number of partitions."""
    if found.partitions != wanted:
        yield f"{found.name} has {found.partitions} partitions, which must be {wanted}."
