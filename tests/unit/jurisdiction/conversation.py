"""Jurisdiction and provision exchange events about one student; events come in any order, some twice."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from contracts.decision import Accepted, Ask, Begun, Known, Refused, Settled, Waiting
from contracts.errors import Finding
from contracts.jurisdiction import (
    ClaimJurisdiction,
    CloseJurisdiction,
    CorrectClaim,
    EndReason,
    Spell,
    WithdrawClaim,
)
from contracts.message import Command, Event, Record
from contracts.provision import AddService, Service, ServiceTerms, TerminateService
from services.jurisdiction import domain as jurisdiction
from services.jurisdiction.domain.facts import open_spell, spells
from services.provision import domain as provision
from tests.unit.events import AUGUST, added, directory
from tests.unit.provision.events import submitted
from tests.unit.scenario import STUDENT, actor, id_named

Choose = Callable[[int], int]
"""Chooses one of so many possibilities, numbered from 0."""

LEAS = ("036", "026", "009")
STEPS = 60


class Participant:
    """One service: decides commands in order, holds those that must wait, and applies an event once."""

    def __init__(self, deciders: Mapping[type[Any], Any], reactions: Mapping[type[Any], Any]) -> None:
        self.known = Known(others={f"lea/{lea}": Known([directory(lea)]) for lea in LEAS})
        self.decides, self.listens_to = tuple(deciders), tuple(reactions)
        self.outcomes: dict[UUID, list[tuple[Finding, ...]]] = defaultdict(list)
        self.held: list[Ask[Any]] = []
        self._deciders = deciders
        self._reactions = reactions

    def receive_command(self, ask: Ask[Any]) -> Sequence[Event]:
        """The events that the service publishes after a command."""
        self.held.append(ask)
        return self._decide_held() if len(self.held) == 1 else ()

    def receive_event(self, event: Event) -> Sequence[Event]:
        """The events that the service publishes after an event, with those of released commands."""
        if self.known.revision(event.kind, event.record_id) >= event.revision:
            return ()
        published: list[Event] = []
        for part in self._reactions[type(event)](self.known, event):
            if isinstance(part, Settled):
                self.outcomes[part.command_id].append(part.findings)
            else:
                published += self._learn([part])
        return [*published, *self._decide_held()]

    def _decide_held(self) -> Sequence[Event]:
        published: list[Event] = []
        while self.held:
            ask = self.held[0]
            match self._deciders[type(ask.command)](self.known, ask):
                case Waiting():
                    break
                case Accepted(records=records):
                    self.outcomes[ask.command_id].append(())
                    published += self._learn(records)
                case Refused(findings=findings):
                    self.outcomes[ask.command_id].append(findings)
                case Begun(records=records):
                    published += self._learn(records)
            self.held.pop(0)
        return published

    def _learn(self, records: Sequence[Record]) -> Sequence[Event]:
        for record in records:
            assert self.known.learn(record), f"{record!r} is not newer than what is known"
        return [record for record in records if isinstance(record, Event)]


class Conversation:
    """The messages about one student. `choose` draws the commands of three LEAs and the order of events."""

    def __init__(self, choose: Choose) -> None:
        self._choose = choose
        self.jurisdiction = Participant(jurisdiction.DECIDERS, jurisdiction.REACTIONS)
        self.provision = Participant(provision.DECIDERS, provision.REACTIONS)
        self.commands: list[Ask[Any]] = []
        self.counts: Counter[str] = Counter()
        self._undelivered: list[tuple[Participant, Event]] = []
        self._publish([added(), submitted()])

    def step(self) -> None:
        """An LEA sends a command, or (more often) an event arrives."""
        match self._choose(9):
            case 0 | 1:
                self._ask(self.jurisdiction, self._claim())
            case 2 | 3:
                self._ask(self.provision, self._addition())
            case 4 if services := self.provision.known.all(Service):
                self._ask(self.provision, self._termination(services))
            case 5 if self._choose(2):
                self._ask(self.jurisdiction, self._closing())
            case 6 if (made := self.jurisdiction.known.all(Spell)) and not self._choose(3):
                self._ask(self.jurisdiction, self._mending(made))
            case _:
                self._deliver(again=self._choose(4) == 0)

    def drain(self) -> None:
        """Delivers all events, in any order."""
        while self._undelivered:
            self._deliver(again=False)

    def owner(self) -> str | None:
        """The LEA that owns the student in jurisdiction."""
        spell = open_spell(self.jurisdiction.known)
        return spell.lea if spell else None

    def spells(self) -> Sequence[Spell]:
        """The student's spells, earliest first, without those of withdrawn claims."""
        return sorted(spells(self.jurisdiction.known), key=lambda spell: spell.begin_on)

    def _claim(self) -> ClaimJurisdiction:
        lea = self._one_of(LEAS)
        return ClaimJurisdiction(student_id=STUDENT, begin_on=self._day(), school=f"{lea}001")

    def _mending(self, made: Sequence[Spell]) -> WithdrawClaim | CorrectClaim:
        chosen = made[self._choose(len(made))]
        names = {"student_id": STUDENT, "spell_id": chosen.spell_id, "reason": "made in error"}
        return CorrectClaim(**names, begin_on=self._day()) if self._choose(2) else WithdrawClaim(**names)

    def _closing(self) -> CloseJurisdiction:
        reason = self._one_of(tuple(EndReason))
        return CloseJurisdiction(student_id=STUDENT, end_on=min(self._day(), self._today()), reason=reason)

    def _addition(self) -> AddService:
        terms = ServiceTerms(service_code="SPE", begin_on=self._day(), sessions=1, minutes_per_session=30)
        service_id = id_named(f"service {len(self.commands)}")
        return AddService(student_id=STUDENT, service_id=service_id, iep_id=id_named("the IEP"), terms=terms)

    def _termination(self, services: Sequence[Service]) -> TerminateService:
        chosen = services[self._choose(len(services))]
        return TerminateService(
            student_id=STUDENT,
            service_id=chosen.service_id,
            end_on=max(self._day(), chosen.terms.begin_on),
            reason="TRANSFER",
        )

    def _today(self) -> date:
        """Two days pass from one command to the next. Claims may be for days to come."""
        return AUGUST + timedelta(days=2 * len(self.commands))

    def _day(self) -> date:
        return AUGUST + timedelta(days=self._choose(60))

    def _one_of(self, choices: Sequence[str]) -> str:
        return choices[self._choose(len(choices))]

    def _ask(self, participant: Participant, command: Command) -> None:
        lea = command.school[:3] if isinstance(command, ClaimJurisdiction) else self._likely_lea()
        ask: Ask[Any] = Ask(command, actor(lea), id_named(f"command {len(self.commands)}"), self._today())
        self.commands.append(ask)
        self._publish(participant.receive_command(ask))

    def _likely_lea(self) -> str:
        owner = self.owner()
        return owner if owner and self._choose(3) else self._one_of(LEAS)

    def _publish(self, events: Sequence[Event]) -> None:
        for event in events:
            self.counts[type(event).__name__] += 1
            for participant in (self.jurisdiction, self.provision):
                if type(event) in participant.listens_to:
                    self._undelivered.append((participant, event))

    def _deliver(self, *, again: bool) -> None:
        if not self._undelivered:
            return
        place = self._choose(len(self._undelivered))
        participant, event = self._undelivered[place]
        if not again:
            self._undelivered.pop(place)
        self._publish(participant.receive_event(event))
