"""Many students' stories sent at once, as upstream systems send them: until confirmed, sometimes twice."""

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
from tests.faults.heard import Reader
from tests.faults.lives import Say, Student, student_of
from tests.faults.stage import Stage, until

FEW = 8
"""Students under way at once where there is little time."""

_FINISH_SECONDS = 150.0
_AGAIN_SECONDS = 0.2
_GIBBERISH = b"\xff\xfe\x00 no message"

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Mixture:
    """How much of what is sent is not as it should be, as shares of the commands."""

    twice: float = 0.1
    later_again: float = 0.05
    id_reused: float = 0.01
    gibberish: float = 0.02


@dataclass(frozen=True, slots=True)
class Sent:
    """A readable message, and when it was first sent; it is sent until Kafka has confirmed it."""

    say: Say
    topic: str
    at: float


@dataclass
class Workload:
    """The stories of one family of faults.

    `cast` makes the students, `window` of them are under way at once, each begins `pause` seconds after the
    one before. `sent` is the sender's list, by id.
    """

    stage: Stage
    family: int
    mixture: Mixture = Mixture()
    window: int = 20
    pause: float = 0.0
    cast: Callable[[int, int], Student] = student_of
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
        assert self.family not in self.stage.families, "each family has students of its own"
        self.stage.families.add(self.family)
        self._may_send.set()
        self._draw = Random(f"{self.family}")
        self.outcomes = Reader(self.stage.bootstrap, [entry.topic() for entry in outcomes()])
        issuer = Issuer(self.stage.home)
        roles = (Role.WRITER, Role.IEP_SUBMITTER)
        self.token = cache(lambda lea: issuer.token(lea, roles, "a.coordinator", 12))

    async def put(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers,
        at: datetime | None = None,
    ) -> None:
        """Put any bytes on any topic; returns when Kafka has confirmed them, however long it is away."""
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
    async def silent(self) -> AsyncIterator[None]:
        """Inside: nobody sends anything, and what was being sent is confirmed."""
        self._may_send.clear()
        await until(lambda: not self._sending, "what was being sent is confirmed")
        yield
        self._may_send.set()

    async def say(self, say: Say) -> None:
        """Send one readable message, and note that it was sent."""
        entry = entry_of(type(say.message))
        topic, headers = entry.topic(), self._headers(say)
        value = say.message.model_dump_json().encode()
        self.sent.setdefault(str(say.id), Sent(say, topic, time.monotonic()))
        await self.put(topic, say.message.subject.encode(), value, headers, say.at)

    def _headers(self, say: Say) -> Headers:
        entry = entry_of(type(say.message))
        asked = entry.kind is Kind.COMMAND
        envelope = Envelope(
            id=str(say.id),
            type=entry.name,
            source="/faults" if asked else f"/{BRIDGE}",
            subject=say.message.subject,
            time=datetime.now(UTC),
            schema=entry.schema_id,
            token=self.token(say.lea) if asked else None,
        )
        return envelope.headers()

    async def spoil(self, say: Say) -> None:
        """Send something bad beside a message, by chance: bytes, or the same id with other content."""
        entry = entry_of(type(say.message))
        if entry.kind is not Kind.COMMAND:
            return
        if self._draw.random() < self.mixture.gibberish:
            self.bad += 1
            await self.put(entry.topic(), None, _GIBBERISH, [])
        if self._draw.random() < self.mixture.id_reused:
            self.bad += 1
            body = say.message.model_dump_json().replace("{", '{"not_known": 1,', 1).encode()
            await self.put(entry.topic(), say.message.subject.encode(), body, self._headers(say))

    async def act(self, act: Sequence[Say], *, at_once: bool = False) -> None:
        """Send the messages of an act, each to its topic in order, and wait for every final outcome."""
        if at_once:
            await asyncio.gather(*map(self._say_well_or_badly, act))
        else:
            for say in act:
                await self._say_well_or_badly(say)
        for say in act:
            if entry_of(type(say.message)).kind is Kind.COMMAND:
                await self._answered[str(say.id)].wait()

    async def _say_well_or_badly(self, say: Say) -> None:
        await self.say(say)
        await self.spoil(say)
        if self._draw.random() < self.mixture.twice:
            await self.say(say)

    async def live(self, student: Student) -> None:
        """Tell one student's story."""
        self.students.append(student)
        earlier: list[Say] = []
        for act in student.acts:
            for say in earlier:
                if self._draw.random() < self.mixture.later_again:
                    await self.say(say)
            await self.act(act, at_once=student.at_once)
            earlier = [*act]

    async def _students(self, fewest: int) -> None:
        """Bring in one student after the other, `window` at a time, until told to end; `fewest` at least."""
        number, under_way = 0, set[asyncio.Task[None]]()
        while number < fewest or not self._ending.is_set():
            if len(under_way) >= self.window:
                _, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                continue
            under_way.add(asyncio.create_task(self.live(self.cast(self.family, number))))
            number += 1
            await asyncio.sleep(self.pause)
        await asyncio.gather(*under_way)

    async def _listen(self) -> None:
        async for raw in self.outcomes.for_ever():
            outcome = Outcome.model_validate_json(raw.value)
            key = str(outcome.command_id)
            if outcome.status.final and key in self.sent and key not in self.final:
                self.final[key] = outcome
                self.seconds.append(time.monotonic() - self.sent[key].at)
            if outcome.status.final:
                self._answered[key].set()

    @contextlib.asynccontextmanager
    async def running(self, fewest: int = 1) -> AsyncIterator["Workload"]:
        """Stories go on while the body runs; on leaving it, those begun are told to their ends."""
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self.stage.bootstrap, acks="all", enable_idempotence=True, linger_ms=2
        )
        await self._producer.start()
        listening = asyncio.create_task(self._listen())
        telling = asyncio.create_task(self._students(fewest))
        try:
            yield self
            self._ending.set()
            await self._told(telling, listening)
        finally:
            for task in (telling, listening):
                task.cancel()
            await asyncio.gather(telling, listening, return_exceptions=True)
            await self._producer.stop()

    async def _told(self, telling: "asyncio.Task[None]", listening: "asyncio.Task[None]") -> None:
        """Returns when every story is told; whoever has died meanwhile is started again."""

        def done() -> bool:
            self.stage.tend()
            if listening.done():
                listening.result()
            return telling.done()

        await until(done, f"{self.unanswered} commands answered", _FINISH_SECONDS)
        await telling

    async def accepted(self, commands: int) -> None:
        """Returns when so many commands were accepted: the load is under way."""
        await until(
            lambda: sum(outcome.status is Status.ACCEPTED for outcome in self.final.values()) >= commands,
            f"{commands} commands accepted",
        )

    @property
    def unanswered(self) -> int:
        """Commands sent and not finally answered."""
        commands = [s for s in self.sent.values() if entry_of(type(s.say.message)).kind is Kind.COMMAND]
        return len(commands) - len(self.final)

    @property
    def canaries(self) -> set[str]:
        """What must never be read anywhere but in messages."""
        return {word for student in self.students for word in student.canaries}
