"""`process(batch, loaded) -> writes`: what a service decides about a batch. No I/O, no clock, no chance.

Each message has its turn. A decider answers a command, a reaction answers an event. If a fact is missing or
the code fails, the message is held in its subject's queue. The service retries the queue with every event
about the subject. It changes no loaded record.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from contracts import errors
from contracts.message import Event, Record
from contracts.outcome import Status
from services.chassis.deciding.answers import Answers
from services.chassis.deciding.batch import Loaded, RecordRow, Writes
from services.chassis.deciding.draft import Draft
from services.chassis.deciding.terms import Terms
from services.chassis.deciding.turns import Stay, Turns, stale
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
from services.chassis.holding.holding import Holding


class TooMuchAtOnce(Exception):
    """The messages of a batch cause more than one transaction may hold: take fewer."""


def process(batch: Iterable[Work], loaded: Loaded, terms: Terms, now: datetime) -> Writes:
    """Decide a batch. `now` is when the worker took the batch; deadlines count from it.

    Events have their turn before commands: a command of the same batch may wait for them.
    TooMuchAtOnce: the worker has to take the messages in smaller batches.
    """
    works = sorted(batch, key=lambda work: isinstance(work, ReceivedCommand))
    draft = Draft(loaded, terms, now)
    arriving = _Arriving(draft)
    for work in works:
        arriving.take(work)
        if draft.bytes > terms.largest_batch and len(works) > 1:
            raise TooMuchAtOnce
    return draft.finish()


class _Arriving:
    """What happens to a message when it arrives."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._terms = draft.terms
        self._answers = Answers(draft)
        self._turns = Turns(draft, self._answers)
        self._holding = Holding(draft, self._turns, self._answers)

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
            case Failed(item=failed) if self._answers.is_answered(failed):
                self._count(failed, "duplicate")
            case Failed(item=failed, reason=reason):
                self._holding.hold(failed, Stay(errors.DEFECT.broken(), reason, defect=True))
                self._count(failed, "held")
            case Due(subject=subject, retry_defects=retry_defects):
                self._holding.retry(subject, due=True, defects=retry_defects)
            case GivenUp():
                self._holding.give_up(work)
            case _:
                assert_never(work)

    def _command(self, command: ReceivedCommand) -> str:
        given = self._answers.earlier(command.id)
        if given is not None and given.fingerprint == command.fingerprint:
            return "duplicate"
        if given is not None:
            return self._dead(command, f"{errors.ID_REUSED.code}: command id used before")
        if command.findings:
            self._answers.answer(command, Status.REFUSED, command.findings)
            return "applied"
        queue = self._draft.subject(command.subject).queue
        if len(queue) >= self._terms.queue_limit:
            self._answers.answer(
                command, Status.REFUSED, (errors.QUEUE_FULL.broken(limit=self._terms.queue_limit),)
            )
            return "applied"
        behind = queue.holds_a_command
        stay = Stay(errors.BEHIND.broken(), "behind") if behind else self._turns.decide(command)
        return self._holding.hold(command, stay) if stay else "applied"

    def _event(self, event: ReceivedEvent, *, alone: bool = False) -> str:
        subject = self._draft.subject(event.subject)
        if stale(subject.known, event) or any(_same_state(held.item, event) for held in subject.queue):
            return "duplicate"
        decided = self._turns.react(event)
        if isinstance(decided, Stay):
            return self._holding.hold(event, decided)
        for name in () if alone else decided:
            self._holding.retry(name, defects=True)
        return "applied"

    def _count(self, item: ReceivedCommand | ReceivedEvent | Unreadable, result: str) -> None:
        self._draft.writes.tally[item.raw.topic, item.raw.partition, result] += 1

    def _dead(self, item: ReceivedCommand | Unreadable, reason: str) -> str:
        self._draft.writes.outbox.append(self._terms.out.dead_letter(item.raw, reason))
        return "dead letter"

    def _note(self, item: Unreadable) -> None:
        """Keep a note with the subject that a message about it is unreadable."""
        note_unreadable, name = self._terms.service.note_unreadable, item.subject
        if note_unreadable is None or name is None:
            return
        subject = self._draft.subject(name)
        for record in note_unreadable(subject.known, name, item.revision, item.reason):
            if isinstance(record, Record) and subject.known.learn(record):
                row = RecordRow.of(record, at=item.raw.at)
                self._draft.writes.records[row.key] = row
                subject.touched = True


def _same_state(item: ReceivedCommand | ReceivedEvent, event: ReceivedEvent) -> bool:
    held, message = item.message if isinstance(item, ReceivedEvent) else None, event.message
    if not isinstance(held, Event) or not isinstance(message, Event):
        return False
    return (held.kind, held.record_id, held.revision) == (message.kind, message.record_id, message.revision)
