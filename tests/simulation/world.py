"""A whole simulated run: five services, Kafka, messages and faults, until the system has drained."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from random import Random

from services.chassis.decoding.decoder import Decoder
from services.chassis.decoding.messages import Item, RawMessage
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.settings import Settings
from services.ieps.app import SERVICE as IEPS
from services.jurisdiction.app import SERVICE as JURISDICTION
from services.provision.app import SERVICE as PROVISION
from services.reporting.app import SERVICE as REPORTING
from services.students.app import SERVICE as STUDENTS
from tests.memory import MemoryStore
from tests.simulation.faults import KINDS, Fault, faults_of
from tests.simulation.kafka import PARTITIONS, Group, Kafka, KafkaAway
from tests.simulation.node import Database, Node
from tests.simulation.projection import MemoryProjection
from tests.simulation.scheduler import Scheduler, pause
from tests.simulation.tokens import tokens
from tests.simulation.workload import SECONDS, Act, acts_of, uploads_for

SERVICES: Sequence[ServiceDefinition] = (STUDENTS, JURISDICTION, IEPS, PROVISION, REPORTING)

_DRAIN_SECONDS = 5000.0
"""The time a run may take to drain after the last fault. A clock may have been an hour wrong."""

_MOST_STEPS = 400_000


@dataclass(frozen=True)
class Scenario:
    """A seed with its messages and faults. It determines the whole run."""

    seed: int
    acts: Sequence[Act]
    faults: Sequence[Fault]


def scenario(seed: int) -> Scenario:
    """The scenario of a seed."""
    draw = Random(seed)
    return Scenario(seed, acts_of(draw), faults_of(draw))


@cache
def _decoder(name: str) -> Decoder:
    service = next(service for service in SERVICES if service.name == name)
    settings = Settings(database="unused", token_keys="unused")
    return Decoder(service, settings, tokens(), lambda topic: PARTITIONS)


@dataclass
class World:
    """Five services with their Kafka and databases. `seen` counts the situations of the run."""

    scenario: Scenario
    stores: Callable[[ServiceDefinition], MemoryStore] = lambda service: MemoryStore(
        service, MemoryProjection() if service.projection else None, sought=uploads_for
    )
    scheduler: Scheduler = field(default_factory=Scheduler)
    seen: Counter[str] = field(default_factory=Counter)
    nodes: list[Node] = field(default_factory=list)
    _read: dict[tuple[str, str, int, int], Item] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._draw = Random(f"{self.scenario.seed}|world")
        self.kafka = Kafka(self.scheduler, self._draw)
        self.databases = {service.name: Database(self.stores(service)) for service in SERVICES}
        self.names = [service.name for service in SERVICES]
        for service in SERVICES:
            self.kafka.add_group(service.name, service.topics(""))
        for number, _ in enumerate(SERVICES):
            for _ in range(self._draw.choice((1, 1, 2))):
                self.add_node(number)

    def read(self, name: str, raw: RawMessage) -> Item:
        """A service's decoded message. Decoding is pure, so the result is cached."""
        key = (name, raw.topic, raw.partition, raw.offset)
        if key not in self._read:
            self._read[key] = _decoder(name)(raw)
        return self._read[key]

    def run(self) -> "World":
        """Run the scenario until the system has drained. TimeoutError: it does not."""
        sending = self.scheduler.start("senders", self._send())
        faults = self.scheduler.start("faults", self._inject_faults())
        over = max([SECONDS, *(fault.at + fault.seconds for fault in self.scenario.faults)])
        try:
            self._until(
                lambda: not (sending.alive or faults.alive) and self.scheduler.now > over and self.drained,
                over + _DRAIN_SECONDS,
            )
        finally:
            self.scheduler.end()
        return self

    def _until(self, reached: Callable[[], bool], limit: float) -> None:
        for step in range(_MOST_STEPS):
            if step % 8 == 0 and reached():
                return
            if not self.scheduler.step() or self.scheduler.now > limit:
                break
        raise TimeoutError(f"not drained at {self.scheduler.now:.0f} s: {self._undrained()}")

    @property
    def drained(self) -> bool:
        """Whether every message is read and published, and none is held."""
        return not self._undrained()

    def _undrained(self) -> dict[str, tuple[int, ...]]:
        left = {
            name: (
                self.kafka.lag(self.kafka.groups[name]),
                *(len(left) for left in (db.store.rows, db.store.held, db.store.unannounced)),
            )
            for name, db in self.databases.items()
        }
        return {name: counts for name, counts in left.items() if any(counts)}

    async def _send(self) -> None:
        for act in self.scenario.acts:
            await pause(max(0.0, act.at - self.scheduler.now))
            while True:
                try:
                    self.kafka.append(act.topic, act.key, act.value, act.headers)
                    break
                except KafkaAway:
                    await pause(1.0)

    async def _inject_faults(self) -> None:
        for fault in self.scenario.faults:
            await pause(max(0.0, fault.at - self.scheduler.now))
            self.seen[f"fault: {fault.kind}"] += 1
            KINDS[fault.kind](self, fault)

    # What faults do

    def group(self, number: int) -> Group:
        """One of the consumer groups."""
        return self.kafka.groups[self.names[number % len(self.names)]]

    def add_node(self, number: int, after: float = 0.0) -> Node:
        """Start one more process of a service."""
        name = self.names[number % len(self.names)]
        database, group = self.databases[name], self.kafka.groups[name]
        node = Node(
            f"{name} {len(self.nodes)}",
            database,
            group,
            self.kafka,
            self.scheduler,
            self._draw,
            partial(self.read, name),
            self.seen,
        )
        database.store.between = self._between
        node.start(after)
        self.nodes.append(node)
        return node

    async def _between(self, point: str) -> None:
        task = self.scheduler.current
        node = next(node for node in self.nodes if task in node.tasks)
        await node.ask_store(point)

    def remove(self, node: Node) -> None:
        """End a process for good."""
        if node in self.nodes:
            self.nodes.remove(node)
            node.kill()
            if node.member is not None:
                self.kafka.leave(node.member)

    def replace(self, node: Node, after: float) -> None:
        """End a process, and start another later."""
        node.kill()
        self.nodes.remove(node)
        self.add_node(self.names.index(node.store.service.name), after)

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        """Call `what` after this many simulated seconds."""

        async def wait() -> None:
            what()

        self.scheduler.start("later", wait(), seconds)

    def repeat(self, raw: RawMessage) -> None:
        """Append a message again."""
        self.kafka.append(raw.topic, raw.key, raw.value, raw.headers)
