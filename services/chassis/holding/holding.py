"""Holding messages: a queue is put, retried in order, released; what an operator gives up leaves it."""

from dataclasses import replace
from typing import Literal

from contracts import errors
from contracts.outcome import Status
from services.chassis.deciding.answers import Answers, as_warning
from services.chassis.deciding.batch import HeldAction
from services.chassis.deciding.draft import Draft
from services.chassis.deciding.turns import Stay, Turns
from services.chassis.decoding.messages import GivenUp, ReceivedCommand, ReceivedEvent, Work
from services.chassis.holding.queue import Held


class Holding:
    """Holds and releases the messages of a batch."""

    def __init__(self, draft: Draft, turns: Turns, answers: Answers) -> None:
        self._draft = draft
        self._terms = draft.terms
        self._turns = turns
        self._answers = answers

    def hold(self, item: ReceivedCommand | ReceivedEvent, stay: Stay) -> str:
        """Hold a message behind the others of its subject. A command gets the outcome `held`."""
        subject = self._draft.subject(item.subject)
        until = None if stay.defect else self._draft.now + self._terms.hold
        position, looking = subject.queue.next_position(), self._looking(item)
        self._keep(Held(position, item, until, stay.reason, *looking, finding=as_warning(stay.finding)))
        if isinstance(item, ReceivedCommand):
            self._answers.answer(item, Status.HELD, (as_warning(stay.finding),))
        return "held"

    def retry(self, name: str, *, due: bool = False, defects: bool = False) -> None:
        """Give the held messages their turn, in order; after each event from the beginning.

        A command waits behind an earlier one that is held. `defects`: what met a defect has its turn too.
        `due`: a command past its deadline is refused. Once a transaction is full the rest waits until it is
        due.
        """
        while self._round(name, due, defects):
            pass

    def give_up(self, given_up: GivenUp) -> None:
        """Refuse a held message for an operator. The messages behind it go on when they are due."""
        queue = self._draft.subject(given_up.subject).queue
        held = queue.at(given_up.position, given_up.message_id)
        if held is None:
            return
        self._release(held)
        self._draft.writes.actions.append(HeldAction.of(given_up, held))
        item = held.item
        if isinstance(item, ReceivedEvent):
            self._draft.writes.outbox.append(self._terms.out.given_up(item.raw, given_up.reason))
        elif not self._answers.is_answered(item):
            self._answers.answer(
                item, Status.REFUSED, (errors.OPERATOR_REFUSED.broken(reason=given_up.reason),)
            )

    def _round(self, name: str, due: bool, defects: bool) -> bool:
        """One retry of each message. True: an event was applied, and an earlier command may have waited for
        it."""
        blocked: Literal["", "waiting", "defect"] = ""
        for held in self._draft.subject(name).queue:
            full = self._draft.bytes > self._terms.largest_batch and not (due and defects)
            if held.is_command and (blocked or full):
                blocked = blocked or "waiting"
                if blocked == "waiting" and held.defect:
                    self._stay_on(held, Stay(errors.BEHIND.broken(), "behind"))
            elif held.defect and not defects:
                blocked = "defect" if held.is_command else blocked
            elif (stay := self._turns.turn(held.item)) is None:
                self._release(held)
                if not held.is_command:
                    return True
            elif due and not stay.defect and held.until is not None and held.until <= self._draft.now:
                self._refuse(held, stay)
            else:
                self._stay_on(held, stay)
                if held.is_command:
                    blocked = "defect" if stay.defect else "waiting"
        return False

    def _stay_on(self, held: Held, stay: Stay) -> None:
        """The retried message is still held."""
        until = None if stay.defect else held.until or self._draft.now + self._terms.hold
        looks_at, seen = self._looking(held.item)
        now = replace(
            held,
            until=until,
            reason=stay.reason,
            looks_at=looks_at,
            seen=seen,
            finding=as_warning(stay.finding),
        )
        if now != held:
            self._keep(now)

    def _refuse(self, held: Held, stay: Stay) -> None:
        """Refuse a command whose fact did not arrive before its deadline."""
        assert isinstance(held.item, ReceivedCommand), "an event waits for no fact"
        self._release(held)
        self._answers.answer(held.item, Status.REFUSED, (errors.NEVER_CAME.broken(), stay.finding))

    def _looking(self, item: Work) -> tuple[tuple[str, ...], int]:
        """The subjects that the decision read, and the sum of their revisions."""
        others = self._terms.service.looked_at(item)
        return others, sum(self._draft.revision(name) for name in others)

    def _keep(self, held: Held) -> None:
        subject = self._draft.subject(held.item.subject)
        subject.queue.put(held)
        subject.touched = True
        self._draft.writes.held[held.item.subject, held.position] = held

    def _release(self, held: Held) -> None:
        name = held.item.subject
        subject = self._draft.subject(name)
        subject.queue.release(held)
        subject.touched = True
        self._draft.writes.held.pop((name, held.position), None)
        self._draft.writes.released.add((name, held.position))
