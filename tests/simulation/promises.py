"""Checks the promises after a run has drained. Each check yields a sentence for each fault."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from random import Random

from contracts.catalog import events
from contracts.ieps import IEPContents
from contracts.message import Event
from contracts.outcome import Outcome
from services.chassis.deciding.batch import RecordRow
from services.chassis.decoding.messages import RawMessage, ReceivedCommand, ReceivedEvent, Unreadable
from tests.memory import MemoryStore
from tests.simulation import addresses, legality
from tests.simulation.projection import MemoryProjection
from tests.simulation.workload import CANARY
from tests.simulation.world import SERVICES, World

Broken = Iterator[str]
_DECIDING = tuple(service.name for service in SERVICES if service.deciders)


@dataclass
class Evidence:
    """A finished run: its topics and the services' stores."""

    world: World

    @cached_property
    def received(self) -> Sequence[ReceivedEvent]:
        """Every event and outcome, as often as it is on a topic."""
        records = self.world.kafka.records(self.world.kafka.groups["reporting"].topics.__contains__)
        read = (self.world.read("reporting", raw) for raw in records)
        return [item for item in read if isinstance(item, ReceivedEvent)]

    @cached_property
    def events(self) -> Mapping[str, Sequence[ReceivedEvent]]:
        """The events of each owner, without duplicates."""
        found: dict[str, dict[str, ReceivedEvent]] = defaultdict(dict)
        for received in self.received:
            if isinstance(received.message, Event):
                found[received.owner].setdefault(received.id, received)
        return {owner: list(ids.values()) for owner, ids in found.items()}

    @cached_property
    def outcomes(self) -> Mapping[str, Sequence[Outcome]]:
        """The distinct final outcomes of each command."""
        found: dict[str, list[Outcome]] = defaultdict(list)
        for received in self.received:
            if isinstance(received.message, Outcome) and received.message.status.final:
                answers = found[str(received.message.command_id)]
                if received.message not in answers:
                    answers.append(received.message)
        return found

    def commands(self, name: str) -> Sequence[ReceivedCommand]:
        """The readable commands of a service, in the order of each partition."""
        read = (self.world.read(name, raw) for raw in self.world.kafka.records(f"{name}.commands".__eq__))
        return [item for item in read if isinstance(item, ReceivedCommand)]

    def store(self, name: str) -> MemoryStore:
        """The store of a service."""
        return self.world.databases[name].store


def one_outcome(seen: Evidence) -> Broken:
    """P1: an accepted command gets exactly one final outcome."""
    ledger = {id: row for name in _DECIDING for id, row in seen.store(name).ledger.items()}
    for act in seen.world.scenario.acts:
        if act.command_id:
            answers = seen.outcomes.get(act.command_id, ())
            if len(answers) != 1:
                yield f"{act.what} {act.command_id} has {len(answers)} final outcomes"
            elif Outcome.model_validate_json(ledger[act.command_id].body) not in answers:
                yield f"{act.what} {act.command_id}: the ledger and the topic differ"


def once(seen: Evidence) -> Broken:
    """P2: an effect happens once, however often its message arrives."""
    for owner in _DECIDING:
        effects: dict[tuple[str, str], set[str]] = defaultdict(set)
        for received in seen.events.get(owner, ()):
            assert isinstance(received.message, Event)
            effects[
                received.message.record_id or received.subject,
                f"{received.message.kind} {received.message.revision}",
            ].add(received.id)
        for record_id, ids in effects.items():
            if len(ids) > 1:
                yield f"{owner} published {record_id} {len(ids)} times"
    for name in _DECIDING:
        for id, row in seen.store(name).ledger.items():
            caused = [received for received in seen.events.get(name, ()) if received.envelope.causation == id]
            if row.status == "refused" and not all(
                received.name == "TransferRequested" for received in caused
            ):
                yield f"{name} refused {id}, and it had effects"
    yield from _one_content(seen)


def _one_content(seen: Evidence) -> Broken:
    """Every message with the same id has the same contents and number."""
    contents: dict[str, set[tuple[int | None, bytes]]] = defaultdict(set)
    for received in seen.received:
        contents[received.id].add((received.sequence, received.body))
    for id, versions in contents.items():
        if len(versions) > 1:
            yield f"{id} has {len(versions)} contents"


def published_if_kept(seen: Evidence) -> Broken:
    """P3: an event is published if and only if its state is committed."""
    for name in _DECIDING:
        kept = seen.store(name).records
        newest: dict[tuple[str, str, str], tuple[int, str]] = {}
        for received in seen.events.get(name, ()):
            assert isinstance(received.message, Event)
            key = (received.subject, received.message.kind, received.message.record_id)
            newest[key] = max(newest.get(key, (0, "")), (received.message.revision, received.body.decode()))
        kinds = {entry.model.kind for entry in events(name).values() if issubclass(entry.model, Event)}
        published = {key for key, row in kept.items() if key[1] in kinds and not _is_of_a_draft(row)}
        for key in newest.keys() | published:
            state = (kept[key].revision, kept[key].body) if key in kept else (0, "")
            if newest.get(key, (0, "")) != state:
                yield f"{name} keeps another state of {key} than it published"


def _is_of_a_draft(row: RecordRow) -> bool:
    """Whether the record is the contents of a draft. The service stores them and does not publish them."""
    return row.kind == IEPContents.kind and not IEPContents.model_validate_json(row.body).official


def no_gap(seen: Evidence) -> Broken:
    """P4: a service's numbers of events about a student have no gap, in the topics and in every reader."""
    for name in _DECIDING:
        numbers: dict[str, list[int]] = defaultdict(list)
        for received in seen.events.get(name, ()):
            numbers[received.subject].append(received.sequence or 0)
        for subject, (_, sequence) in seen.store(name).revisions.items():
            if sorted(numbers[subject]) != list(range(1, sequence + 1)):
                yield f"{name} numbered {subject}'s events {sorted(numbers[subject])}, and counts {sequence}"
    fold = seen.store("reporting").fold
    assert isinstance(fold, MemoryProjection)
    yield from (f"reporting misses events of {stream}" for stream in fold.missing())
    for name in _DECIDING:
        for subject, (_, sequence) in seen.store(name).revisions.items():
            if sequence != fold.reached.get((subject, name), 0):
                yield f"{name} has published {sequence} events about {subject}, and its heartbeats differ"


def any_order(seen: Evidence) -> Broken:
    """P6: each read model, and each stored fact, equals the fold of its topics in any order."""
    again, received = MemoryProjection(), list(seen.received)
    Random(seen.world.scenario.seed).shuffle(received)
    again.keep(received)
    if again != seen.store("reporting").fold:
        yield "reporting differs from a fold of its topics"
    for service in SERVICES:
        for one in seen.received:
            if type(one.message) in service.reactions:
                assert isinstance(one.message, Event)
                kept = seen.store(service.name).records.get(
                    (one.subject, one.message.kind, one.message.record_id)
                )
                if kept is None or kept.revision < one.message.revision:
                    yield f"{service.name} keeps an older state than {one.name} {one.message.revision}"


def accounted(seen: Evidence) -> Broken:
    """P8: read = applied + duplicate + held + dead letter, and the service takes each command once."""
    for service in SERVICES:
        store, kafka = seen.store(service.name), seen.world.kafka
        counts: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (topic, partition, result), messages in store.tally.items():
            counts[topic, partition][result] += messages
        for place in kafka.groups[service.name].places:
            if sum(counts[place].values()) < len(kafka.log[place]):
                yield f"{service.name} lost count of {place}"
        commands = {item.id for item in seen.commands(service.name)}
        taken = sum(
            found["applied"] + found["held"]
            for (topic, _), found in counts.items()
            if topic.endswith(".commands")
        )
        if taken != len(commands):
            yield f"{service.name} took {taken} of {len(commands)} commands"
        yield from _dead_letters(seen, service.name)


def _dead_letters(seen: Evidence, name: str) -> Broken:
    """Every unreadable message has a dead letter."""
    kafka, read = seen.world.kafka, partial(seen.world.read, name)
    records = kafka.records(kafka.groups[name].topics.__contains__)
    unreadable = {_where(raw) for raw in records if isinstance(read(raw), Unreadable)}
    letters = [json.loads(raw.value or b"") for raw in kafka.records(f"{name}.dead-letters".__eq__)]
    named = {(letter["topic"], letter["partition"], letter["offset"]) for letter in letters}
    if lost := unreadable - named:
        yield f"{name} wrote no dead letter for {lost}, only for {named}"
    if CANARY in " ".join(letter["reason"] for letter in letters):
        yield f"{name} names somebody in a dead letter's reason"


def _where(raw: RawMessage) -> tuple[str, int, int]:
    return raw.topic, raw.partition, raw.offset


def in_order(seen: Evidence) -> Broken:
    """P9: the effects of a student's commands are in the order of the commands.

    A command with another student's key has no place in that order, because it may be on another partition.
    """
    for name in _DECIDING:
        first: dict[tuple[str, str], int] = {}
        for place, item in enumerate(seen.commands(name)):
            if item.raw.key == item.subject.encode():
                first.setdefault((item.subject, item.id), place)
        begun: dict[str, dict[str, int]] = defaultdict(dict)
        for received in seen.events.get(name, ()):
            cause, sequence = received.envelope.causation or "", received.sequence or 0
            if (received.subject, cause) in first:
                begun[received.subject][cause] = min(sequence, begun[received.subject].get(cause, sequence))
        for subject, causes in begun.items():
            order = sorted(causes, key=causes.__getitem__)
            if any(first[subject, one] > first[subject, next] for one, next in pairwise(order)):
                yield f"{name}: a command of {subject} overtook an earlier one"


def nobody_named(seen: Evidence) -> Broken:
    """P12: no name of a person in an outcome."""
    for name in _DECIDING:
        if any(CANARY in row.body for row in seen.store(name).ledger.values()):
            yield f"{name} names somebody in an outcome"


PROMISES: Mapping[str, Callable[[Evidence], Broken]] = {
    "P1": one_outcome,
    "P2": once,
    "P3": published_if_kept,
    "P4": no_gap,
    "P5": legality.tiles,
    "P6": any_order,
    "P8": accounted,
    "P9": in_order,
    "P10": legality.ieps_stay,
    "P12": nobody_named,
    "P13": addresses.found_again,
    "model": legality.legal,
}
"""P7 is not here: every run waits until the system has drained."""


def broken_promises(world: World) -> list[str]:
    """A sentence for each broken promise of the run."""
    seen = Evidence(world)
    return [f"{name}: {how}" for name, judge in PROMISES.items() for how in judge(seen)]
