"""A whole demonstration against a running system: live, show, count, compare."""

import fcntl
import os
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from datetime import date

from rich.console import Console

from contracts.catalog import SERVICES
from deploy.cli.address import address
from deploy.demo.api_client import ApiClient, Tokens
from deploy.demo.cases import Case, CaseRunner
from deploy.demo.connections import Connections, open_connections
from deploy.demo.display import phase
from deploy.demo.driver import Driver, Progress
from deploy.demo.history import IEP_SUBMITTED
from deploy.demo.outcomes import EarlierOutcomes
from deploy.demo.reporting import ChildCount, ReadingProgress, ReportingClient, wait_until_complete
from deploy.demo.retry import retry
from deploy.local.command_line import ser
from deploy.local.control import running
from deploy.local.failure import Failure
from deploy.local.home import Home
from deploy.local.issuer import Issuer
from deploy.local.run import Run
from deploy.local.usage import Usage, measure_usage
from deploy.population.cells import Cells, Comparison, compare
from deploy.population.population import Selection
from deploy.population.pupils import Pupil


@contextmanager
def lock_run_directory(home: Home) -> Iterator[None]:
    """Keeps other demonstrations out for as long as the block lasts. Failure: one is running."""
    home.make()
    with (home.root / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Failure(
                f"A demonstration is already running here (pid {lock.read().strip()}).",
                f"Wait for its end, or use a system of its own: SER_HOME=.ser-other {ser('demo')}",
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


_SILENCE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to live, for which day, and which published cells to compare with."""

    pupils: Sequence[Pupil]
    selection: Selection
    published: Cells
    as_of: date
    window: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it. `messages`: those of this run by kind; `seconds`: of all, and of the lives;
    `moved`: a student whom East Baton Rouge owns, without open services."""

    plan: Plan
    progress: Progress
    shown: Sequence[Case]
    moved: str
    count: ChildCount
    comparison: Comparison
    messages: Counter[str]
    seconds: float
    lives_seconds: float
    usage: dict[str, Usage] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether every cell is as published, nothing was refused, and every case went as promised."""
        promised = all(shown.as_promised for shown in self.shown)
        return self.comparison.equal and self.count.complete and not self.progress.refused and promised


class Demonstration:
    """The phases of a demonstration, each shown while it lasts."""

    def __init__(self, home: Home, run: Run, plan: Plan, console: Console) -> None:
        self._home = home
        self._run = run
        self._plan = plan
        self._console = console
        self._tokens = Tokens(Issuer(home))
        self.progress = Progress(len(plan.pupils))

    async def live(self) -> Result:
        """Live the children, show the cases, count. Failure: something is in the way."""
        kafka, prefix = self._address("kafka"), os.environ.get("SER_TOPIC_PREFIX", "")
        urls = {name: self._address(name) for name in SERVICES}
        async with (
            aclosing(ReportingClient(urls["reporting"], self._tokens.state)) as reporting,
            open_connections(kafka, prefix, urls, self._tokens) as lines,
        ):
            before, began = await lines.traffic.by_kind(), time.monotonic()
            history = await self._earlier(lines, reporting)
            lives_seconds = await self._lives(lines, history)
            shown, moved = await self._cases(lines, urls)
            count = await self._count(lines, reporting)
            messages = await retry(lines.traffic.by_kind, "Kafka")
        messages.subtract(before)
        return Result(
            plan=self._plan,
            progress=self.progress,
            shown=shown,
            moved=moved,
            count=count,
            comparison=compare(self._plan.published, count.cells),
            messages=messages,
            seconds=time.monotonic() - began,
            lives_seconds=lives_seconds,
            usage=measure_usage((running(self._home) or self._run).components.values()),
        )

    def _address(self, name: str) -> str:
        return address(name, self._run.components[name].port)

    async def _earlier(self, lines: Connections, reporting: ReportingClient) -> EarlierOutcomes:
        """What was lived before. Failure: students of another demonstration would be counted too."""
        history, read = EarlierOutcomes(self._plan.pupils), 0
        if not await lines.traffic.said():
            return history
        async with phase(self._console, "Answers read from before", None, lambda: (0, f"{read:,}")):
            await wait_until_complete(reporting, lines.traffic, ReadingProgress())
            async for answers in lines.answers.earlier(history.__contains__):
                read += len(answers)
                for answer in answers:
                    history.note(answer)
        count = await reporting.count(self._plan.as_of, self._plan.selection)
        strangers = count.children(self._plan.selection) - history.number(IEP_SUBMITTED)
        if strangers > 0:
            raise _Strangers(strangers, self._plan.as_of)
        return history

    async def _lives(self, lines: Connections, history: EarlierOutcomes) -> float:
        """Returns the seconds it took."""
        plan, began = self._plan, time.monotonic()
        driver = Driver(lines, history, plan.as_of, plan.window)
        pace = Pace(self.progress)

        def look() -> tuple[int, str]:
            return self.progress.lived, self._said(pace)

        async with phase(self._console, "Children lived", len(plan.pupils), look):
            await driver.drive(plan.pupils, self.progress)
        return time.monotonic() - began

    def _said(self, pace: "Pace") -> str:
        progress = self.progress
        if progress.earlier == progress.children:
            return "all of them before: nothing is left to do"
        said = [f"{progress.earlier:,} of them before"] if progress.earlier else []
        said += [f"{progress.accepted:,} accepted, {pace.rate():,.0f} a second"]
        said += [f"{progress.held:,} waited for a fact"] if progress.held else []
        said += [f"{progress.again:,} sent again"] if progress.again else []
        said += [f"{progress.refused:,} refused"] if progress.refused else []
        if progress.still_seconds > _SILENCE_SECONDS:
            said.append(f"nothing answered for {progress.still_seconds:.0f} s{self._absent()}; waiting")
        return ", ".join(said)

    def _absent(self) -> str:
        """Which parts are being started again, as the supervisor has it."""
        run = running(self._home) or self._run
        absent = [f"{part.name} {part.state}" for part in run.components.values() if part.state != "ready"]
        return f" ({', '.join(absent)})" if absent else ""

    async def _cases(self, lines: Connections, urls: Mapping[str, str]) -> tuple[Sequence[Case], str]:
        """The cases, and the student of whom `Showcase.moved` speaks."""
        shown: list[Case] = []
        async with (
            aclosing(ApiClient(urls, self._tokens)) as doors,
            phase(self._console, "Cases tried live", None, lambda: (0, f"{len(shown)}")),
        ):
            showcase = CaseRunner(lines, doors, self._tokens, self._plan.as_of)
            async for case in showcase.show():
                shown.append(case)
        return shown, showcase.moved

    async def _count(self, lines: Connections, reporting: ReportingClient) -> ChildCount:
        hearing = ReadingProgress()

        async with phase(self._console, "Events heard by reporting", None, lambda: (0, hearing.words)):
            await wait_until_complete(reporting, lines.traffic, hearing)
        return await reporting.count(self._plan.as_of, self._plan.selection)


class _Strangers(Failure):
    """Students whom this demonstration has not brought are counted on its day."""

    def __init__(self, strangers: int, as_of: date) -> None:
        super().__init__(
            f"{strangers:,} students who are not of these figures are counted on {as_of} already.",
            f"Use a system of its own, for instance: {ser('down')}; SER_HOME=.ser-other {ser('demo')} …",
        )


class Pace:
    """Commands accepted a second, over the last ten seconds or so."""

    _SECONDS = 10.0

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._marks = deque([(time.monotonic(), progress.accepted)])

    def rate(self) -> float:
        """Now."""
        now, done = time.monotonic(), self._progress.accepted
        while len(self._marks) > 1 and now - self._marks[1][0] > self._SECONDS:
            self._marks.popleft()
        self._marks.append((now, done))
        since, earlier = self._marks[0]
        return (done - earlier) / (now - since) if now > since else 0.0
