"""Systems with a defect each, to see that a simulation notices it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from contracts.envelope import NAMES
from contracts.ieps import IEPContents
from contracts.jurisdiction import StudentClaimed, Transfer
from services.chassis.deciding.batch import Loaded, Outgoing, Writes
from services.chassis.decoding.messages import ReceivedEvent, Work
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.publishing import effects as outgoing
from services.ieps.domain import amendments, official
from services.ieps.domain import contents as contents_of_ieps
from services.jurisdiction.domain import transfers as transfers_of_jurisdiction
from services.provision.domain import transfers
from tests.memory import MemoryStore, _Staged
from tests.simulation.kafka import Kafka, Member, Place
from tests.simulation.node import Node
from tests.simulation.projection import MemoryProjection
from tests.simulation.workload import CANARY
from tests.simulation.world import Scenario, World

Stores = Callable[[ServiceDefinition], MemoryStore]


class _Forgetful(MemoryStore):
    """Does not know which commands were answered."""

    def load(self, batch: Sequence[Work]) -> Loaded:
        return replace(super().load(batch), given={})

    def _follows(self, answer: object) -> bool:
        return True


class _Trusting(MemoryStore):
    """Does not look whether another process was first."""

    def _commit(self, staged: _Staged) -> None:
        for advance in staged.writes.advances:
            self.revisions[advance.subject] = (advance.revision - 1, advance.sequence)
        super()._commit(staged)

    def _follows(self, answer: object) -> bool:
        return True


class _Leaking(MemoryStore):
    """Loses a message of the outbox now and then."""

    def _numbers(self, writes: Writes) -> Iterator[tuple[int, Outgoing]]:
        return ((number, message) for number, message in super()._numbers(writes) if number % 13)


_SEQUENCE = NAMES.index("ce_sequence")


class _Muttering(MemoryStore):
    """Numbers an event anew each time it is published."""

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
    """Believes whatever it hears last."""

    def keep(self, events: Sequence[ReceivedEvent]) -> None:
        self.newest = {}
        super().keep(events)


class _Inattentive(MemoryProjection):
    """Hears the first event of each service about a student, and none after it."""

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
    """A consumer that commits what it has read before it is worked on."""
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
    """A consumer that hands on what it has read in another order."""
    poll = Kafka.poll

    with patch.object(Kafka, "poll", lambda kafka, member, most: poll(kafka, member, most)[::-1]):
        yield


@contextmanager
def _generous() -> Iterator[None]:
    """A provision that clears every transfer."""
    with patch.object(transfers, "open_services", lambda known, lea: []):
        yield


@contextmanager
def _careless() -> Iterator[None]:
    """A relay that deletes what it is about to publish."""
    publish = Node._publish

    async def delete_first(node: Node, rows: Sequence[tuple[int, Outgoing]]) -> None:
        for number, _ in rows:
            node.store.rows.pop(number, None)
        await publish(node, rows)

    with patch.object(Node, "_publish", delete_first):
        yield


class _Gossiping(MemoryStore):
    """Writes names into its answers."""

    def _commit(self, staged: _Staged) -> None:
        for id, answer in staged.writes.ledger.items():
            staged.writes.ledger[id] = answer._replace(
                body=answer.body.replace('"command":"', f'"command":"{CANARY} ')
            )
        super()._commit(staged)


class _Uncounting(MemoryStore):
    """Does not count what it takes up first."""

    def _commit(self, staged: _Staged) -> None:
        if len(self.ledger) < 3:
            staged.writes.tally.clear()
        super()._commit(staged)


class _Clinging(MemoryStore):
    """Never lets go of what is held."""

    def _commit(self, staged: _Staged) -> None:
        staged.writes.released.clear()
        super()._commit(staged)


@contextmanager
def _gap() -> Iterator[None]:
    """A new spell that begins a day late."""
    new_spell = transfers_of_jurisdiction._new_spell

    def late(transfer: Transfer) -> StudentClaimed:
        spell = new_spell(transfer)
        return spell.model_copy(update={"begin_on": spell.begin_on + timedelta(days=1)})

    with patch.object(transfers_of_jurisdiction, "_new_spell", late):
        yield


@contextmanager
def _branching() -> Iterator[None]:
    """IEPs that may be amended twice."""
    with patch.object(amendments, "_not_next", lambda known, earlier, command: ()):
        yield


@contextmanager
def _misnaming() -> Iterator[None]:
    """Official IEPs that name the contents of the draft before."""

    def before(contents: IEPContents) -> dict[str, Any]:
        return contents_of_ieps.described(contents) | {"contents_revision": contents.revision - 1}

    with patch.object(official, "described", before):
        yield


@contextmanager
def _drawn() -> Iterator[None]:
    """Events whose ids do not come from their causes."""
    with patch.object(outgoing, "uuid5", lambda space, name: uuid4()):
        yield


@dataclass(frozen=True)
class Defect:
    """What is wrong with a system, and which promise it breaks."""

    promise: str
    stores: Stores = _SOUND
    patched: Callable[[], AbstractContextManager[None]] = nullcontext

    def world(self, told: Scenario) -> World:
        """The scenario in the broken system."""
        return World(told, self.stores)


DEFECTS: Mapping[str, Defect] = {
    "the ledger is forgotten": Defect("P1", _of(_Forgetful)),
    "stale transactions are kept": Defect("P4", _of(_Trusting)),
    "the outbox loses messages": Defect("P3", _of(_Leaking)),
    "an event is published twice, under two numbers": Defect("P2", _of(_Muttering)),
    "the relay deletes before it publishes": Defect("P4", patched=_careless),
    "offsets are committed before the work is done": Defect("P1", patched=_hasty),
    "the last state heard is believed": Defect("P6", _last_word),
    "the last events about a student are not heard": Defect("P4", _first_word),
    "records are taken in another order": Defect("P9", patched=_backwards),
    "every transfer is cleared": Defect("model", patched=_generous),
    "events are given ids by chance": Defect("P2", _of(_Forgetful), _drawn),
    "a new spell begins a day late": Defect("P5", patched=_gap),
    "nothing held is let go": Defect("P7", _of(_Clinging)),
    "the first records are not counted": Defect("P8", _of(_Uncounting)),
    "an IEP is amended twice": Defect("P10", patched=_branching),
    "an official IEP names other contents": Defect("P10", patched=_misnaming),
    "answers hold names": Defect("P12", _of(_Gossiping)),
}
