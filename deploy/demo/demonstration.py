"""The phases of a demonstration against a running system: send histories, try cases, count, compare."""

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
from deploy.demo.looking import Look, look
from deploy.demo.outcomes import EarlierOutcomes
from deploy.demo.reporting import ChildCount, ReadingProgress, ReportingClient, wait_until_complete
from deploy.demo.retry import retry
from deploy.issuer.people import FIRST
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
    """Allows one demonstration in a run directory at a time. Failure: another one is running.

    Two at once would send the same commands under the same ids.
    """
    home.make()
    with (home.root / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Failure(
                f"A demonstration is already running here (pid {lock.read().strip()}).",
                f"Wait for its end, or use another system: SER_HOME=.ser-other {ser('demo')}",
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


_SILENT_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The students to send, the day of the count, and the published cells to compare with.

    `later_years`: as `history_of` has it.
    """

    pupils: Sequence[Pupil]
    selection: Selection
    published: Cells
    as_of: date
    window: int
    later_years: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a demonstration.

    `messages`: messages published during this run, by kind. `seconds`: of the whole run;
    `histories_seconds`: of the histories alone. `transferred`: a student of East Baton Rouge. `look`: what
    somebody sees in reporting now.
    """

    plan: Plan
    progress: Progress
    cases: Sequence[Case]
    transferred: str
    count: ChildCount
    comparison: Comparison
    messages: Counter[str]
    seconds: float
    histories_seconds: float
    look: Look | None = None
    usage: dict[str, Usage] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether every cell is as published, no command was refused, and every case went as promised."""
        promised = all(case.as_promised for case in self.cases)
        return self.comparison.equal and self.count.complete and not self.progress.refused and promised


class Demonstration:
    """Runs the phases and shows the progress of each."""

    def __init__(self, home: Home, run: Run, plan: Plan, console: Console) -> None:
        self._home = home
        self._run = run
        self._plan = plan
        self._console = console
        self._tokens = Tokens(Issuer(home))
        self.progress = Progress(len(plan.pupils))

    async def run(self) -> Result:
        """Sends the histories, tries the cases, counts. Failure: the demonstration cannot continue."""
        kafka, prefix = self._address("kafka"), os.environ.get("SER_TOPIC_PREFIX", "")
        urls = {name: self._address(name) for name in SERVICES}
        async with (
            aclosing(ReportingClient(urls["reporting"], self._tokens.state)) as reporting,
            open_connections(kafka, prefix, urls, self._tokens) as connections,
        ):
            before, began = await connections.counts.count_by_kind(), time.monotonic()
            earlier = await self._read_earlier(connections, reporting)
            histories_seconds = await self._send_histories(connections, earlier)
            cases, transferred = await self._try_cases(connections, urls)
            count = await self._count(connections, reporting)
            seen = await self._look(reporting)
            messages = await retry(connections.counts.count_by_kind, "Kafka")
        messages.subtract(before)
        return Result(
            plan=self._plan,
            progress=self.progress,
            cases=cases,
            transferred=transferred,
            count=count,
            comparison=compare(self._plan.published, count.cells),
            messages=messages,
            seconds=time.monotonic() - began,
            histories_seconds=histories_seconds,
            look=seen,
            usage=measure_usage((running(self._home) or self._run).components.values()),
        )

    def _address(self, name: str) -> str:
        return address(name, self._run.components[name].port)

    async def _read_earlier(self, connections: Connections, reporting: ReportingClient) -> EarlierOutcomes:
        """The outcomes of earlier runs. Failure: the system holds students of another demonstration."""
        earlier, read = EarlierOutcomes(self._plan.pupils), 0
        if not await connections.counts.count_for_reporting():
            return earlier
        async with phase(self._console, "Outcomes of earlier runs read", None, lambda: (0, f"{read:,}")):
            await wait_until_complete(reporting, connections.counts, ReadingProgress())
            async for outcomes in connections.outcomes.read_existing(earlier.__contains__):
                read += len(outcomes)
                for outcome in outcomes:
                    earlier.add(outcome)
        count = await reporting.count(self._plan.as_of, self._plan.selection)
        others = count.children(self._plan.selection) - earlier.count_accepted(IEP_SUBMITTED)
        if others > 0:
            raise _OtherStudents(others, self._plan.as_of)
        return earlier

    async def _send_histories(self, connections: Connections, earlier: EarlierOutcomes) -> float:
        """Sends every history. Returns the seconds it took."""
        plan, began = self._plan, time.monotonic()
        driver = Driver(connections, earlier, plan.as_of, plan.window, later_years=plan.later_years)
        pace = Pace(self.progress)

        def look() -> tuple[int, str]:
            return self.progress.completed, self._describe(pace)

        async with phase(self._console, "Children completed", len(plan.pupils), look):
            await driver.drive(plan.pupils, self.progress)
        return time.monotonic() - began

    def _describe(self, pace: "Pace") -> str:
        progress = self.progress
        if progress.earlier == progress.children:
            return "all in earlier runs: nothing is left to do"
        texts = [f"{progress.earlier:,} of them in earlier runs"] if progress.earlier else []
        texts += [f"{progress.accepted:,} accepted, {pace.rate():,.0f} a second"]
        texts += [f"{progress.held:,} were held for an event"] if progress.held else []
        texts += [f"{progress.resent:,} sent again"] if progress.resent else []
        texts += [f"{progress.refused:,} refused"] if progress.refused else []
        if progress.silent_seconds > _SILENT_SECONDS:
            texts.append(f"no outcome for {progress.silent_seconds:.0f} s{self._not_ready()}; waiting")
        return ", ".join(texts)

    def _not_ready(self) -> str:
        """The components that are not ready, as the supervisor reports them."""
        run = running(self._home) or self._run
        components = [f"{c.name} {c.state}" for c in run.components.values() if c.state != "ready"]
        return f" ({', '.join(components)})" if components else ""

    async def _try_cases(
        self, connections: Connections, urls: Mapping[str, str]
    ) -> tuple[Sequence[Case], str]:
        """The cases, and the student whom `CaseRunner.transferred` names."""
        cases: list[Case] = []
        async with (
            aclosing(ApiClient(urls, self._tokens)) as api,
            phase(self._console, "Cases tried live", None, lambda: (0, f"{len(cases)}")),
        ):
            runner = CaseRunner(connections, api, self._tokens, self._plan.as_of)
            async for case in runner.run():
                cases.append(case)
        return cases, runner.transferred

    async def _count(self, connections: Connections, reporting: ReportingClient) -> ChildCount:
        progress = ReadingProgress()

        async with phase(self._console, "Read by reporting", None, lambda: (0, progress.description)):
            await wait_until_complete(reporting, connections.counts, progress)
        return await reporting.count(self._plan.as_of, self._plan.selection)

    async def _look(self, reporting: ReportingClient) -> Look:
        """A look at reporting, as the person of whom the report says to sign in."""
        async with phase(self._console, "Looked at in reporting", None, lambda: (0, FIRST.title)):
            token = self._tokens.of(FIRST.lea, FIRST.roles, FIRST.sub)
            return await look(reporting.http, FIRST, token, self._tokens.state, self._plan.as_of)


class _OtherStudents(Failure):
    """The child count of that day already holds students who are not of this demonstration."""

    def __init__(self, others: int, as_of: date) -> None:
        super().__init__(
            f"{others:,} students who are not of these figures are counted on {as_of} already.",
            f"Use another system, for instance: {ser('down')}; SER_HOME=.ser-other {ser('demo')} …",
        )


class Pace:
    """Commands accepted per second, over the last 10 seconds."""

    _SECONDS = 10.0

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._marks = deque([(time.monotonic(), progress.accepted)])

    def rate(self) -> float:
        """The current rate."""
        now, done = time.monotonic(), self._progress.accepted
        while len(self._marks) > 1 and now - self._marks[1][0] > self._SECONDS:
            self._marks.popleft()
        self._marks.append((now, done))
        since, earlier = self._marks[0]
        return (done - earlier) / (now - since) if now > since else 0.0
