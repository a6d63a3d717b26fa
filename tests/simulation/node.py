"""One process of a service: the real decoder, worker and heartbeats, on the simulated Kafka and a store in
memory."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from random import Random

from contracts.partitions import partition_of
from services.chassis.deciding.batch import Outgoing, Writes
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.messages import Due, Item, RawMessage
from services.chassis.hosting.telemetry import Tracer
from services.chassis.publishing.effects import Outgoings
from services.chassis.reading.worker import Worker
from tests.memory import MemoryStore
from tests.simulation.kafka import PARTITIONS, Group, Kafka, KafkaAway, Member, Moved, Place
from tests.simulation.scheduler import Scheduler, Task, pause

HOLD = timedelta(seconds=60)
POINTS = (
    "before load",
    "before save",
    "before commit",
    "after commit",
    "before acknowledging",
    "before publishing",
    "before deleting",
)
"""The points at which a fault may hit a process."""

_LARGEST_BODY, _LARGEST_BATCH = 900_000, 32_000_000
_QUEUE_LIMIT = 30
_LOOK_EVERY_SECONDS = 1.0
_LONG_SECONDS = 20.0


class Refused(ConnectionError):
    """The store is down."""


class SessionLost(ConnectionError):
    """Another process has the relay's lock."""


@dataclass
class Database:
    """A service's store and its faults. `relaying`: the process with the relay's lock."""

    store: MemoryStore
    away_until: float = 0.0
    relaying: "Node | None" = None


@dataclass(eq=False)
class _Worker(Worker):
    """The real worker. It pauses in simulated time."""

    async def rest(self, pause_seconds: float) -> None:
        await pause(pause_seconds)


@dataclass(eq=False)
class Node:
    """A process: one task reads, one relays.

    `skew`: the error of its clock in seconds. `pending_fault`: a fault that waits for the process at a point.

    """

    name: str
    database: Database
    group: Group
    kafka: Kafka
    scheduler: Scheduler
    draw: Random
    decode: Callable[[RawMessage], Item]
    seen: Counter[str]
    skew: float = 0.0
    pending_fault: tuple[str, Callable[[], None]] | None = None
    tasks: list[Task] = field(default_factory=list)
    member: Member | None = None
    _uncommitted: dict[Place, int] = field(default_factory=dict)

    @property
    def store(self) -> MemoryStore:
        """The service's store."""
        return self.database.store

    def start(self, after: float = 0.0) -> None:
        """Start to read and to relay."""
        reading = self.scheduler.start(f"{self.name} reads", self._read(), after)
        relaying = self.scheduler.start(f"{self.name} relays", self._relay(), after)
        self.tasks = [reading, relaying]

    def kill(self) -> None:
        """End the process at its present point."""
        for task in self.tasks:
            self.scheduler.stop(task)
        if self.database.relaying is self:
            self.database.relaying = None

    # Reading

    async def _read(self) -> None:
        worker, look_at = self._worker(), 0.0
        self.member = member = self.kafka.join(self.group, self.tasks[0])
        while True:
            if self.scheduler.now >= look_at:
                look_at = self.scheduler.now + _LOOK_EVERY_SECONDS
                await worker.take(self._due())
                self._commit(member)
            if member not in self.group.members:
                self.member = member = self.kafka.join(self.group, self.tasks[0])
            generation = member.generation
            records = self.kafka.poll(member, self.draw.choice((1, 3, 12)))
            if member.generation != generation:
                self._uncommitted.clear()
            if records:
                await worker.take([self.decode(raw) for raw in records])
                await self.at("before acknowledging")
                self._uncommitted |= {(raw.topic, raw.partition): raw.offset + 1 for raw in records}
                self._commit(member)
            else:
                await self.scheduler.idle(_LOOK_EVERY_SECONDS if self._may_have_work else _LONG_SECONDS)

    @property
    def _may_have_work(self) -> bool:
        """Whether work may become ready that wakes nobody."""
        late = any(until > self.scheduler.now for until in self.group.late.values())
        return bool(self.store.held or self._uncommitted or late or self.kafka.away)

    def _worker(self) -> Worker:
        service = self.store.service
        terms = Terms(service, Outgoings(service, ""), HOLD, _QUEUE_LIMIT, _LARGEST_BODY, _LARGEST_BATCH)
        return _Worker(self.store, terms, Tracer(service.name, ""), self._written, clock=self._clock)

    def _clock(self) -> datetime:
        return self.scheduler.clock + timedelta(seconds=self.skew)

    def _due(self) -> Sequence[Due]:
        """The held messages to retry, as the consumer finds them. While a process of the service is behind,
        none is past its deadline. Each process retries the subjects of its own partitions."""
        behind = self.kafka.away or self.kafka.lag(self.group) > 0
        if self._away or behind or self.member is None:
            return ()
        topic = self.group.topics[0]
        ours = {partition for place, partition in self.member.positions if place == topic}
        due = self.store.due(self.scheduler.clock)
        return [one for one in due if partition_of(one.subject, PARTITIONS) in ours]

    @property
    def _away(self) -> bool:
        return self.scheduler.now < self.database.away_until

    def _commit(self, member: Member) -> None:
        try:
            self.kafka.commit(member, self._uncommitted)
        except Moved:
            self.seen["acknowledged too late"] += 1
        except KafkaAway:
            self.seen["not acknowledged"] += 1
            return
        self._uncommitted.clear()

    def _written(self, writes: Writes) -> None:
        if writes.outbox:
            self.scheduler.hurry(self.tasks[1])

    async def ask_store(self, point: str) -> None:
        """A step to the database and back. Refused: the database is down, perhaps after it has done
        the step."""
        await self.at(point)
        if self._away:
            self.seen[f"refused {point}"] += 1
            raise Refused

    async def at(self, point: str) -> None:
        """A step of this process. Anything may happen before it."""
        task = self.scheduler.current
        assert task is not None
        task.point = point
        if self.pending_fault is not None and self.pending_fault[0] == point:
            what, self.pending_fault = self.pending_fault[1], None
            self.seen[f"struck {point}"] += 1
            what()
        await pause(self.draw.choice((0.0, 0.001, 0.01, 0.05)))
        task.point = ""

    # Relaying

    async def _relay(self) -> None:
        while True:
            try:
                await self._lead()
            except (KafkaAway, Refused, SessionLost) as failure:
                self.seen[type(failure).__name__] += 1
                await pause(0.5)

    async def _lead(self) -> None:
        while self.database.relaying not in (None, self):
            await self.scheduler.idle(_LOOK_EVERY_SECONDS)
        self.database.relaying = self
        while True:
            rows = sorted(self.store.rows.items())[: self.draw.choice((1, 5, 50))]
            if not rows and self.store.unannounced and self.database.relaying is self:
                await self.ask_store("before publishing")
                self.store.write_heartbeat(Outgoings(self.store.service, ""), self.scheduler.clock)
            elif not rows:
                await self.scheduler.idle(_LONG_SECONDS)
            elif self.database.relaying is not self:
                raise SessionLost
            else:
                await self._publish(rows)

    async def _publish(self, rows: Sequence[tuple[int, Outgoing]]) -> None:
        """Publish a group of rows for each partition, in any order. Delete what Kafka took, keep the rest."""
        groups = [list(group) for _, group in groupby(sorted(rows, key=_place), key=_place)]
        self.draw.shuffle(groups)
        confirmed: list[int] = []
        failure: KafkaAway | None = None
        for group in groups:
            await self.at("before publishing")
            try:
                confirmed.extend(self._sent(group))
            except KafkaAway as away:
                failure = away
        await self.ask_store("before deleting")
        if self.database.relaying is not self:
            raise SessionLost
        for number in confirmed:
            self.store.rows.pop(number, None)
        if failure:
            raise failure

    def _sent(self, group: Sequence[tuple[int, Outgoing]]) -> list[int]:
        for _, message in group:
            self.kafka.publish(message)
        self.kafka.confirm()
        return [number for number, _ in group]


def _place(row: tuple[int, Outgoing]) -> Place:
    _, message = row
    return message.topic, partition_of(message.key, PARTITIONS)
