"""Sends the histories of many students at once, each step after the steps before it were accepted.

At most `window` students are in progress at a time, so that neither the system nor this process is flooded.
If no outcome comes in time, the driver looks it up at the service, then sends the command again under the
same id. So a crash loses nothing and repeats nothing.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import assert_never

from contracts.outcome import Outcome, Status
from deploy.demo.connections import Connections
from deploy.demo.history import Step, StudentHistory, history_of, split_by_service
from deploy.demo.outcomes import CommandOutcome, EarlierOutcomes
from deploy.local.command_line import ser
from deploy.local.failure import Failure
from deploy.population.pupils import Pupil

WINDOW = 1500
"""Students in progress at once, by default."""

_TICK_SECONDS = 0.1
_IDENTITIES_SECONDS = 0.05
_FIRST_COMMAND_SECONDS = 0.5
_FIRST_TIMEOUT_SECONDS = 2.5
_SILENT_SECONDS = 3.0
_RESEND_AFTER_SECONDS = 20.0
_OVERTAKEN_SECONDS = 30.0
_CHECK_SECONDS = 1.0
_LOOKUPS_AT_ONCE = 100
"""Students looked up in one check. More would keep the driver from reading outcomes on a busy machine."""

_GIVE_UP_SECONDS = 180.0
_LISTED = 50


@dataclass
class Progress:
    """How far the histories have come. `completed` and `earlier` (completed in earlier runs) count students.

    The other numbers count commands.
    """

    children: int
    completed: int = 0
    earlier: int = 0
    sent: int = 0
    accepted: int = 0
    held: int = 0
    resent: int = 0
    refused: int = 0
    refusals: list[Outcome] = field(default_factory=list)
    changed_at: float = field(default_factory=time.monotonic)

    @property
    def silent_seconds(self) -> float:
        """Seconds since the last outcome."""
        return time.monotonic() - self.changed_at

    def add_refusal(self, outcome: Outcome) -> None:
        """Counts a refusal. The first 50 are kept for the report."""
        self.refused += 1
        if len(self.refusals) < _LISTED:
            self.refusals.append(outcome)


@dataclass(slots=True)
class _Student:
    """A student in progress: the steps still to send, and the commands without a final outcome."""

    history: StudentHistory
    ahead: Iterator[Sequence[Step]]
    owner: str = ""
    unanswered: dict[str, Step] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    sent_at: float = 0.0
    timeout: float = _FIRST_TIMEOUT_SECONDS
    failed: bool = False


class Driver:
    """Sends histories through the system. `window`: how many students are in progress at once."""

    def __init__(
        self,
        connections: Connections,
        earlier: EarlierOutcomes,
        as_of: date,
        window: int = WINDOW,
        *,
        later_years: bool = False,
    ) -> None:
        self._producer = connections.producer
        self._outcomes = connections.outcomes
        self._lookup = connections.lookup
        self._earlier = earlier
        self._as_of = as_of
        self._window = window
        self._later_years = later_years
        self._introduced: deque[_Student] = deque()
        self._in_progress: dict[str, _Student] = {}
        self._answered_through: dict[str, float] = {}

    async def drive(self, pupils: Sequence[Pupil], progress: Progress) -> None:
        """Returns when each history is complete or has a refusal. Failure: no outcome comes for 180 s."""
        coming, checked_at = iter(pupils), time.monotonic()
        progress.changed_at = checked_at
        while self._introduce_next(coming, progress) or self._introduced or self._in_progress:
            began = time.monotonic()
            self._admit(began, progress)
            if not self._in_progress and not self._introduced:
                progress.changed_at = began
                await asyncio.sleep(0)  # all students so far were completed earlier; the screen is drawn now
                continue
            await self._producer.flush()
            for outcome in await self._outcomes.read_new(self._in_progress.__contains__):
                self._take(outcome, progress)
            if began - checked_at > _CHECK_SECONDS:
                checked_at = began
                await self._check(began, progress)
            await asyncio.sleep(max(0.0, began + _TICK_SECONDS - time.monotonic()))

    def _introduce_next(self, coming: Iterator[Pupil], progress: Progress) -> bool:
        """Queues the identities of the next students, before their commands. False: no student is left."""
        end = time.monotonic() + _IDENTITIES_SECONDS
        while len(self._introduced) < self._window and time.monotonic() < end:
            pupil = next(coming, None)
            if pupil is None:
                return False
            self._prepare(pupil, progress)
        return True

    def _prepare(self, pupil: Pupil, progress: Progress) -> None:
        if refused := self._earlier.refusals_of(pupil.state_id):
            for outcome in refused:
                progress.add_refusal(outcome)
            return
        history = history_of(pupil, self._as_of, later_years=self._later_years)
        remaining = tuple(self._earlier.remaining(pupil.state_id, history.commands))
        if not remaining:
            progress.completed += 1
            progress.earlier += 1
            return
        if len(remaining) == len(history.commands):
            self._send_identity(history)
        self._introduced.append(_Student(history, split_by_service(remaining), sent_at=time.monotonic()))

    def _send_identity(self, history: StudentHistory) -> None:
        self._producer.queue((history.identity,), history.pupil.lea, str(history.id))

    def _admit(self, now: float, progress: Progress) -> None:
        while self._introduced and len(self._in_progress) < self._window:
            if now - self._introduced[0].sent_at < _FIRST_COMMAND_SECONDS:
                return
            student = self._introduced.popleft()
            self._in_progress[student.history.pupil.state_id] = student
            self._send_next(student, progress)

    def _send_next(self, student: _Student, progress: Progress) -> None:
        steps = None if student.failed else next(student.ahead, None)
        if steps is None:
            del self._in_progress[student.history.pupil.state_id]
            progress.completed += not student.failed
            return
        student.owner = steps[0].entry.owner
        student.unanswered = {step.id: step for step in steps}
        student.held.clear()
        student.timeout = _FIRST_TIMEOUT_SECONDS
        progress.sent += len(steps)
        self._send(student, steps)

    def _send(self, student: _Student, steps: Sequence[Step]) -> None:
        student.sent_at = time.monotonic()
        self._producer.queue(steps, student.history.pupil.lea, str(student.history.id))

    def _take(self, outcome: CommandOutcome, progress: Progress) -> None:
        student = self._in_progress.get(outcome.student_id)
        if student is None or outcome.command_id not in student.unanswered:
            return
        if outcome.status is Status.HELD and outcome.command_id in student.held:
            return  # known already
        progress.changed_at = time.monotonic()
        self._answered_through[student.owner] = max(
            student.sent_at, self._answered_through.get(student.owner, 0.0)
        )
        match outcome.status:
            case Status.HELD:
                progress.held += 1
                student.held.add(outcome.command_id)
                return
            case Status.ACCEPTED:
                progress.accepted += 1
            case Status.REFUSED:
                progress.add_refusal(outcome.details)
                student.failed = True
            case _:
                assert_never(outcome.status)
        del student.unanswered[outcome.command_id]
        if not student.unanswered:
            self._send_next(student, progress)

    async def _check(self, now: float, progress: Progress) -> None:
        """Looks up outcomes that seem missed, then sends again the commands that seem lost."""
        students = (s for s in self._in_progress.values() if self._seems_lost(s, now, progress))
        lost = list(islice(students, _LOOKUPS_AT_ONCE))
        commands = [(student.owner, command_id) for student in lost for command_id in student.unanswered]
        for outcome in await self._lookup.find(commands):
            self._take(outcome, progress)
        if progress.silent_seconds > _GIVE_UP_SECONDS:
            raise self._stalled(progress)
        for student in lost:
            student.timeout *= 2  # repetitions must not flood a service that is only slow
            if now - student.sent_at > _RESEND_AFTER_SECONDS:
                self._resend(student, progress)

    def _resend(self, student: _Student, progress: Progress) -> None:
        """Sends again the commands without an outcome. A held command is safe with its service.

        The identity is sent again too while the first command has no final outcome: the identity may be lost.
        """
        if student.history.commands[0].id in student.unanswered:
            self._send_identity(student.history)
        steps = [step for key, step in student.unanswered.items() if key not in student.held]
        progress.resent += len(steps)
        if steps:
            self._send(student, steps)

    def _seems_lost(self, student: _Student, now: float, progress: Progress) -> bool:
        """Whether the service has answered later commands, or answers nothing. Otherwise it is only busy."""
        overtaken = self._answered_through.get(student.owner, 0.0) - student.sent_at > _OVERTAKEN_SECONDS
        return now - student.sent_at > student.timeout and (
            overtaken or progress.silent_seconds > _SILENT_SECONDS
        )

    def _stalled(self, progress: Progress) -> Failure:
        example = next(iter(self._in_progress.values()))
        waiting = ", ".join(step.entry.name for step in example.unanswered.values())
        return Failure(
            f"No outcome has come for {progress.silent_seconds:.0f} s;"
            f" {len(self._in_progress):,} children wait, for one {example.history.pupil.state_id}"
            f" with {waiting}.",
            f"See which process is not ready: {ser('status')}. The same command goes on from here.",
        )
