"""`process(batch, loaded) -> writes`: what a service decides about a batch. No I/O, no clock, no chance.

Each message has its turn. A decider answers a command, a reaction answers an event. A message that cannot go
on is held in its subject's queue. Every event about the subject gives the queue another turn. Nothing that
was loaded is changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from contracts import errors
from contracts.decision import Accepted, Ask, Begun, Decision, Known, Refused, Settled, Waiting
from contracts.errors import Finding, Severity
from contracts.message import Command, Event, Record
from contracts.outcome import Outcome, Status
from services.chassis.deciding.batch import (
    EarlierOutcome,
    HeldAction,
    LedgerEntry,
    Loaded,
    RecordRow,
    Writes,
)
from services.chassis.deciding.checks import Defect, check_remembered, longer, written
from services.chassis.deciding.subject import Subject
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.messages import (
    Alone,
    Due,
    Failed,
    GivenUp,
    ReceivedCommand,
    ReceivedEvent,
    Unreadable,
    Work,
)
from services.chassis.holding.queue import Held


class TooMuchAtOnce(Exception):
    """The messages of a batch cause more than one transaction may hold: take fewer."""


def process(batch: Iterable[Work], loaded: Loaded, terms: Terms, now: datetime) -> Writes:
    """Decide a batch. `now` is when the worker took the batch; deadlines count from it.

    Events have their turn before commands: a command of the same batch may wait for them.
    TooMuchAtOnce: the worker has to take the messages in smaller batches.
    """
    works = sorted(batch, key=lambda work: isinstance(work, ReceivedCommand))
    deciding = _Deciding(loaded, terms, now)
    for work in works:
        deciding.take(work)
        if deciding.bytes > terms.largest_batch and len(works) > 1:
            raise TooMuchAtOnce
    return deciding.finish()


@dataclass(frozen=True, slots=True)
class _Stay:
    """Why a message cannot go on: a fact is missing, or (`defect`) the code failed."""

    finding: Finding
    reason: str
    defect: bool = False


class _Deciding:
    def __init__(self, loaded: Loaded, terms: Terms, now: datetime) -> None:
        self._loaded = loaded
        self._subjects: dict[str, Subject] = {}
        self._given = dict(loaded.given)
        self._ids = dict(loaded.taken)
        self._terms = terms
        self._now = now
        self._writes = Writes()
        self.bytes = 0
        """Of the events so far, roughly: a letter counts as one."""

    def finish(self) -> Writes:
        touched = ((name, subject) for name, subject in self._subjects.items() if subject.touched)
        self._writes.advances = [subject.advance(name) for name, subject in touched]
        self._writes.said = [
            (name, subject.sequence)
            for name, subject in self._subjects.items()
            if subject.sequence != self._loaded.aggregates[name].sequence
        ]
        return self._writes

    def take(self, work: Work) -> None:
        match work:
            case ReceivedCommand():
                self._count(work, self._command(work))
            case ReceivedEvent():
                self._count(work, self._event(work))
            case Alone(item=event):
                self._count(event, self._event(event, alone=True))
            case Unreadable():
                self._count(work, self._dead(work, work.reason))
                self._note(work)
            case Failed(item=failed) if self._is_answered(failed):
                self._count(failed, "duplicate")
            case Failed(item=failed, reason=reason):
                self._hold(failed, _Stay(errors.DEFECT.broken(), reason, defect=True))
                self._count(failed, "held")
            case Due(subject=subject, mended=mended):
                self._retry(subject, due=True, defects=mended)
            case GivenUp():
                self._give_up_on(work)
            case _:
                assert_never(work)

    def _subject(self, name: str) -> Subject:
        subject = self._subjects.get(name)
        if subject is None:
            subject = self._subjects[name] = Subject(self._loaded.aggregates[name])
        return subject

    def _count(self, item: ReceivedCommand | ReceivedEvent | Unreadable, result: str) -> None:
        self._writes.tally[item.raw.topic, item.raw.partition, result] += 1

    def _dead(self, item: ReceivedCommand | Unreadable, reason: str) -> str:
        self._writes.outbox.append(self._terms.out.dead_letter(item.raw, reason))
        return "dead letter"

    def _note(self, item: Unreadable) -> None:
        """Keep with the subject that a message about it could not be read."""
        unread, name = self._terms.service.unread, item.subject
        if unread is None or name is None:
            return
        subject = self._subject(name)
        for record in unread(subject.known, name, item.revision, item.reason):
            if isinstance(record, Record) and subject.known.learn(record):
                key = (name, record.kind, record.record_id)
                self._writes.records[key] = RecordRow(*key, record.revision, record.model_dump_json())
                subject.touched = True

    # A message arrives

    def _command(self, command: ReceivedCommand) -> str:
        given = self._given.get(command.id)
        if given is not None and given.fingerprint == command.fingerprint:
            return "duplicate"
        if given is not None:
            return self._dead(command, f"{errors.ID_REUSED.code}: command id used before")
        if command.findings:
            self._answer(command, Status.REFUSED, command.findings)
            return "applied"
        queue = self._subject(command.subject).queue
        if len(queue) >= self._terms.queue_limit:
            self._answer(command, Status.REFUSED, (errors.QUEUE_FULL.broken(limit=self._terms.queue_limit),))
            return "applied"
        behind = queue.holds_a_command
        stay = _Stay(errors.BEHIND.broken(), "behind") if behind else self._decide(command)
        return self._hold(command, stay) if stay else "applied"

    def _event(self, event: ReceivedEvent, *, alone: bool = False) -> str:
        subject = self._subject(event.subject)
        if _stale(subject.known, event) or any(_same_state(held.item, event) for held in subject.queue):
            return "duplicate"
        if stay := self._react(event):
            return self._hold(event, stay)
        if not alone:
            self._retry(event.subject, defects=True)
        return "applied"

    # A message has its turn

    def _decide(self, command: ReceivedCommand) -> _Stay | None:
        if command.findings:  # its refusal could not be saved: it met a defect
            self._answer(command, Status.REFUSED, command.findings)
            return None
        known = self._subject(command.subject).known
        try:
            decision = self._decision(known, command)
            records = decision.records if isinstance(decision, Accepted | Begun) else ()
            bodies = written(command.subject, records, known)
        except Exception as defect:
            return _Stay(errors.DEFECT.broken(), _name(defect), defect=True)
        if any(longer(body, self._terms.largest_body) for body in bodies):
            decision = Refused((errors.RECORD_TOO_LARGE.broken(limit=self._terms.largest_body),))
        match decision:
            case Accepted(records=records, warnings=warnings):
                self._learn(command, records, bodies)
                self._answer(command, Status.ACCEPTED, warnings)
            case Refused(findings=findings):
                self._answer(command, Status.REFUSED, findings)
            case Begun(records=records, reason=reason):
                self._learn(command, records, bodies)
                self._answer(command, Status.HELD, (_as_warning(reason),))
            case Waiting(reason=reason):
                return _Stay(reason, reason.code)
            case _:
                assert_never(decision)
        return None

    def _decision(self, known: Known, received: ReceivedCommand) -> Decision:
        command, actor = received.command, received.actor
        assert command is not None, "only a command without findings has its turn"
        assert actor is not None, "a command without findings has an actor"
        new_id = command.new_id
        if new_id is not None and self._ids.get(new_id, received.subject) != received.subject:
            return Refused((errors.ID_TAKEN.broken(at=command.creates, id=new_id),))
        ask: Ask[Command] = Ask(command, actor, received.command_id, received.day)
        return self._terms.service.deciders[type(command)](self._seeing(known, received), ask)

    def _seeing(self, known: Known, command: ReceivedCommand) -> Known:
        """What is known of the command's subject, and of the other subjects its decision looks at."""
        others = self._terms.service.looked_at(command)
        return known.beside({name: self._other(name) for name in others}) if others else known

    def _other(self, name: str) -> Known:
        if name in self._loaded.aggregates:
            return self._subject(name).known
        return self._loaded.others[name].known

    def _react(self, event: ReceivedEvent) -> _Stay | None:
        message, known = event.message, self._subject(event.subject).known
        assert isinstance(message, Event), "a service that decides consumes no outcomes"
        try:
            effects = self._terms.service.reactions[type(message)](known, message)
            records = [effect for effect in effects if isinstance(effect, Record)]
            bodies = written(event.subject, records, known)
            check_remembered(message, records)
            if any(longer(body, self._terms.largest_body) for body in bodies):
                raise Defect("a reaction that says more than Kafka takes")
        except Exception as defect:
            return _Stay(errors.DEFECT.broken(), _name(defect), defect=True)
        self._learn(event, records, bodies)
        for effect in effects:
            if isinstance(effect, Settled):
                self._settle(event, effect)
        return None

    def _learn(
        self, cause: ReceivedCommand | ReceivedEvent, records: Sequence[Record], bodies: Sequence[str]
    ) -> None:
        subject = self._subject(cause.subject)
        subject.touched = True
        for number, (record, body) in enumerate(zip(records, bodies, strict=True)):
            subject.known.learn(record)
            key = (cause.subject, record.kind, record.record_id)
            self._writes.records[key] = RecordRow(*key, record.revision, body, record.apart)
            if isinstance(record, Event):
                if record.record_id:
                    self._ids.setdefault(record.record_id, cause.subject)
                subject.sequence += 1
                event = self._terms.out.event(
                    record, body, cause.envelope, cause.raw.at, number, subject.sequence, cause.sender
                )
                self._writes.outbox.append(event)
                self.bytes += len(body)

    # A command is answered

    def _answer(self, command: ReceivedCommand, status: Status, findings: Sequence[Finding]) -> None:
        name, command_id, sequence = command.name, command.command_id, self._sequence(command.subject)
        outcome = Outcome.given(command.subject, name, command_id, status, tuple(findings), sequence)
        body = outcome.model_dump_json()
        self._given[command.id] = EarlierOutcome(command.fingerprint, status)
        self._writes.ledger[command.id] = LedgerEntry(
            command.id,
            command.subject,
            command.actor.scope if command.actor else "",
            command.fingerprint,
            status,
            body,
            command.sender or "",
            command.id in self._loaded.given,
        )
        out = self._terms.out.outcome(
            outcome, command.id, body, command.envelope, command.raw.at, command.sender
        )
        self._writes.outbox.append(out)

    def _settle(self, event: ReceivedEvent, settled: Settled) -> None:
        refused = any(finding.severity is Severity.ERROR for finding in settled.findings)
        status = Status.REFUSED if refused else Status.ACCEPTED
        name, sequence = settled.command.__name__, self._sequence(event.subject)
        outcome = Outcome.given(event.subject, name, settled.command_id, status, settled.findings, sequence)
        key, body = str(settled.command_id), outcome.model_dump_json()
        begun = LedgerEntry(key, event.subject, "", "", status, body, follows=True)
        self._writes.ledger[key] = self._writes.ledger.get(key, begun)._replace(status=status, body=body)
        out = self._terms.out.outcome(outcome, key, body, event.envelope, event.raw.at, event.sender)
        self._writes.outbox.append(out)

    def _sequence(self, name: str) -> int:
        """The number of the last event about the subject; 0 for a command that names no loaded subject."""
        return self._subject(name).sequence if name in self._loaded.aggregates else 0

    # A message is held

    def _hold(self, item: ReceivedCommand | ReceivedEvent, stay: _Stay) -> str:
        subject = self._subject(item.subject)
        until = None if stay.defect else self._now + self._terms.hold
        position, looking = subject.queue.next_position(), self._looking(item)
        self._keep(Held(position, item, until, stay.reason, *looking, finding=_as_warning(stay.finding)))
        if isinstance(item, ReceivedCommand):
            self._answer(item, Status.HELD, (_as_warning(stay.finding),))
        return "held"

    def _looking(self, item: Work) -> tuple[tuple[str, ...], int]:
        """The subjects that the decision looked at, and the sum of their revisions."""
        others = self._terms.service.looked_at(item)
        return others, sum(self._revision(name) for name in others)

    def _revision(self, name: str) -> int:
        if name in self._loaded.aggregates:
            return self._loaded.aggregates[name].revision
        return self._loaded.others[name].revision

    def _keep(self, held: Held) -> None:
        subject = self._subject(held.item.subject)
        subject.queue.put(held)
        subject.touched = True
        self._writes.held[held.item.subject, held.position] = held

    def _release(self, held: Held) -> None:
        name = held.item.subject
        subject = self._subject(name)
        subject.queue.release(held)
        subject.touched = True
        self._writes.held.pop((name, held.position), None)
        self._writes.released.add((name, held.position))

    def _retry(self, name: str, *, due: bool = False, defects: bool = False) -> None:
        """Give the held messages their turn, in order; after each event from the beginning.

        A command waits behind an earlier one that is held. `defects`: what met a defect has its turn too.
        `due`: a command past its deadline is refused. Once a transaction is full the rest waits until it is
        due.
        """
        while self._round(name, due, defects):
            pass

    def _round(self, name: str, due: bool, defects: bool) -> bool:
        """One turn for each. True: an event was applied, and an earlier command may have waited for it."""
        blocked: Literal["", "waiting", "defect"] = ""
        for held in self._subject(name).queue:
            full = self.bytes > self._terms.largest_batch and not (due and defects)
            if held.is_command and (blocked or full):
                blocked = blocked or "waiting"
                if blocked == "waiting" and held.defect:
                    self._stay_on(held, _Stay(errors.BEHIND.broken(), "behind"))
            elif held.defect and not defects:
                blocked = "defect" if held.is_command else blocked
            elif (stay := self._turn(held.item)) is None:
                self._release(held)
                if not held.is_command:
                    return True
            elif due and not stay.defect and held.until is not None and held.until <= self._now:
                self._give_up(held, stay)
            else:
                self._stay_on(held, stay)
                if held.is_command:
                    blocked = "defect" if stay.defect else "waiting"
        return False

    def _stay_on(self, held: Held, stay: _Stay) -> None:
        """The message had its turn and is still held."""
        until = None if stay.defect else held.until or self._now + self._terms.hold
        looks_at, seen = self._looking(held.item)
        now = replace(
            held,
            until=until,
            reason=stay.reason,
            looks_at=looks_at,
            seen=seen,
            finding=_as_warning(stay.finding),
        )
        if now != held:
            self._keep(now)

    def _give_up(self, held: Held, stay: _Stay) -> None:
        """What the command waited for did not come in time."""
        assert isinstance(held.item, ReceivedCommand), "an event waits for no fact"
        self._release(held)
        self._answer(held.item, Status.REFUSED, (errors.NEVER_CAME.broken(), stay.finding))

    def _give_up_on(self, given_up: GivenUp) -> None:
        """An operator gives up a held message. What waits behind it goes on when it is due."""
        queue = self._subject(given_up.subject).queue
        held = queue.at(given_up.position, given_up.message_id)
        if held is None:
            return
        self._release(held)
        self._writes.actions.append(HeldAction.of(given_up, held))
        item = held.item
        if isinstance(item, ReceivedEvent):
            self._writes.outbox.append(self._terms.out.given_up(item.raw, given_up.reason))
        elif not self._is_answered(item):
            self._answer(item, Status.REFUSED, (errors.OPERATOR_REFUSED.broken(reason=given_up.reason),))

    def _is_answered(self, item: ReceivedCommand | ReceivedEvent) -> bool:
        """Whether somebody else gave a command its final answer meanwhile."""
        given = self._given.get(item.id) if isinstance(item, ReceivedCommand) else None
        return given is not None and given.status.final

    def _turn(self, item: ReceivedCommand | ReceivedEvent) -> _Stay | None:
        if self._is_answered(item):
            return None
        match item:
            case ReceivedCommand():
                return self._decide(item)
            case ReceivedEvent():
                return None if _stale(self._subject(item.subject).known, item) else self._react(item)
            case _:
                assert_never(item)


def _same_state(item: ReceivedCommand | ReceivedEvent, event: ReceivedEvent) -> bool:
    held, message = item.message if isinstance(item, ReceivedEvent) else None, event.message
    if not isinstance(held, Event) or not isinstance(message, Event):
        return False
    return (held.kind, held.record_id, held.revision) == (message.kind, message.record_id, message.revision)


def _stale(known: Known, event: ReceivedEvent) -> bool:
    message = event.message
    return isinstance(message, Event) and known.revision(message.kind, message.record_id) >= message.revision


def _as_warning(finding: Finding) -> Finding:
    return finding.model_copy(update={"severity": Severity.WARNING})


def _name(defect: Exception) -> str:
    """What went wrong, without a word of what the message holds."""
    return f"{type(defect).__name__}: {defect}" if isinstance(defect, Defect) else type(defect).__name__
