"""How the cost of a command grows with the student's past: `python -m benchmarks history`.

Some students have twelve years of realistic IEPs, three a year; others have one IEP. The ieps service
answers the same commands about both, in alternating turns. The service, Kafka and PostgreSQL are real
processes. The part measures their processor time and the bytes that the service moves and publishes.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from random import Random
from statistics import median
from uuid import uuid4

import asyncpg
import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from benchmarks.meter import Meter
from benchmarks.options import Options
from benchmarks.preparation import deliver_events
from benchmarks.results import Section, Table, Target
from benchmarks.servers import Place, Servers
from benchmarks.throughput import Growth, count_messages
from benchmarks.topics import Sent, fill, sent
from contracts.catalog import events
from contracts.evaluations import ParentDecision, RecordParentDecision, RequestEvaluation
from contracts.ieps import SaveIEPForms, SubmitIEP
from contracts.message import Command
from contracts.outcome import Status
from deploy.demo.display import phase
from deploy.demo.outcomes import parse_outcome
from deploy.local.failure import Failure
from deploy.local.postgres import plain
from deploy.local.process import Process
from tests.unit.ieps.realistic import AREAS, realistic_plan
from tests.unit.ieps.school_years import A_YEAR, LEA, arrival, drafted, iep_id, named, school_years

LONG, SHORT = "twelve years of IEPs", "one IEP"
"""The two groups of students."""

STEPS, SAVES = "steps", "SaveIEPForms"
"""The two kinds of commands. Steps do not look at the forms of an IEP; SaveIEPForms changes them."""

MOST = 1.2
"""The most that a command may cost with a long past, as a multiple of its cost with a short one."""

_IEPS = {LONG: 12 * A_YEAR, SHORT: 1}
_TURNS = 3
_EVALUATIONS = 5
_TIMES_SAVED = 20
_FIRST = 1_000_000_000
_WAIT_MS = 200
_OUTCOMES = "ieps.outcomes"
_REPLIES = "SELECT status, count(*)::int FROM ledger GROUP BY status"


@dataclass(frozen=True)
class Cost:
    """What some commands cost together: processor seconds, and bytes."""

    commands: int
    service: float
    postgres: float
    read: int
    written: int
    published: int

    @property
    def each(self) -> float:
        """Processor seconds of the service and of PostgreSQL for a command."""
        return (self.service + self.postgres) / self.commands

    @property
    def row(self) -> tuple[str, ...]:
        micro = (1e6 * seconds / self.commands for seconds in (self.service, self.postgres))
        moved = (count / 1000 / self.commands for count in (self.read, self.written, self.published))
        return (
            f"{self.commands:,}",
            *(f"{value:,.0f}" for value in micro),
            *(f"{value:,.1f}" for value in moved),
        )


Costs = dict[tuple[str, str], Cost]
"""The costs of one turn, by group and kind."""


async def measure(servers: Servers, options: Options) -> Section:
    """Send every student through the school years, then measure commands about both groups in turns."""
    place = await servers.place("history", "ieps")
    students = _students(options.histories)
    everybody = [one for turn in students for group in turn.values() for one in group]
    arrivals = [sent(place.prefix, event) for one in everybody for event in arrival(one)]
    await deliver_events(servers, "ieps", place, arrivals)
    commands = list(_school_years(servers, place, students))
    await fill(servers.screen, place.kafka, "school years onto the topic", commands, len(commands))
    turns: list[Costs] = []
    async with servers.service("ieps", place) as service, _client(servers, place, service.process) as client:
        await client.wait_for_school_years(len(commands))
        async with phase(servers.screen, "turns", _TURNS, lambda: (len(turns), "")):
            for turn in students:
                turns.append(await client.turn(turn))
    return _section(turns, options.histories)


def _students(each: int) -> list[dict[str, list[str]]]:
    """The State IDs of each turn and group: no student has two turns."""
    ids = (str(_FIRST + number) for number in range(2 * _TURNS * each))
    return [{group: [next(ids) for _ in range(each)] for group in _IEPS} for _ in range(_TURNS)]


def _school_years(servers: Servers, place: Place, students: Sequence[dict[str, list[str]]]) -> Iterator[Sent]:
    token = servers.tokens.lea(LEA)
    for turn in students:
        for group, ids in turn.items():
            for student_id in ids:
                for command in school_years(student_id, _IEPS[group]):
                    yield sent(place.prefix, command, token=token)


@dataclass(frozen=True)
class _Client:
    """Sends commands to the running service, reads everything that it publishes, and meters it."""

    servers: Servers
    place: Place
    process: Process
    producer: AIOKafkaProducer
    consumer: AIOKafkaConsumer
    meter: Meter

    async def wait_for_school_years(self, total: int) -> None:
        """Wait until the service has accepted the school years. Failure: it has refused some."""
        growth = Growth(
            lambda: count_messages(self.consumer, self.place.prefix + _OUTCOMES), total, self.process
        )
        await growth.wait_for_all(self.servers.screen, "school years")
        database = await asyncpg.connect(plain(self.place.database))
        replies = dict(await database.fetch(_REPLIES))
        await database.close()
        if replies != {Status.ACCEPTED: total}:
            raise Failure(f"Of {total:,} commands of school years: {replies}.", "Look at the outcomes.")

    async def turn(self, students: dict[str, list[str]]) -> Costs:
        """Both kinds of commands about both groups."""
        costs: Costs = {}
        for group, ids in students.items():
            await self.servers.settle(self.place)
            costs[group, STEPS] = await self._cost(list(_without_contents(ids, _IEPS[group])))
            await self._cost([[drafted(one, _IEPS[group] + 1) for one in ids]])
            costs[group, SAVES] = await self._cost(list(_saves(ids, _IEPS[group] + 1)))
        return costs

    async def _cost(self, waves: Sequence[Sequence[Command]]) -> Cost:
        """Measure the cost of the commands. A wave has one command a student, and waits for the
        wave before."""
        await self._published()
        await asyncio.to_thread(self.meter.begin)
        began, published = _moved(self.process), 0
        for wave in waves:
            published += await self._wave(wave)
        published += await self._published()
        used, ended = await asyncio.to_thread(self.meter.used), _moved(self.process)
        return Cost(
            commands=sum(map(len, waves)),
            service=used["service"].seconds,
            postgres=used["postgres"].seconds,
            read=ended[0] - began[0],
            written=ended[1] - began[1],
            published=published,
        )

    async def _wave(self, wave: Sequence[Command]) -> int:
        """Send the commands at once, and wait for their outcomes. Returns the bytes published meanwhile."""
        token, open_, published = self.servers.tokens.lea(LEA), set[str](), 0
        for command in wave:
            open_.add(command_id := str(uuid4()))
            topic, key, value, headers = sent(self.place.prefix, command, token=token, command_id=command_id)
            await self.producer.send(topic, value, key.encode(), headers=headers)
        while open_:
            for record in await self._records():
                published += len(record.value)
                if record.topic == self.place.prefix + _OUTCOMES:
                    answer = parse_outcome(record.value)
                    if answer.status is not Status.ACCEPTED:
                        raise Failure(f"A command was {answer.status}.", answer.body.decode())
                    open_.discard(answer.command_id)
        return published

    async def _published(self) -> int:
        """Read up to the ends of the topics. Returns the number of bytes."""
        published = 0
        places = await self.consumer.end_offsets(self.consumer.assignment())
        while [place for place, end in places.items() if await self.consumer.position(place) < end]:
            published += sum(len(record.value) for record in await self._records())
        return published

    async def _records(self) -> "list[ConsumerRecord[bytes, bytes]]":
        found = await self.consumer.getmany(timeout_ms=_WAIT_MS)
        return [record for records in found.values() for record in records]


@asynccontextmanager
async def _client(servers: Servers, place: Place, process: Process) -> AsyncIterator[_Client]:
    topics = [entry.topic("") for entry in events("ieps").values()]
    producer = AIOKafkaProducer(bootstrap_servers=place.kafka, acks="all", linger_ms=5)
    await producer.start()
    try:
        async with (
            place.reading(*topics, _OUTCOMES, since="earliest") as consumer,
            servers.metering(process) as meter,
        ):
            yield _Client(servers, place, process, producer, consumer, meter)
    finally:
        await producer.stop()


def _without_contents(ids: Sequence[str], ieps: int) -> Iterator[list[Command]]:
    """Evaluations that the parents refuse, then the submission of the official IEP."""
    for number in range(_EVALUATIONS):
        requested_on = date(2024, 1 + number, 1)
        yield [
            RequestEvaluation(
                student_id=one,
                evaluation_id=named(one, f"evaluation {number}"),
                permission_requested_on=requested_on,
            )
            for one in ids
        ]
        yield [
            RecordParentDecision(
                student_id=one,
                evaluation_id=named(one, f"evaluation {number}"),
                decision=ParentDecision.REFUSED,
                decided_on=requested_on,
            )
            for one in ids
        ]
    yield [SubmitIEP(student_id=one, iep_id=iep_id(one, ieps)) for one in ids]


def _saves(ids: Sequence[str], number: int) -> Iterator[list[Command]]:
    """Each draft is saved twenty times, one instructional plan at a time."""
    draw = Random(1)
    for time in range(_TIMES_SAVED):
        plan = realistic_plan(draw, AREAS[time % len(AREAS)])
        yield [SaveIEPForms(student_id=one, iep_id=iep_id(one, number), forms=(plan,)) for one in ids]


def _moved(process: Process) -> tuple[int, int]:
    """Bytes that the process has read and written so far, sockets included. Zeros: the system does
    not tell."""
    assert process.identity is not None, "the process runs"
    look = getattr(psutil.Process(process.identity.pid), "io_counters", None)
    counters = look() if look else None
    return getattr(counters, "read_chars", 0), getattr(counters, "write_chars", 0)


def _section(turns: Sequence[Costs], students: int) -> Section:
    ratios = {kind: [_ratio(turn, kind) for turn in turns] for kind in (STEPS, SAVES)}
    found = "; ".join(f"{kind} {', '.join(f'{each:.2f}' for each in all_)}" for kind, all_ in ratios.items())
    draft = len(drafted(str(_FIRST), 1).model_dump_json())
    saved = median(turn[LONG, SAVES].published / students for turn in turns)
    paragraphs = (
        f"Commands about students with {_IEPS[LONG]} IEPs, and about students with one IEP. An IEP has"
        f" {draft / 1000:.0f} KB. *Steps* are RequestEvaluation, RecordParentDecision and SubmitIEP; they do"
        " not look at the forms. SaveIEPForms changes one form of a draft, which is one IEP more. Each turn"
        f" has {students:,} students of each group, who had no turn before. A student gets one command at a"
        " time; the next one follows when all outcomes are there. The processor time is that of the service"
        " and of PostgreSQL. The service reads and writes bytes on all its connections. The bytes published"
        " are the bodies of its events and outcomes.",
        "",
        f"Cost with {LONG} ÷ cost with {SHORT}, by turn: {found}. The table shows the turn with the middle"
        f" ratio of the {STEPS}.",
        "",
        f"A draft of {draft / 1000:.0f} KB that is saved {_TIMES_SAVED} times publishes"
        f" {saved / 1000:,.0f} KB.",
    )
    shown = sorted(turns, key=lambda turn: _ratio(turn, STEPS))[len(turns) // 2]
    rows = [(f"{kind}, {group}", *cost.row) for (group, kind), cost in shown.items()]
    columns = (
        *("commands, student with", "measured", "service µs", "PostgreSQL µs"),
        *("KB read", "KB written", "KB published"),
    )
    targets = [
        Target(f"cost of {kind}: {LONG} ÷ {SHORT}", MOST, median(all_), at_most=True)
        for kind, all_ in ratios.items()
    ]
    return Section("A student's past", paragraphs, (Table(columns, rows),), targets)


def _ratio(turn: Costs, kind: str) -> float:
    return turn[LONG, kind].each / turn[SHORT, kind].each
