"""The faults of a simulated run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from tests.simulation.kafka import SESSION_SECONDS
from tests.simulation.node import POINTS, Node
from tests.simulation.workload import SECONDS

if TYPE_CHECKING:
    from tests.simulation.world import World

_MOST = 8


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its kind, time and length in seconds, and a number that chooses its victim."""

    at: float
    kind: str
    seconds: float
    victim: int


def faults_of(draw: Random) -> list[Fault]:
    """The faults of a seed, in order of time. Some runs have none."""
    return sorted(
        (
            Fault(
                draw.uniform(0, SECONDS),
                draw.choice(tuple(KINDS)),
                draw.choice((0.2, 2.0, 15.0, 40.0)),
                draw.randrange(1_000_000),
            )
            for _ in range(draw.randrange(_MOST + 1))
        ),
        key=lambda fault: fault.at,
    )


def _kill(world: "World", fault: Fault) -> None:
    _end(world, world.nodes[fault.victim % len(world.nodes)], fault)


def _end(world: "World", node: Node, fault: Fault) -> None:
    """A process ends and restarts later. Meanwhile no process reads its partitions."""
    member = node.member
    world.replace(node, after=fault.seconds)
    if member is not None:
        world.later(min(fault.seconds, SESSION_SECONDS), lambda: world.kafka.leave(member))


def _kill_at_a_point(world: "World", fault: Fault) -> None:
    """A process ends when it reaches a certain point of its work."""
    node = world.nodes[fault.victim % len(world.nodes)]
    node.pending_fault = POINTS[fault.victim % len(POINTS)], lambda: _end(world, node, fault)


def _freeze_at_a_point(world: "World", fault: Fault) -> None:
    node = world.nodes[fault.victim % len(world.nodes)]
    node.pending_fault = POINTS[fault.victim % len(POINTS)], lambda: _stand_still(world, node, fault)


def _freeze(world: "World", fault: Fault) -> None:
    _stand_still(world, world.nodes[fault.victim % len(world.nodes)], fault)


def _stand_still(world: "World", node: Node, fault: Fault) -> None:
    """A process pauses. After too long, other processes get its partitions and its relay's lock."""
    until = world.scheduler.now + fault.seconds
    for task in node.tasks:
        task.frozen = until
    member = node.member
    if fault.seconds > SESSION_SECONDS and member is not None:
        world.later(SESSION_SECONDS, lambda: world.kafka.leave(member))
        if fault.victim % 2 and node.database.relaying is node:
            node.database.relaying = None


def _rebalance(world: "World", fault: Fault) -> None:
    world.group(fault.victim).rebalance()


def _join(world: "World", fault: Fault) -> None:
    """A process joins a service and leaves it later."""
    node = world.add_node(fault.victim)
    world.later(fault.seconds, lambda: world.remove(node))


def _forget(world: "World", fault: Fault) -> None:
    group = world.group(fault.victim)
    group.committed.clear()
    group.rebalance()


def _delay(world: "World", fault: Fault) -> None:
    group = world.group(fault.victim)
    topic = group.topics[fault.victim % len(group.topics)]
    group.late[topic] = world.scheduler.now + fault.seconds


def _no_broker(world: "World", fault: Fault) -> None:
    world.kafka.away_until = world.scheduler.now + fault.seconds


def _no_answers(world: "World", fault: Fault) -> None:
    world.kafka.silent_until = world.scheduler.now + fault.seconds


def _no_store(world: "World", fault: Fault) -> None:
    database = world.databases[world.names[fault.victim % len(world.names)]]
    database.away_until = world.scheduler.now + fault.seconds


def _no_store_at_a_point(world: "World", fault: Fault) -> None:
    """The database fails in the middle of a transaction, perhaps after its commit."""
    node = world.nodes[fault.victim % len(world.nodes)]

    def gone() -> None:
        node.database.away_until = world.scheduler.now + fault.seconds

    node.pending_fault = POINTS[fault.victim % len(POINTS)], gone


def _skew(world: "World", fault: Fault) -> None:
    """The clock of a process is an hour wrong for a while."""
    node = world.nodes[fault.victim % len(world.nodes)]
    node.skew = 3600.0 if fault.victim % 2 else -3600.0

    def right_again() -> None:
        node.skew = 0.0

    world.later(fault.seconds, right_again)


def _repeat(world: "World", fault: Fault) -> None:
    """Kafka gets some messages of a topic again, as from a producer that missed a confirmation."""
    places = sorted(world.kafka.log)
    if not places or world.kafka.away:
        return
    place = places[fault.victim % len(places)]
    for raw in world.kafka.log[place][-1 - fault.victim % 5 :]:
        if not raw.topic.endswith(("outcomes", "dead-letters")):
            world.repeat(raw)


KINDS: Mapping[str, Callable[["World", Fault], None]] = {
    "kill": _kill,
    "kill at a point": _kill_at_a_point,
    "freeze at a point": _freeze_at_a_point,
    "freeze": _freeze,
    "rebalance": _rebalance,
    "join": _join,
    "forget offsets": _forget,
    "delay a topic": _delay,
    "broker away": _no_broker,
    "confirmations lost": _no_answers,
    "store away": _no_store,
    "store away at a point": _no_store_at_a_point,
    "clock wrong": _skew,
    "repeat records": _repeat,
}
