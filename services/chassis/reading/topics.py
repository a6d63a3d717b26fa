"""Checks at the start that Kafka keeps the service's topics with the required settings."""

from collections.abc import Iterable, Mapping, Sequence

from contracts.catalog import CATALOG, Kind
from contracts.topics import FoundTopic, wrong_partitions, wrong_settings
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.reading.cluster import Cluster

_MAKE = "Make the missing topics by `python -m deploy.topics`."
_MEND = (
    "Give the topics these settings by Kafka's own kafka-configs.sh (`--alter --add-config NAME=VALUE`), then"
    " start again. Earlier messages keep their timestamp and codec."
)
_ADD = "Give every topic the same number of partitions by `python -m deploy.topics --add-partitions NUMBER`."


class TopicsUnfit(Exception):
    """Topics are missing or have wrong settings."""

    def __init__(self, problems: Iterable[str], remedies: Iterable[str]) -> None:
        self.problems, self.remedies = tuple(problems), tuple(remedies)
        super().__init__(*self.problems, *self.remedies)


def topics_used(service: ServiceDefinition, prefix: str) -> dict[str, Kind]:
    """The topics that a service reads or writes, and the kinds of their messages."""
    written = [entry for entry in CATALOG if entry.owner == service.name]
    return {entry.topic(prefix): entry.kind for entry in (*written, *service.consumed)}


async def check_topics(cluster: Cluster, topics: Mapping[str, Kind]) -> None:
    """Check the topics. TopicsUnfit: one of them is missing or has a wrong setting."""
    found = sorted(await cluster.found(topics), key=lambda topic: topic.name)
    missing = [f"{name} does not exist." for name in sorted(topics.keys() - {topic.name for topic in found})]
    settings = [wrong for topic in found for wrong in wrong_settings(topic, topics[topic.name])]
    uneven = _uneven(found)
    if missing or settings or uneven:
        needed = ((missing, _MAKE), (settings, _MEND), (uneven, _ADD))
        raise TopicsUnfit([*missing, *settings, *uneven], [what for problems, what in needed if problems])


def _uneven(found: Sequence[FoundTopic]) -> list[str]:
    """Topics with another number of partitions. All topics of a service must have the same number."""
    most = max((topic.partitions for topic in found), default=0)
    return [wrong for topic in found for wrong in wrong_partitions(topic, most)]
