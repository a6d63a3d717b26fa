"""Sends messages about many students at once, as upstream systems do: until confirmed, sometimes twice."""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from random import Random

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from contracts.access import Role
from contracts.catalog import BRIDGE, Kind, entry_of, outcomes
from contracts.envelope import Envelope
from contracts.outcome import Outcome, Status
from deploy.local.issuer import Issuer
from tests.faults.proxied_system import ProxiedSystem, until
from tests.faults.students import PlannedMessage, Student, student_of
from tests.faults.topic_contents import Reader

FEW = 8
"""The number of students at once in short tests."""

_FINISH_SECONDS = 150.0
_AGAIN_SECONDS = 0.2
_GIBBERISH = b"\xff\xfe\x00 no message"

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Mixture:
    """The shares of commands that the sender repeats or spoils."""

    twice: float = 0.1
    later_again: float = 0.05
    id_reused: float = 0.01
    gibberish: float = 0.02


@dataclass(frozen=True, slots=True)
class Sent:
    """A readable message and the time when it was first sent. The sender retries until Kafka confirms it."""

    planned: PlannedMessage
    topic: str
    at: float


@dataclass
class Workload:
    """The messages of one family of faults.

    `make_student` makes the students. `window` students run at once; each begins `pause` seconds after the
    one before. `sent` has the sent messages by id.
    """

    system: ProxiedSystem
    family: int
    mixture: Mixture = Mixture()
    window: int = 20
    pause: float = 0.0
    make_student: Callable[[int, int], Student] = student_of
    sent: dict[str, Sent] = field(default_factory=dict)
    final: dict[str, Outcome] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    students: list[Student] = field(default_factory=list)
    messages: int = 0
    bad: int = 0
    _answered: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    _ending: asyncio.Event = field(default_factory=asyncio.Event)
    _may_send: asyncio.Event = field(default_factory=asyncio.Event)
    _sending: int = 0
    _producer: AIOKafkaProducer | None = None

    def __post_init__(self) -> None:
        assert self.family not in self.system.families, "each family has students of its own"
        self.system.families.add(self.family)
        self._may_send.set()
        self._draw = Random(f"{self.family}")
        self.outcomes = Reader(self.system.bootstrap, [entry.topic() for entry in outcomes()])
        issuer = Issuer(self.system.home)
        roles = (Role.WRITER, Role.IEP_SUBMITTER)
        self.token = cache(lambda lea, since=None: issuer.token(lea, roles, "a.coordinator", 12, since=since))

    async def put(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        at: datetime | None = None,
    ) -> None:
        """Put any bytes on any topic; retry until Kafka confirms them."""
        assert self._producer is not None
        stamp = at and round(at.timestamp() * 1000)
        await self._may_send.wait()
        self._sending += 1
        while True:
            try:
                await self._producer.send_and_wait(
                    topic, key=key, value=value, headers=headers, timestamp_ms=stamp
                )
            except (KafkaError, OSError, TimeoutError):
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                self.messages += 1
                self._sending -= 1
                return

    @contextlib.asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Inside: the workload sends nothing, and Kafka has confirmed all that it sent before."""
        self._may_send.clear()
        await until(lambda: not self._sending, "Kafka confirms all sent messages")
        yield
        self._may_send.set()

    async def send(self, planned: PlannedMessage) -> None:
        """Send one readable message and note it in `sent`."""
        entry = entry_of(type(planned.message))
        topic, headers = entry.topic(), self._headers(planned)
        value = planned.message.model_dump_json().encode()
        self.sent.setdefault(str(planned.id), Sent(planned, topic, time.monotonic()))
        await self.put(topic, planned.message.subject.encode(), value, headers, planned.at)

    def _headers(self, planned: PlannedMessage) -> Headers:
        entry = entry_of(type(planned.message))
        is_command = entry.kind is Kind.COMMAND
        envelope = Envelope(
            id=str(planned.id),
            type=entry.name,
            source="/faults" if is_command else f"/{BRIDGE}",
            subject=planned.message.subject,
            time=datetime.now(UTC),
            schema=entry.schema_id,
            token=self._token(planned) if is_command else None,
        )
        return envelope.headers()

    def _token(self, planned: PlannedMessage) -> str:
        """A token that is valid when Kafka receives the message: from the hour before its timestamp on."""
        since = planned.at and planned.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return self.token(planned.lea, since) if since else self.token(planned.lea)

    async def send_bad(self, planned: PlannedMessage) -> None:
        """At random send a bad message as well: gibberish, or the same id with other contents."""
        entry = entry_of(type(planned.message))
        if entry.kind is not Kind.COMMAND:
            return
        if self._draw.random() < self.mixture.gibberish:
            self.bad += 1
            await self.put(entry.topic(), None, _GIBBERISH, [])
        if self._draw.random() < self.mixture.id_reused:
            self.bad += 1
            body = planned.message.model_dump_json().replace("{", '{"not_known": 1,', 1).encode()
            await self.put(entry.topic(), planned.message.subject.encode(), body, self._headers(planned))

    async def send_phase(self, phase: Sequence[PlannedMessage], *, at_once: bool = False) -> None:
        """Send the messages of a phase, each to its topic in order, and wait for every final outcome."""
        if at_once:
            await asyncio.gather(*map(self._send_with_faults, phase))
        else:
            for planned in phase:
                await self._send_with_faults(planned)
        for planned in phase:
            if entry_of(type(planned.message)).kind is Kind.COMMAND:
                await self._answered[str(planned.id)].wait()

    async def _send_with_faults(self, planned: PlannedMessage) -> None:
        await self.send(planned)
        await self.send_bad(planned)
        if self._draw.random() < self.mixture.twice:
            await self.send(planned)

    async def run_student(self, student: Student) -> None:
        """Send the messages about one student, phase by phase."""
        self.students.append(student)
        earlier: list[PlannedMessage] = []
        for phase in student.phases:
            for planned in earlier:
                if self._draw.random() < self.mixture.later_again:
                    await self.send(planned)
            await self.send_phase(phase, at_once=student.at_once)
            earlier = [*phase]

    async def _students(self, fewest: int) -> None:
        """Run students, `window` at a time, until the workload ends; at least `fewest`."""
        number, under_way = 0, set[asyncio.Task[None]]()
        while number < fewest or not self._ending.is_set():
            if len(under_way) >= self.window:
                _, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                continue
            under_way.add(asyncio.create_task(self.run_student(self.make_student(self.family, number))))
            number += 1
            await asyncio.sleep(self.pause)
        await asyncio.gather(*under_way)

    async def _listen(self) -> None:
        async for raw in self.outcomes.follow():
            outcome = Outcome.model_validate_json(raw.value)
            key = str(outcome.command_id)
            if outcome.status.final and key in self.sent and key not in self.final:
                self.final[key] = outcome
                self.seconds.append(time.monotonic() - self.sent[key].at)
            if outcome.status.final:
                self._answered[key].set()

    @contextlib.asynccontextmanager
    async def running(self, fewest: int = 1) -> AsyncIterator["Workload"]:
        """Inside: the workload sends messages. At the end it finishes the students that it has begun."""
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self.system.bootstrap, acks="all", enable_idempotence=True, linger_ms=2
        )
        await self._producer.start()
        listening = asyncio.create_task(self._listen())
        students = asyncio.create_task(self._students(fewest))
        try:
            yield self
            self._ending.set()
            await self._finish(students, listening)
        finally:
            for task in (students, listening):
                task.cancel()
            await asyncio.gather(students, listening, return_exceptions=True)
            await self._producer.stop()

    async def _finish(self, students: "asyncio.Task[None]", listening: "asyncio.Task[None]") -> None:
        """Returns when all students are finished. Restarts services that have ended."""

        def done() -> bool:
            self.system.restart_ended()
            if listening.done():
                listening.result()
            return students.done()

        await until(done, f"{self.unanswered} commands answered", _FINISH_SECONDS)
        await students

    async def accepted(self, commands: int) -> None:
        """Returns when the services have accepted so many commands."""
        await until(
            lambda: sum(outcome.status is Status.ACCEPTED for outcome in self.final.values()) >= commands,
            f"{commands} commands accepted",
        )

    @property
    def unanswered(self) -> int:
        """The number of commands without a final outcome."""
        commands = [s for s in self.sent.values() if entry_of(type(s.planned.message)).kind is Kind.COMMAND]
        return len(commands) - len(self.final)

    @property
    def canaries(self) -> set[str]:
        """Names and birth dates, which may appear in messages only."""
        return {word for student in self.students for word in student.canaries}
