"""The four deciding services in memory: each event of one reaches the others at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from contracts.access import Actor, Role
from contracts.catalog import entry_of
from contracts.decision import Accepted, Ask, Begun, Decision, Known
from contracts.message import Command, Event, Record
from deploy.demo.history import Step, StudentHistory
from services.ieps import domain as ieps
from services.jurisdiction import domain as jurisdiction
from services.provision import domain as provision
from services.students import domain as students
from tests.unit.events import directory

_DOMAINS: Mapping[str, Any] = {
    "students": students,
    "jurisdiction": jurisdiction,
    "ieps": ieps,
    "provision": provision,
}
_RECEIVED_ON = date(2026, 3, 2)


class InMemoryServices:
    """The records of every service about one student."""

    def __init__(self) -> None:
        self.records = {name: Known() for name in _DOMAINS}

    def decide_all(self, history: StudentHistory) -> Sequence[Decision]:
        """The decision about each command of a history, in order."""
        assert isinstance(history.identity.message, Event)
        self._apply(history.identity.message)
        return [self._decide(step, history.pupil.lea) for step in history.commands]

    def all(self, kind: type[Any]) -> Sequence[Any]:
        """The owner's records of a kind."""
        return [record_id for known in self.records.values() for record_id in known.all(kind)]

    def _decide(self, step: Step, lea: str) -> Decision:
        command, owner = step.message, step.entry.owner
        assert isinstance(command, Command)
        actor = Actor(sub="demo", lea=lea, roles=frozenset({Role.WRITER, Role.IEP_SUBMITTER}))
        ask = Ask(command, actor, UUID(step.id), _RECEIVED_ON)
        others = defaultdict(Known, {f"lea/{lea}": Known([directory(lea, number=200)])})
        known = self.records[owner].beside(others)
        decision: Decision = _DOMAINS[owner].DECIDERS[type(command)](known, ask)
        if isinstance(decision, Accepted | Begun):
            self._learn(owner, decision.records)
        return decision

    def _apply(self, event: Event) -> None:
        for name, domain in _DOMAINS.items():
            if type(event) in domain.REACTIONS:
                effects = domain.REACTIONS[type(event)](self.records[name], event)
                self._learn(name, [effect for effect in effects if isinstance(effect, Record)])

    def _learn(self, service: str, records: Sequence[Record]) -> None:
        for record in records:
            self.records[service].learn(record)
        for record in records:
            if isinstance(record, Event) and entry_of(type(record)).owner == service:
                self._apply(record)
