"""Systems with one defect each. They show that the simulation notices a broken promise."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from contracts.envelope import NAMES
from contracts.ieps import IEPContents, IEPDeleted
from contracts.jurisdiction import Spell
from contracts.message import Record
from services.chassis.deciding.batch import Loaded, Outgoing, Writes
from services.chassis.decoding.messages import ReceivedEvent, Work
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.publishing import effects as outgoing
from services.ieps.domain import activities, amendments, beginnings, deletions, official
from services.ieps.domain import contents as contents_of_ieps
from services.jurisdiction.domain import tiling as tiling_of_jurisdiction
from services.jurisdiction.domain.tiling import tiling
from services.provision.domain import transfers
from tests.memory import MemoryStore, _Staged
from tests.simulation import world
from tests.simulation.faults import Fault
from tests.simulation.kafka import Kafka, Member, Place
from tests.simulation.node import Node
from tests.simulation.projection import MemoryProjection
from tests.simulation.workload import CANARY, SECONDS
from tests.simulation.world import Scenario, World

Stores = Callable[[ServiceDefinition], MemoryStore]


class _Forgetful(MemoryStore):
    """Forgets the outcomes in the ledger."""

    def load(self, batch: Sequence[Work]) -> Loaded:
        return replace(super().load(batch), given={})

    def _follows(self, answer: object) -> bool:
        return True


class _Trusting(MemoryStore):
    """Does not reject a late writer."""

    def _commit(self, staged: _Staged) -> None:
        for advance in staged.writes.advances:
            self.revisions[advance.subject] = (advance.revision - 1, advance.sequence)
        super()._commit(staged)

    def _follows(self, answer: object) -> bool:
        return True


class _Leaking(MemoryStore):
    """Loses some messages of the outbox."""

    def _numbers(self, writes: Writes) -> Iterator[tuple[int, Outgoing]]:
        return ((number, message) for number, message in super()._numbers(writes) if number % 13)


_SEQUENCE = NAMES.index("ce_sequence")


class _Muttering(MemoryStore):
    """Publishes some events twice, under two numbers."""

    def _numbers(self, writes: Writes) -> Iterator[tuple[int, Outgoing]]:
        for number, message in super()._numbers(writes):
            values = json.loads(message.headers)
            if values[_SEQUENCE] is not None and number % 5 == 0:
                values[_SEQUENCE] = str(int(values[_SEQUENCE]) + 1)
                again = json.dumps(values)
                self.numbered += 1
                yield self.numbered, message._replace(headers=again)
            yield number, message


class _Latest(MemoryProjection):
    """Keeps the last state that arrives, not the newest."""

    def keep(self, events: Sequence[ReceivedEvent]) -> None:
        self.newest = {}
        super().keep(events)


class _Inattentive(MemoryProjection):
    """Keeps only the first event of each service about a student."""

    def keep(self, events: Sequence[ReceivedEvent]) -> None:
        super().keep([one for one in events if one.sequence in (None, 1)])


def _of(kind: type[MemoryStore]) -> Stores:
    return lambda service: kind(service, MemoryProjection() if service.projection else None)


_SOUND = _of(MemoryStore)


def _last_word(service: ServiceDefinition) -> MemoryStore:
    return MemoryStore(service, _Latest() if service.projection else None)


def _first_word(service: ServiceDefinition) -> MemoryStore:
    return MemoryStore(service, _Inattentive() if service.projection else None)


@contextmanager
def _hasty() -> Iterator[None]:
    """A consumer that commits offsets before the work is done."""
    poll = Kafka.poll

    def greedy(kafka: Kafka, member: Member, most: int) -> list[object]:
        records = poll(kafka, member, most)
        offsets: dict[Place, int] = {(raw.topic, raw.partition): raw.offset + 1 for raw in records}
        member.group.committed.update(offsets)
        return list(records)

    with patch.object(Kafka, "poll", greedy):
        yield


@contextmanager
def _backwards() -> Iterator[None]:
    """A consumer that delivers messages in reverse order."""
    poll = Kafka.poll

    with patch.object(Kafka, "poll", lambda kafka, member, most: poll(kafka, member, most)[::-1]):
        yield


@contextmanager
def _generous() -> Iterator[None]:
    """A provision service that clears every transfer."""
    with patch.object(transfers, "blocking", lambda known, lea: []):
        yield


@contextmanager
def _careless() -> Iterator[None]:
    """A relay that deletes rows before it publishes them."""
    publish = Node._publish

    async def delete_first(node: Node, rows: Sequence[tuple[int, Outgoing]]) -> None:
        for number, _ in rows:
            node.store.rows.pop(number, None)
        await publish(node, rows)

    with patch.object(Node, "_publish", delete_first):
        yield


class _Gossiping(MemoryStore):
    """Writes names into outcomes."""

    def _commit(self, staged: _Staged) -> None:
        for id, answer in staged.writes.ledger.items():
            staged.writes.ledger[id] = answer._replace(
                body=answer.body.replace('"command":"', f'"command":"{CANARY} ')
            )
        super()._commit(staged)


class _Uncounting(MemoryStore):
    """Does not count the first messages."""

    def _commit(self, staged: _Staged) -> None:
        if len(self.ledger) < 3:
            staged.writes.tally.clear()
        super()._commit(staged)


class _Clinging(MemoryStore):
    """Never releases held messages."""

    def _commit(self, staged: _Staged) -> None:
        staged.writes.released.clear()
        super()._commit(staged)


@contextmanager
def _gap() -> Iterator[None]:
    """A jurisdiction service whose old spell ends a day early, unless it has one day only."""

    def early(spells: Iterable[Spell]) -> Sequence[Spell]:
        return [
            spell.model_copy(update={"end_on": max(spell.begin_on, spell.end_on - timedelta(days=1))})
            if spell.end_on
            else spell
            for spell in tiling(spells)
        ]

    with patch.object(tiling_of_jurisdiction, "tiling", early):
        yield


@contextmanager
def _branching() -> Iterator[None]:
    """An ieps service that lets an LEA amend an IEP twice."""
    with patch.object(amendments, "_not_next", lambda known, earlier, command: ()):
        yield


@contextmanager
def _trusting_one() -> Iterator[None]:
    """An ieps service that lets the requester of a deletion approve it."""
    with patch.object(deletions, "_same_person", lambda asked, actor: ()):
        yield


@contextmanager
def _rewriting() -> Iterator[None]:
    """An ieps service that adds to the header of a deleted IEP."""
    of = IEPDeleted.of

    def renamed(earlier: Record, **changes: Any) -> IEPDeleted:
        return of(earlier, **changes, late_reason="deleted")

    with patch.object(IEPDeleted, "of", renamed):
        yield


@contextmanager
def _readmitting() -> Iterator[None]:
    """An ieps service that enters a student at each submission."""
    with patch.object(activities, "enters", lambda known, submitted: True):
        yield


@contextmanager
def _misnaming() -> Iterator[None]:
    """An ieps service whose official IEPs name the contents of the revision before."""

    def before(contents: IEPContents) -> dict[str, Any]:
        return contents_of_ieps.described(contents) | {"contents_revision": contents.revision - 1}

    with patch.object(official, "described", before):
        yield


@contextmanager
def _unheeding() -> Iterator[None]:
    """An ieps service that begins an evaluation while another one is open."""
    with patch.object(beginnings, "open_evaluation", lambda known: None):
        yield


@contextmanager
def _drawn() -> Iterator[None]:
    """Random event ids, which do not derive from their causes."""
    with patch.object(outgoing, "uuid5", lambda space, name: uuid4()):
        yield


@contextmanager
def _impatient() -> Iterator[None]:
    """A run that may drain for 500 s. A sound system takes 100 s at most, unless a clock is wrong."""
    with patch.object(world, "_DRAIN_SECONDS", 500.0):
        yield


@dataclass(frozen=True)
class Defect:
    """A system with a defect, and the promise that it breaks. `faults`: of a seed, if not the usual ones."""

    promise: str
    stores: Stores = _SOUND
    patched: Callable[[], AbstractContextManager[None]] = nullcontext
    faults: Callable[[int], Sequence[Fault]] | None = None

    def world(self, chosen: Scenario) -> World:
        """The scenario in the broken system."""
        if self.faults:
            chosen = replace(chosen, faults=[*self.faults(chosen.seed)])
        return World(chosen, self.stores)


def _late_writers(seed: int) -> Sequence[Fault]:
    """Processes stop in the middle of their work, for so long that others take it over."""
    draw = Random(seed)
    stops = (
        Fault(draw.uniform(0, SECONDS), "freeze at a point", 40.0, draw.randrange(1_000_000))
        for _ in range(20)
    )
    return sorted(stops, key=lambda stop: stop.at)


def _no_faults(seed: int) -> Sequence[Fault]:
    """Nothing goes wrong."""
    return ()


DEFECTS: Mapping[str, Defect] = {
    "the ledger is forgotten": Defect("P1", _of(_Forgetful)),
    "stale transactions are kept": Defect("P4", _of(_Trusting), faults=_late_writers),
    "the outbox loses messages": Defect("P3", _of(_Leaking)),
    "an event is published twice, under two numbers": Defect("P2", _of(_Muttering)),
    "the relay deletes before it publishes": Defect("P4", patched=_careless),
    "offsets are committed before the work is done": Defect("P1", patched=_hasty),
    "the last state to arrive is kept": Defect("P6", _last_word),
    "the last events about a student are ignored": Defect("P4", _first_word),
    "records are taken in another order": Defect("P9", patched=_backwards),
    "every transfer is cleared": Defect("model", patched=_generous),
    "event ids are random": Defect("P2", _of(_Forgetful), _drawn),
    "an old spell ends a day early": Defect("P5", patched=_gap),
    "held messages are never released": Defect("P7", _of(_Clinging), _impatient, _no_faults),
    "the first records are not counted": Defect("P8", _of(_Uncounting)),
    "an IEP is amended twice": Defect("P10", patched=_branching),
    "one person deletes an IEP": Defect("model", patched=_trusting_one),
    "a deleted IEP says something else": Defect("P10", patched=_rewriting),
    "each submission is an entry": Defect("model", patched=_readmitting),
    "two evaluations are open": Defect("model", patched=_unheeding),
    "an official IEP names other contents": Defect("P10", patched=_misnaming),
    "outcomes have names": Defect("P12", _of(_Gossiping)),
}
