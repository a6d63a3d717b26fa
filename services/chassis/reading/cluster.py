"""Asks Kafka about topics and the service's consumer group, over a connection of its own.

On the consumer's connection an answer would wait behind a fetch that waits for messages.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin.config_resource import ConfigResourceType
from aiokafka.client import AIOKafkaClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import GroupIdNotFound, KafkaError, LeaderNotAvailableError, NonEmptyGroup, for_code
from aiokafka.protocol.admin import DeleteGroupsRequest, DescribeConfigsRequest, DescribeGroupsRequest
from aiokafka.protocol.commit import OffsetCommitRequest, OffsetFetchRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.offset import OffsetRequest

from contracts.topics import FoundTopic

METADATA_MAX_AGE_MS = 20_000
"""A client learns of added partitions after this time at the latest."""

_REQUEST_MS = 10_000
_ATTEMPTS = 50
_RETRY_SECONDS = 0.1
_LATEST = -1
_EVERYTHING, _COMMITTED = 0, 1
_GROUP = 0
_SETTLED = "Stable"
_FOR_EVER = -1


def group_of(service: str, prefix: str) -> str:
    """The consumer group of a service."""
    return f"{prefix}ser.{service}"


@dataclass(frozen=True, slots=True)
class Member:
    """A process as a member of its consumer group, until the next rebalance."""

    id: str
    generation: int


def member_of(consumer: AIOKafkaConsumer) -> Member:
    """The consumer as Kafka knows it now. aiokafka has no public name for it."""
    coordinator = consumer._coordinator
    return Member(coordinator.member_id, coordinator.generation)


class StillRead(Exception):
    """A member of the consumer group reads. Stop the processes of the service first."""


class Cluster:
    """Asks Kafka. KafkaError: Kafka does not answer, or does not know the answer yet."""

    def __init__(self, bootstrap: str, client_id: str, topics: Collection[str] = ()) -> None:
        self._topics = tuple(topics)
        self._counts: dict[str, int] = {}
        self._coordinators: dict[str, int] = {}
        self._client = AIOKafkaClient(
            bootstrap_servers=bootstrap,
            client_id=client_id,
            request_timeout_ms=_REQUEST_MS,
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
        )

    async def start(self) -> None:
        """Connect, and learn the leader of each partition. The client renews this every 20 s."""
        self._client.cluster.add_listener(self._learn)
        await self._client.bootstrap()
        if self._topics:
            await self._client.set_topics(self._topics)

    async def stop(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _learn(self, cluster: Any) -> None:
        for topic in self._topics:
            if found := cluster.partitions_for_topic(topic):
                self._counts[topic] = len(found)

    def partitions_of(self, topic: str) -> int | None:
        """The number of a topic's partitions. None: not known yet."""
        return self._counts.get(topic)

    async def refresh(self) -> None:
        """Learn the partitions and their leaders at once."""
        await self._client.force_metadata_update()

    @property
    def places(self) -> list[TopicPartition]:
        """Every partition of the topics."""
        return [
            TopicPartition(topic, number) for topic, count in self._counts.items() for number in range(count)
        ]

    async def ends(
        self, places: Iterable[TopicPartition], *, committed: bool = False
    ) -> dict[TopicPartition, int]:
        """The end offset of each partition. `committed`: the offset of its first open transaction."""
        leaders: dict[int, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for topic, partition in places:
            leader = self._client.cluster.leader_for_partition(TopicPartition(topic, partition))
            if leader is None or leader < 0:
                self._client.force_metadata_update()
                raise LeaderNotAvailableError
            leaders[leader][topic].append((partition, _LATEST))
        ends: dict[TopicPartition, int] = {}
        for leader, topics in leaders.items():
            request = OffsetRequest(-1, _COMMITTED if committed else _EVERYTHING, [*topics.items()])
            for topic, partitions in (await self._client.send(leader, request)).topics:
                for partition, error, _, offset in partitions:
                    self._check(error)
                    ends[TopicPartition(topic, partition)] = offset
        return ends

    async def committed(self, group: str) -> dict[TopicPartition, int]:
        """The offsets that a group has committed, of all partitions by one request."""
        answer = await self._ask_coordinator(group, OffsetFetchRequest(group, None))
        self._check(answer.error_code)
        return {
            TopicPartition(topic, partition): offset
            for topic, partitions in answer.topics
            for partition, offset, _, error in partitions
            if not error
        }

    async def commit(self, group: str, member: Member, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit offsets that this member has read.

        UnknownMemberIdError, IllegalGenerationError, RebalanceInProgressError: Kafka has divided the
        partitions anew, or has lost the group. After that, aiokafka's own `commit` names no member. Kafka
        takes such offsets for a group without members. If Kafka has lost its log, the process would then skip
        the first messages of the new log.
        """
        topics: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for place, offset in offsets.items():
            topics[place.topic].append((place.partition, offset, ""))
        request = OffsetCommitRequest(group, member.generation, member.id, _FOR_EVER, [*topics.items()])
        answer = await self._ask_coordinator(group, request)
        for _, partitions in answer.topics:
            for _, error in partitions:
                self._check(error)

    async def assigned(self, group: str) -> set[TopicPartition] | None:
        """The partitions that members of a group read. None: Kafka is dividing them among the members."""
        answer = await self._ask_coordinator(group, DescribeGroupsRequest([group]))
        ((error, _, state, _, _, members, *_),) = answer.groups
        self._check(error)
        if state != _SETTLED:
            return None
        return {
            place
            for *_, assignment in members
            if assignment
            for place in ConsumerProtocolMemberAssignment.decode(assignment).partitions()
        }

    async def forget(self, group: str) -> None:
        """Delete a group and its offsets, so that its next member reads from the beginning.

        StillRead: the group has members. A group that Kafka does not know is forgotten already.
        """
        answer = await self._ask_coordinator(group, DeleteGroupsRequest([group]))
        ((_, error),) = answer.results
        if error == NonEmptyGroup.errno:
            raise StillRead(f"A process of {group} still runs. Stop all of them first.")
        if error != GroupIdNotFound.errno:
            self._check(error)

    async def _ask_coordinator(self, group: str, request: Any) -> Any:
        if group not in self._coordinators:
            self._coordinators[group] = await self._client.coordinator_lookup(_GROUP, group)
        try:
            return await self._client.send(self._coordinators[group], request)
        except KafkaError:
            self._coordinators.clear()
            raise

    async def found(self, topics: Collection[str]) -> list[FoundTopic]:
        """The existing topics with their settings. Waits up to 5 s for a topic that was just created."""
        for _ in range(_ATTEMPTS):
            found = await self._found(topics)
            if len(found) == len(topics):
                break
            await asyncio.sleep(_RETRY_SECONDS)
        return found

    async def _found(self, topics: Collection[str]) -> list[FoundTopic]:
        node = self._client.get_random_node()
        layout = await self._client.send(node, MetadataRequest([*topics], allow_auto_topic_creation=False))
        shape = {
            name: (len(partitions), min(len(replicas) for _, _, _, replicas, *_ in partitions))
            for error, name, _, partitions in layout.topics
            if not error and partitions
        }
        settings = await self._settings(node, shape) if shape else {}
        return [FoundTopic(name, *shape[name], settings[name]) for name in shape]

    async def _settings(self, node: int, topics: Iterable[str]) -> dict[str, Mapping[str, str]]:
        wanted = [(ConfigResourceType.TOPIC, name, None) for name in topics]
        answer = await self._client.send(node, DescribeConfigsRequest(wanted))
        found: dict[str, Mapping[str, str]] = {}
        for error, _, _, name, entries in answer.resources:
            self._check(error)
            found[name] = {setting: value for setting, value, *_ in entries}
        return found

    def _check(self, error: int) -> None:
        """KafkaError: the answer has an error code. The next request looks up its broker again."""
        if error:
            self._coordinators.clear()
            self._client.force_metadata_update()
            raise for_code(error)
