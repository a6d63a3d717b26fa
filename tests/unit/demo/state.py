"""The rules of the four services that decide, in memory, each told at once whatever another says."""

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

_DOMAINS: Mapping[str, Any] = {
    "students": students,
    "jurisdiction": jurisdiction,
    "ieps": ieps,
    "provision": provision,
}
_RECEIVED_ON = date(2026, 3, 2)


class State:
    """What every service knows of one student."""

    def __init__(self) -> None:
        self.known = {name: Known() for name in _DOMAINS}

    def live(self, life: StudentHistory) -> Sequence[Decision]:
        """What is answered to each command of a life, in order."""
        assert isinstance(life.identity.message, Event)
        self._tell(life.identity.message)
        return [self._ask(step, life.pupil.lea) for step in life.commands]

    def all(self, kind: type[Any]) -> Sequence[Any]:
        """The records of a kind, as their owner knows them."""
        return [record_id for known in self.known.values() for record_id in known.all(kind)]

    def _ask(self, step: Step, lea: str) -> Decision:
        command, owner = step.message, step.entry.owner
        assert isinstance(command, Command)
        actor = Actor(sub="demo", lea=lea, roles=frozenset({Role.WRITER, Role.IEP_SUBMITTER}))
        ask = Ask(command, actor, UUID(step.id), _RECEIVED_ON)
        decision: Decision = _DOMAINS[owner].DECIDERS[type(command)](self.known[owner], ask)
        if isinstance(decision, Accepted | Begun):
            self._learn(owner, decision.records)
        return decision

    def _tell(self, event: Event) -> None:
        for name, domain in _DOMAINS.items():
            if type(event) in domain.REACTIONS:
                effects = domain.REACTIONS[type(event)](self.known[name], event)
                self._learn(name, [effect for effect in effects if isinstance(effect, Record)])

    def _learn(self, service: str, records: Sequence[Record]) -> None:
        for record in records:
            self.known[service].learn(record)
        for record in records:
            if isinstance(record, Event) and entry_of(type(record)).owner == service:
                self._tell(record)
