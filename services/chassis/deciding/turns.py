"""The turn of one message: its decider or its reaction, and what follows from the answer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import assert_never

from contracts import errors
from contracts.decision import Accepted, Ask, Begun, Decision, Known, Refused, Settled, Waiting
from contracts.errors import Finding
from contracts.message import Command, Event, Record
from contracts.outcome import Status
from services.chassis.deciding.answers import Answers, as_warning
from services.chassis.deciding.checks import Defect, check_remembered, longer, written
from services.chassis.deciding.draft import Draft
from services.chassis.decoding.messages import ReceivedCommand, ReceivedEvent


@dataclass(frozen=True, slots=True)
class Stay:
    """Why a message is held: a fact is missing, or (`defect`) the code failed."""

    finding: Finding
    reason: str
    defect: bool = False


class Turns:
    """Gives messages their turn. A message that cannot go on has a `Stay`; None: it is done."""

    def __init__(self, draft: Draft, answers: Answers) -> None:
        self._draft = draft
        self._terms = draft.terms
        self._answers = answers

    def turn(self, item: ReceivedCommand | ReceivedEvent) -> Stay | None:
        """The turn of a held message, unless it has become needless meanwhile."""
        if self._answers.is_answered(item):
            return None
        match item:
            case ReceivedCommand():
                return self.decide(item)
            case ReceivedEvent():
                known = self._draft.subject(item.subject).known
                outcome = () if stale(known, item) else self.react(item)
                return outcome if isinstance(outcome, Stay) else None
            case _:
                assert_never(item)

    def decide(self, command: ReceivedCommand) -> Stay | None:
        """Decide a command: its outcome and its new records."""
        if command.findings:  # its refusal could not be saved: it met a defect
            self._answers.answer(command, Status.REFUSED, command.findings)
            return None
        try:
            about = self._about(command)
            decision = self._decision(about, command)
            records = decision.records if isinstance(decision, Accepted | Begun) else ()
            bodies = written(records, about)
        except Exception as defect:
            return Stay(errors.DEFECT.broken(), _name(defect), defect=True)
        if any(longer(body, self._terms.largest_body) for body in bodies):
            decision = Refused((errors.RECORD_TOO_LARGE.broken(limit=self._terms.largest_body),))
        match decision:
            case Accepted(records=records, warnings=warnings):
                self._draft.learn(command, records, bodies)
                self._draft.read(about)
                self._answers.answer(command, Status.ACCEPTED, warnings)
            case Refused(findings=findings):
                self._answers.answer(command, Status.REFUSED, findings)
            case Begun(records=records, reason=reason):
                self._draft.learn(command, records, bodies)
                self._draft.read(about)
                self._answers.answer(command, Status.HELD, (as_warning(reason),))
            case Waiting(reason=reason):
                return Stay(reason, reason.code)
            case _:
                assert_never(decision)
        return None

    def _decision(self, about: Mapping[str, Known], received: ReceivedCommand) -> Decision:
        command, actor = received.command, received.actor
        assert command is not None, "only a command without findings has its turn"
        assert actor is not None, "a command without findings has an actor"
        shut = tuple(self._terms.service.closed(about[received.subject], command))
        if shut:
            return Refused(shut)
        new_id = command.new_id
        if new_id is not None and self._draft.has_another(new_id, received.subject):
            return Refused((errors.ID_TAKEN.broken(at=command.creates, id=new_id),))
        ask: Ask[Command] = Ask(command, actor, received.command_id, received.day)
        return self._terms.service.deciders[type(command)](self._seeing(about, received), ask)

    def _seeing(self, about: Mapping[str, Known], work: ReceivedCommand | ReceivedEvent) -> Known:
        """The known records of the message's subject, and of the other subjects that its decision reads."""
        service = self._terms.service
        known = about[work.subject]
        names = (*service.looked_at(work), *(name for name in about if name != work.subject))
        others = {name: self._draft.other(name) for name in names}
        opened = frozenset(service.opened(work)) if service.by_name else None
        return known.beside(others, opened) if others or opened is not None else known

    def _about(self, work: ReceivedCommand | ReceivedEvent) -> Mapping[str, Known]:
        """What is known of each subject about which the message is decided."""
        names = (work.subject, *self._terms.service.decided_with(work, self._draft.other))
        return {name: self._draft.subject(name).known for name in names}

    def react(self, event: ReceivedEvent) -> Stay | Collection[str]:
        """Apply an event: the records of its reaction. Returns the subjects about which it was decided."""
        message = event.message
        assert isinstance(message, Event), "a service that decides consumes no outcomes"
        try:
            about = self._about(event)
            seeing = self._seeing(about, event)
            effects = self._terms.service.reactions[type(message)](seeing, message)
            records = [effect for effect in effects if isinstance(effect, Record)]
            bodies = written(records, about)
            check_remembered(message, records)
            said = (body for record, body in zip(records, bodies, strict=True) if isinstance(record, Event))
            if any(longer(body, self._terms.largest_body) for body in said):
                raise Defect("a reaction that makes an event too large for Kafka")
        except Exception as defect:
            return Stay(errors.DEFECT.broken(), _name(defect), defect=True)
        self._draft.learn(event, records, bodies)
        self._draft.read(about)
        for effect in effects:
            if isinstance(effect, Settled):
                self._answers.settle(event, effect)
        return about


def stale(known: Known, event: ReceivedEvent) -> bool:
    """Whether the known record is as new as the event's, or newer."""
    message = event.message
    return isinstance(message, Event) and known.revision(message.kind, message.record_id) >= message.revision


def _name(defect: Exception) -> str:
    """The name of the failure, without the contents of the message."""
    return f"{type(defect).__name__}: {defect}" if isinstance(defect, Defect) else type(defect).__name__
