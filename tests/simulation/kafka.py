"""Kafka in memory: topics with partitions, consumer groups, committed offsets, rebalances and faults."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from contracts.envelope import headers_of
from contracts.partitions import partition_of
from services.chassis.deciding.batch import Outgoing
from services.chassis.decoding.messages import RawMessage
from tests.simulation.scheduler import Scheduler, Task

PARTITIONS = 2
SESSION_SECONDS = 10.0

Place = tuple[str, int]


class KafkaAway(ConnectionError):
    """The broker does not answer."""


class Moved(Exception):
    """Another member has the partitions now: this commit comes too late."""


@dataclass(eq=False)
class Member:
    """A consumer of a group, with its partitions and its position in each."""

    group: "Group"
    task: Task
    generation: int = -1
    positions: dict[Place, int] = field(default_factory=dict)
    unread: set[Place] = field(default_factory=set)


@dataclass
class Group:
    """The consumers of one service, and their committed offsets. `late`: the time until which a topic is
    delayed."""

    topics: Sequence[str]
    members: list[Member] = field(default_factory=list)
    generation: int = 0
    committed: dict[Place, int] = field(default_factory=dict)
    late: dict[str, float] = field(default_factory=dict)

    @property
    def places(self) -> list[Place]:
        """Every partition that the group reads."""
        return [(topic, partition) for topic in self.topics for partition in range(PARTITIONS)]

    def rebalance(self) -> None:
        """Divide the partitions among the members."""
        self.generation += 1

    def given_to(self, member: Member) -> list[Place]:
        """The partitions of a member."""
        number = self.members.index(member)
        return [place for at, place in enumerate(self.places) if at % len(self.members) == number]


class Kafka:
    """The broker. It is down until `away_until`. Until `silent_until` it sends no confirmations."""

    def __init__(self, scheduler: Scheduler, draw: Random) -> None:
        self._scheduler = scheduler
        self._draw = draw
        self.log: dict[Place, list[RawMessage]] = defaultdict(list)
        self.groups: dict[str, Group] = {}
        self.away_until = 0.0
        self.silent_until = 0.0

    def add_group(self, name: str, topics: Sequence[str]) -> Group:
        """A consumer group that reads these topics from the beginning."""
        self.groups[name] = Group(topics)
        return self.groups[name]

    @property
    def away(self) -> bool:
        """Whether the broker is down."""
        return self._scheduler.now < self.away_until

    def publish(self, message: Outgoing) -> None:
        """Append a message of a service."""
        headers = headers_of(json.loads(message.headers))
        self.append(message.topic, message.key.encode(), message.value.encode(), headers)

    def append(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes | None]],
    ) -> None:
        """Append a message to the partition of its key. KafkaAway: the broker is down."""
        if self.away:
            raise KafkaAway
        partition = self._partition(key)
        records = self.log[topic, partition]
        at = self._scheduler.clock
        records.append(RawMessage(topic, partition, len(records), key, value, tuple(headers), at))
        for group in self.groups.values():
            if topic in group.topics:
                for member in group.members:
                    member.unread.add((topic, partition))
                    self._scheduler.hurry(member.task)

    def _partition(self, key: bytes | None) -> int:
        try:
            return (
                partition_of((key or b"").decode(), PARTITIONS) if key else self._draw.randrange(PARTITIONS)
            )
        except UnicodeDecodeError:
            return 0

    def join(self, group: Group, task: Task) -> Member:
        """Add a member and rebalance."""
        member = Member(group, task)
        group.members.append(member)
        group.rebalance()
        return member

    def leave(self, member: Member) -> None:
        """Remove a member and rebalance."""
        if member in member.group.members:
            member.group.members.remove(member)
            member.group.rebalance()

    def poll(self, member: Member, most: int) -> list[RawMessage]:
        """Messages for a member, from its partitions in any order; none while the broker is down."""
        group = member.group
        if self.away or member not in group.members:
            return []
        if member.generation != group.generation:
            member.generation = group.generation
            member.positions = {place: group.committed.get(place, 0) for place in group.given_to(member)}
            member.unread = set(member.positions)
        found: list[RawMessage] = []
        places = [place for place in sorted(member.unread) if self._readable(member, place)]
        self._draw.shuffle(places)
        for place in places:
            begin = member.positions[place]
            records = self.log[place][begin : begin + self._draw.randint(1, most)]
            found.extend(records)
            member.positions[place] = begin + len(records)
            if member.positions[place] == len(self.log[place]):
                member.unread.discard(place)
            if len(found) >= most:
                break
        return found

    def _readable(self, member: Member, place: Place) -> bool:
        if place not in member.positions or member.positions[place] == len(self.log[place]):
            member.unread.discard(place)
            return False
        return member.group.late.get(place[0], 0.0) <= self._scheduler.now

    def confirm(self) -> None:
        """Confirm the published messages. KafkaAway: Kafka has the messages, but the confirmation is lost."""
        if self._scheduler.now < self.silent_until:
            raise KafkaAway

    def commit(self, member: Member, offsets: Mapping[Place, int]) -> None:
        """Commit a member's offsets. Moved: another member has the partitions."""
        if self.away:
            raise KafkaAway
        if member not in member.group.members or member.generation != member.group.generation:
            raise Moved
        member.group.committed.update(offsets)

    def lag(self, group: Group) -> int:
        """The number of messages that the group has not committed."""
        return sum(len(self.log[place]) - group.committed.get(place, 0) for place in group.places)

    def records(self, wanted: Callable[[str], bool]) -> list[RawMessage]:
        """Every message of the wanted topics, partition by partition."""
        return [raw for (topic, _), log in sorted(self.log.items()) if wanted(topic) for raw in log]
