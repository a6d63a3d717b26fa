"""Simulated time: coroutines take turns, and the clock jumps to the time at which the next one wakes."""

from collections.abc import Coroutine, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Any

BEGINNING = datetime(2017, 9, 1, 14, tzinfo=UTC)


@dataclass(eq=False)
class Task:
    """A coroutine of the simulation. `point`: its present point. It does not run until `frozen`
    has passed."""

    name: str
    body: Coroutine[float, None, None]
    alive: bool = True
    parked: bool = False
    point: str = ""
    frozen: float = 0.0
    turn: int = 0


class _Pause:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __await__(self) -> Generator[float, None, None]:
        yield self._seconds


async def pause(seconds: float) -> None:
    """Let other tasks run for this many simulated seconds."""
    await _Pause(seconds)


@dataclass
class Scheduler:
    """Runs tasks one step at a time, in the order of their waking times. `now`: seconds."""

    now: float = 0.0
    current: Task | None = None
    _wakes: list[tuple[float, int, int, Task]] = field(default_factory=list)
    _order: int = 0

    @property
    def clock(self) -> datetime:
        """The time of day."""
        return BEGINNING + timedelta(seconds=self.now)

    def start(self, name: str, body: Coroutine[Any, Any, None], after: float = 0.0) -> Task:
        """Start a task."""
        task = Task(name, body)
        self._wake(task, self.now + after)
        return task

    def stop(self, task: Task) -> None:
        """Stop a task at its present point, as a kill does."""
        task.alive = False
        if task is not self.current:
            task.body.close()

    def hurry(self, task: Task) -> None:
        """Wake a task that waits for work."""
        if task.parked and task.alive:
            task.parked = False
            self._wake(task, self.now)

    async def idle(self, seconds: float) -> None:
        """Wait for `hurry`, at most this many seconds."""
        task = self.current
        assert task is not None
        task.parked = True
        await pause(seconds)
        task.parked = False

    def step(self) -> bool:
        """Run the next task up to its next pause. False: there is no task."""
        while self._wakes:
            at, _, turn, task = heappop(self._wakes)
            if not task.alive or turn != task.turn:
                continue
            if task.frozen > at:
                self._wake(task, task.frozen)
                continue
            self.now = max(self.now, at)
            self._run(task)
            return True
        return False

    def end(self) -> None:
        """End every task."""
        for _, _, _, task in self._wakes:
            self.stop(task)

    def _run(self, task: Task) -> None:
        self.current = task
        try:
            seconds = task.body.send(None)
        except StopIteration:
            task.alive = False
        else:
            self._wake(task, self.now + seconds)
        finally:
            self.current = None
            if not task.alive:
                task.body.close()

    def _wake(self, task: Task, at: float) -> None:
        self._order += 1
        task.turn = self._order
        heappush(self._wakes, (at, self._order, task.turn, task))
