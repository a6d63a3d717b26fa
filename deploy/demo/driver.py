"""Many children's lives at once. A child's next commands are sent when those before were accepted.

A window of children is under way at a time, so that neither the system nor this process is flooded. What is
not answered in time is looked up in the service's ledger, then sent again under the same ids: whatever
crashes, nothing is lost or done twice, and an answer that was given to somebody else is found.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never

from contracts.outcome import Outcome, Status
from deploy.demo.connections import Connections
from deploy.demo.history import Step, StudentHistory, history_of, split_by_service
from deploy.demo.outcomes import CommandOutcome, EarlierOutcomes
from deploy.local.command_line import ser
from deploy.local.failure import Failure
from deploy.population.pupils import Pupil

WINDOW = 1500
"""Children under way at once, unless said otherwise."""

_TICK_SECONDS = 0.1
_ANNOUNCE_SECONDS = 0.05
_KNOWN_AFTER_SECONDS = 0.5
_FIRST_PATIENCE_SECONDS = 2.5
_SILENCE_SECONDS = 3.0
_REMIND_AFTER_SECONDS = 20.0
_OVERTAKEN_BY_SECONDS = 30.0
_LOOK_AFTER_SECONDS = 1.0
_STILL_SECONDS = 180.0
_LISTED = 50


@dataclass
class Progress:
    """How far the lives have come. `lived` and `earlier` (lived before) count children, the rest commands."""

    children: int
    lived: int = 0
    earlier: int = 0
    sent: int = 0
    accepted: int = 0
    held: int = 0
    again: int = 0
    refused: int = 0
    refusals: list[Outcome] = field(default_factory=list)
    moved_at: float = field(default_factory=time.monotonic)

    @property
    def still_seconds(self) -> float:
        """For how long nothing has been answered."""
        return time.monotonic() - self.moved_at

    def refuse(self, outcome: Outcome) -> None:
        """Count a refusal; the first ones are kept to be shown."""
        self.refused += 1
        if len(self.refusals) < _LISTED:
            self.refusals.append(outcome)


@dataclass(slots=True)
class _Underway:
    """A child whose life is being lived: what is still to be said, and what has not been answered finally."""

    life: StudentHistory
    ahead: Iterator[Sequence[Step]]
    owner: str = ""
    unanswered: dict[str, Step] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    at: float = 0.0
    patience: float = _FIRST_PATIENCE_SECONDS
    failed: bool = False


class Driver:
    """Lives children through the system. `window`: how many are under way at once."""

    def __init__(
        self, lines: Connections, history: EarlierOutcomes, as_of: date, window: int = WINDOW
    ) -> None:
        self._wire = lines.wire
        self._answers = lines.answers
        self._ledgers = lines.ledgers
        self._history = history
        self._as_of = as_of
        self._window = window
        self._announced: deque[_Underway] = deque()
        self._underway: dict[str, _Underway] = {}
        self._answered_from: dict[str, float] = {}

    async def drive(self, pupils: Sequence[Pupil], progress: Progress) -> None:
        """Returns when every child has lived, or was refused something. Failure: nothing moves any more."""
        coming, looked_at = iter(pupils), time.monotonic()
        progress.moved_at = looked_at
        while self._announce(coming, progress) or self._announced or self._underway:
            began = time.monotonic()
            self._admit(began, progress)
            if not self._underway and not self._announced:
                progress.moved_at = began
                await asyncio.sleep(0)  # everybody so far was lived before; let the screen be drawn
                continue
            await self._wire.flush()
            for answer in await self._answers.more(self._underway.__contains__):
                self._take(answer, progress)
            if began - looked_at > _LOOK_AFTER_SECONDS:
                looked_at = began
                await self._look_after(began, progress)
            await asyncio.sleep(max(0.0, began + _TICK_SECONDS - time.monotonic()))

    def _announce(self, coming: Iterator[Pupil], progress: Progress) -> bool:
        """Have eScholar say who the next children are, ahead of anybody adding them; False: none is left."""
        end = time.monotonic() + _ANNOUNCE_SECONDS
        while len(self._announced) < self._window and time.monotonic() < end:
            pupil = next(coming, None)
            if pupil is None:
                return False
            self._announce_one(pupil, progress)
        return True

    def _announce_one(self, pupil: Pupil, progress: Progress) -> None:
        if refused := self._history.refused(pupil.state_id):
            for outcome in refused:
                progress.refuse(outcome)
            return
        life = history_of(pupil, self._as_of)
        left = tuple(self._history.left(pupil.state_id, life.commands))
        if not left:
            progress.lived += 1
            progress.earlier += 1
            return
        if len(left) == len(life.commands):
            self._introduce(life)
        self._announced.append(_Underway(life, split_by_service(left), at=time.monotonic()))

    def _introduce(self, life: StudentHistory) -> None:
        self._wire.put((life.identity,), life.pupil.lea, str(life.id))

    def _admit(self, now: float, progress: Progress) -> None:
        while self._announced and len(self._underway) < self._window:
            if now - self._announced[0].at < _KNOWN_AFTER_SECONDS:
                return
            child = self._announced.popleft()
            self._underway[child.life.pupil.state_id] = child
            self._go_on(child, progress)

    def _go_on(self, child: _Underway, progress: Progress) -> None:
        stretch = None if child.failed else next(child.ahead, None)
        if stretch is None:
            del self._underway[child.life.pupil.state_id]
            progress.lived += not child.failed
            return
        child.owner = stretch[0].entry.owner
        child.unanswered = {step.id: step for step in stretch}
        child.held.clear()
        child.patience = _FIRST_PATIENCE_SECONDS
        progress.sent += len(stretch)
        self._say(child, stretch)

    def _say(self, child: _Underway, steps: Sequence[Step]) -> None:
        child.at = time.monotonic()
        self._wire.put(steps, child.life.pupil.lea, str(child.life.id))

    def _take(self, answer: CommandOutcome, progress: Progress) -> None:
        child = self._underway.get(answer.student_id)
        if child is None or answer.command_id not in child.unanswered:
            return
        if answer.status is Status.HELD and answer.command_id in child.held:
            return  # which is no news
        progress.moved_at = time.monotonic()
        self._answered_from[child.owner] = max(child.at, self._answered_from.get(child.owner, 0.0))
        match answer.status:
            case Status.HELD:
                progress.held += 1
                child.held.add(answer.command_id)
                return
            case Status.ACCEPTED:
                progress.accepted += 1
            case Status.REFUSED:
                progress.refuse(answer.outcome)
                child.failed = True
            case _:
                assert_never(answer.status)
        del child.unanswered[answer.command_id]
        if not child.unanswered:
            self._go_on(child, progress)

    async def _look_after(self, now: float, progress: Progress) -> None:
        """Ask the ledgers for answers that seem to be missed, then send again what seems lost."""
        lost = [child for child in self._underway.values() if self._seems_lost(child, now, progress)]
        asked = [(child.owner, command_id) for child in lost for command_id in child.unanswered]
        for answer in await self._ledgers.given(asked):
            self._take(answer, progress)
        if progress.still_seconds > _STILL_SECONDS:
            raise self._still(progress)
        for child in lost:
            child.patience *= 2  # a service that is only slow must not drown in repetitions
            if now - child.at > _REMIND_AFTER_SECONDS:
                self._remind(child, progress)

    def _remind(self, child: _Underway, progress: Progress) -> None:
        """Send again what was not answered. What is held is safe with its service; but what the first steps
        wait for, who the child is, may not have arrived."""
        if child.life.commands[0].id in child.unanswered:
            self._introduce(child.life)
        steps = [step for key, step in child.unanswered.items() if key not in child.held]
        progress.again += len(steps)
        if steps:
            self._say(child, steps)

    def _seems_lost(self, child: _Underway, now: float, progress: Progress) -> bool:
        """Whether what its service was sent later is answered, or nobody answers: else it is but busy."""
        overtaken = self._answered_from.get(child.owner, 0.0) - child.at > _OVERTAKEN_BY_SECONDS
        return now - child.at > child.patience and (overtaken or progress.still_seconds > _SILENCE_SECONDS)

    def _still(self, progress: Progress) -> Failure:
        example = next(iter(self._underway.values()))
        waiting = ", ".join(step.entry.name for step in example.unanswered.values())
        return Failure(
            f"Nothing has been answered for {progress.still_seconds:.0f} s; {len(self._underway):,} children"
            f" wait, {example.life.pupil.state_id} for one, with {waiting}.",
            f"See which part is not ready: {ser('status')}. Run the same command again to go on from here.",
        )
