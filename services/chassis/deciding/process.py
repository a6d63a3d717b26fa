"""`process(batch, loaded) -> writes`: what a service decides about a batch. No I/O, no clock, no chance.

Each message is taken in turn. A command is decided, an event is reacted to, a message that cannot go on is
held under its
subject, and what is held is tried again when anything about the subject arrives.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from contracts import errors
from contracts.decision import Accepted, Ask, Begun, Decision, Known, Refused, Settled, Waiting
from contracts.errors import Finding, Severity
from contracts.message import Command, Event, Record
from contracts.outcome import Outcome, Status
from services.chassis.deciding.batch import (
    Advance,
    Aggregate,
    EarlierOutcome,
    Held,
    LedgerEntry,
    Loaded,
    RecordRow,
    Writes,
)
from services.chassis.deciding.checks import Defect, check_remembered, longer, written
from services.chassis.deciding.terms import Terms
from services.chassis.decoding.messages import Due, Failed, ReceivedCommand, ReceivedEvent, Unreadable, Work


class TooMuchAtOnce(Exception):
    """What the messages of a batch bring about is more than one transaction may hold: take fewer."""


def process(batch: Iterable[Work], loaded: Loaded, terms: Terms, now: datetime) -> Writes:
    """Decide a batch. `now` is when the batch was taken up; deadlines count from it. TooMuchAtOnce: its
    messages have to be taken in smaller batches.

    Events are taken before commands: they may be what a command of the same batch would have to wait for.
    """
    works = sorted(batch, key=lambda work: isinstance(work, ReceivedCommand))
    desk = _Desk(loaded, terms, now)
    for work in works:
        desk.take(work)
        if desk.bytes > terms.largest_batch and len(works) > 1:
            raise TooMuchAtOnce
    return desk.finish()


@dataclass(frozen=True, slots=True)
class _Stay:
    """Why a message cannot go on: a fact is missing, or (`defect`) the code failed."""

    finding: Finding
    reason: str
    defect: bool = False


class _Desk:
    def __init__(self, loaded: Loaded, terms: Terms, now: datetime) -> None:
        self._aggregates = loaded.aggregates
        self._given = dict(loaded.given)
        self._answered_before = loaded.given.keys()
        self._terms = terms
        self._now = now
        self._writes = Writes()
        self._touched: dict[str, Aggregate] = {}
        self._said: dict[str, Aggregate] = {}
        self.bytes = 0
        """Of the events so far, roughly: a letter counts as one."""

    def finish(self) -> Writes:
        self._writes.advances = [
            Advance(subject, aggregate.revision + 1, aggregate.sequence)
            for subject, aggregate in self._touched.items()
        ]
        self._writes.said = [(subject, aggregate.sequence) for subject, aggregate in self._said.items()]
        return self._writes

    def take(self, item: Work) -> None:
        match item:
            case ReceivedCommand():
                self._count(item, self._asked(item))
            case ReceivedEvent():
                self._count(item, self._told(item))
            case Unreadable():
                self._count(item, self._dead(item, item.reason))
                self._note(item)
            case Failed(item=failed) if self._is_answered(failed):
                self._count(failed, "duplicate")
            case Failed(item=failed, reason=reason):
                self._hold(failed, _Stay(errors.DEFECT.broken(), reason, defect=True))
                self._count(failed, "held")
            case Due(subject=subject, mended=mended):
                self._retry(subject, due=True, mended=mended)
            case _:
                assert_never(item)

    def _count(self, item: ReceivedCommand | ReceivedEvent | Unreadable, result: str) -> None:
        self._writes.tally[item.raw.topic, item.raw.partition, result] += 1

    def _dead(self, item: ReceivedCommand | Unreadable, reason: str) -> str:
        self._writes.outbox.append(self._terms.out.dead_letter(item.raw, reason))
        return "dead letter"

    def _note(self, item: Unreadable) -> None:
        """Keep with the subject that a message about it could not be read."""
        unread, subject = self._terms.service.unread, item.subject
        if unread is None or subject is None:
            return
        aggregate = self._aggregates[subject]
        for record in unread(aggregate.known, subject, item.revision, item.reason):
            if isinstance(record, Record) and aggregate.known.learn(record):
                key = (subject, record.kind, record.record_id)
                self._writes.records[key] = RecordRow(*key, record.revision, record.model_dump_json())
                self._touched[subject] = aggregate

    # A message arrives

    def _asked(self, asked: ReceivedCommand) -> str:
        given = self._given.get(asked.id)
        if given is not None:
            same = given.fingerprint == asked.fingerprint
            return (
                "duplicate" if same else self._dead(asked, f"{errors.ID_REUSED.code}: command id used before")
            )
        if asked.findings:
            self._answer(asked, Status.REFUSED, asked.findings)
            return "applied"
        queue = self._aggregates[asked.subject].queue
        if len(queue) >= self._terms.queue_limit:
            self._answer(asked, Status.REFUSED, (errors.QUEUE_FULL.broken(limit=self._terms.queue_limit),))
            return "applied"
        stay = _Stay(errors.BEHIND.broken(), "behind") if queue else self._decide(asked)
        return self._hold(asked, stay) if stay else "applied"

    def _told(self, told: ReceivedEvent) -> str:
        aggregate = self._aggregates[told.subject]
        if _stale(aggregate.known, told):
            return "duplicate"
        if any(_same_state(held.item, told) for held in aggregate.queue):
            return "duplicate"
        if any(held.defect for held in aggregate.queue):
            return self._hold(told, _Stay(errors.DEFECT.broken(), "behind a defect", defect=True))
        if stay := self._react(told):
            return self._hold(told, stay)
        self._retry(told.subject)
        return "applied"

    # A message has its turn

    def _decide(self, asked: ReceivedCommand) -> _Stay | None:
        if asked.findings:  # held before the issuer's key changed
            self._answer(asked, Status.REFUSED, asked.findings)
            return None
        known = self._aggregates[asked.subject].known
        try:
            decision = self._decision(known, asked)
            bodies = (
                written(asked.subject, decision.records, known)
                if isinstance(decision, Accepted | Begun)
                else ()
            )
        except Exception as defect:
            return _Stay(errors.DEFECT.broken(), _name(defect), defect=True)
        if any(longer(body, self._terms.largest_body) for body in bodies):
            decision = Refused((errors.RECORD_TOO_LARGE.broken(limit=self._terms.largest_body),))
        match decision:
            case Accepted(records=records, warnings=warnings):
                self._learn(asked, records, bodies)
                self._answer(asked, Status.ACCEPTED, warnings)
            case Refused(findings=findings):
                self._answer(asked, Status.REFUSED, findings)
            case Begun(records=records, reason=reason):
                self._learn(asked, records, bodies)
                self._answer(asked, Status.HELD, (_as_warning(reason),))
            case Waiting(reason=reason):
                return _Stay(reason, reason.code)
            case _:
                assert_never(decision)
        return None

    def _decision(self, known: Known, asked: ReceivedCommand) -> Decision:
        assert asked.command is not None, "only a command without findings has its turn"
        assert asked.actor is not None, "a command without findings has an actor"
        ask: Ask[Command] = Ask(asked.command, asked.actor, asked.command_id, asked.day)
        return self._terms.service.deciders[type(asked.command)](known, ask)

    def _react(self, told: ReceivedEvent) -> _Stay | None:
        event, known = told.message, self._aggregates[told.subject].known
        assert isinstance(event, Event), "a service that decides does not hear outcomes"
        try:
            effects = self._terms.service.reactions[type(event)](known, event)
            records = [effect for effect in effects if isinstance(effect, Record)]
            bodies = written(told.subject, records, known)
            check_remembered(event, records)
        except Exception as defect:
            return _Stay(errors.DEFECT.broken(), _name(defect), defect=True)
        self._learn(told, records, bodies)
        for effect in effects:
            if isinstance(effect, Settled):
                self._settle(told, effect)
        return None

    def _learn(
        self, cause: ReceivedCommand | ReceivedEvent, records: Sequence[Record], bodies: Sequence[str]
    ) -> None:
        aggregate = self._aggregates[cause.subject]
        for number, (record, body) in enumerate(zip(records, bodies, strict=True)):
            aggregate.known.learn(record)
            key = (cause.subject, record.kind, record.record_id)
            self._writes.records[key] = RecordRow(*key, record.revision, body)
            if isinstance(record, Event):
                aggregate.sequence += 1
                self._said[cause.subject] = aggregate
                event = self._terms.out.event(
                    record, body, cause.envelope, cause.raw.at, number, aggregate.sequence, cause.sender
                )
                self._writes.outbox.append(event)
                self.bytes += len(body)
        self._touched[cause.subject] = aggregate

    # A command is answered

    def _answer(self, command: ReceivedCommand, status: Status, findings: Sequence[Finding]) -> None:
        outcome = Outcome.given(
            command.subject,
            command.name,
            command.command_id,
            status,
            tuple(findings),
            self._sequence(command.subject),
        )
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
            command.id in self._answered_before,
        )
        out = self._terms.out.outcome(
            outcome, command.id, body, command.envelope, command.raw.at, command.sender
        )
        self._writes.outbox.append(out)

    def _settle(self, event: ReceivedEvent, settled: Settled) -> None:
        refused = any(finding.severity is Severity.ERROR for finding in settled.findings)
        status = Status.REFUSED if refused else Status.ACCEPTED
        outcome = Outcome.given(
            event.subject,
            settled.command.__name__,
            settled.command_id,
            status,
            settled.findings,
            self._sequence(event.subject),
        )
        key, body = str(settled.command_id), outcome.model_dump_json()
        begun = self._writes.ledger.get(
            key, LedgerEntry(key, event.subject, "", "", status, body, follows=True)
        )
        self._writes.ledger[key] = begun._replace(status=status, body=body)
        out = self._terms.out.outcome(outcome, key, body, event.envelope, event.raw.at, event.sender)
        self._writes.outbox.append(out)

    def _sequence(self, subject: str) -> int:
        """The number of the last event about the subject; 0 if its record was not loaded: it is not told."""
        aggregate = self._aggregates.get(subject)
        return aggregate.sequence if aggregate else 0

    # What is held

    def _hold(self, item: ReceivedCommand | ReceivedEvent, stay: _Stay) -> str:
        aggregate = self._aggregates[item.subject]
        aggregate.last_place += 1
        until = None if stay.defect else self._now + self._terms.hold
        held = Held(aggregate.last_place, item, until, stay.reason)
        aggregate.queue.append(held)
        self._keep(held)
        if isinstance(item, ReceivedCommand):
            self._answer(item, Status.HELD, (_as_warning(stay.finding),))
        return "held"

    def _keep(self, held: Held) -> None:
        self._writes.held[held.item.subject, held.position] = held
        self._touched[held.item.subject] = self._aggregates[held.item.subject]

    def _release(self, held: Held) -> None:
        subject = held.item.subject
        self._aggregates[subject].queue.remove(held)
        self._writes.held.pop((subject, held.position), None)
        self._writes.released.add((subject, held.position))
        self._touched[subject] = self._aggregates[subject]

    def _retry(self, subject: str, *, due: bool = False, mended: bool = False) -> None:
        """Give every held message its turn, in order. Commands wait behind a waiting one, everything waits
        behind a defect. After an event it begins again: an earlier command may have waited for it. What makes
        a transaction too large waits until it is due."""
        while self._round(subject, due, mended):
            pass

    def _round(self, subject: str, due: bool, mended: bool) -> bool:
        waiting = False
        for held in list(self._aggregates[subject].queue):
            if held.defect and not mended:
                return False
            waiting = waiting or (self.bytes > self._terms.largest_batch and not mended)
            if waiting and isinstance(held.item, ReceivedCommand):
                self._wait(held, held.reason)
                continue
            stay = self._turn(held.item)
            if stay is None:
                self._release(held)
                if isinstance(held.item, ReceivedEvent):
                    return True
            elif stay.defect:
                held.until, held.reason = None, stay.reason
                self._keep(held)
                return False
            elif (
                due
                and isinstance(held.item, ReceivedCommand)
                and held.until is not None
                and held.until <= self._now
            ):
                self._release(held)
                self._answer(held.item, Status.REFUSED, (errors.NEVER_CAME.broken(), stay.finding))
            else:
                waiting = True
                self._wait(held, stay.reason)
        return False

    def _wait(self, held: Held, reason: str) -> None:
        if held.defect:  # it is mended, and waits like any other
            held.until, held.reason = self._now + self._terms.hold, reason
            self._keep(held)

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
                return None if _stale(self._aggregates[item.subject].known, item) else self._react(item)
            case _:
                assert_never(item)


def _same_state(item: ReceivedCommand | ReceivedEvent, told: ReceivedEvent) -> bool:
    held, event = item.message if isinstance(item, ReceivedEvent) else None, told.message
    if not isinstance(held, Event) or not isinstance(event, Event):
        return False
    return (held.kind, held.record_id, held.revision) == (event.kind, event.record_id, event.revision)


def _stale(known: Known, told: ReceivedEvent) -> bool:
    event = told.message
    return isinstance(event, Event) and known.revision(event.kind, event.record_id) >= event.revision


def _as_warning(finding: Finding) -> Finding:
    return finding.model_copy(update={"severity": Severity.WARNING})


def _name(defect: Exception) -> str:
    """What went wrong, without a word of what the message holds."""
    return f"{type(defect).__name__}: {defect}" if isinstance(defect, Defect) else type(defect).__name__
