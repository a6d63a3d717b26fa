"""How long a sender waits for an outcome, beside the floor: `python -m benchmarks latency`.

The benchmark sends commands one by one at a steady pace to a process that has nothing else to do. SER and the
floor take turns; then come the idiomatic way and commands posted over HTTP. Between two commands the
benchmark sends a bare message and commits an empty transaction. The clock begins before the sending and ends
when this process has read the outcome.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from uuid import uuid4

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.commands import ALONE, FLOOR, SER, prepare_place, process_of
from benchmarks.meter import Used
from benchmarks.options import Options
from benchmarks.results import PERCENTILES, Section, Table, Target, percentile, spread, usage
from benchmarks.rivals.students import LEA, OUTCOMES
from benchmarks.servers import Place, Servers
from benchmarks.students import Arrival, draw_arrivals
from benchmarks.topics import sent
from contracts.outcome import Status
from deploy.demo.display import phase
from deploy.demo.outcomes import parse_outcome
from deploy.local.failure import Failure
from deploy.local.postgres import plain
from deploy.topics import Topic, create_topics

_WARM_UP = 50
"""The number of first waits of each kind that do not count."""

_TURNS = 3
_MOST = {50: 1.5, 99: 2.0}
"""The most that a percentile of SER's waits may be, as a multiple of the floor's."""

_BARE = "bare"
_ANSWER_SECONDS = 10.0
COMMANDS, BARE, COMMIT, POSTS = "command → outcome", "bare round trip", "bare commit", "POST → outcome"
_COMMIT = "SELECT pg_logical_emit_message(true, 'bare', '')"
"""Writes only to PostgreSQL's log, and waits until the log is on disk."""


@dataclass
class _Replies:
    """Waits for messages on a topic. `name_of` gives a message's name from its value."""

    consumer: AIOKafkaConsumer
    name_of: Callable[[bytes], str]
    waiting: dict[str, asyncio.Future[float]] = field(default_factory=dict)

    async def listen(self) -> None:
        async for record in self.consumer:
            now = time.perf_counter()
            if waiting := self.waiting.pop(self.name_of(record.value), None):
                waiting.set_result(now)

    async def round_trip(self, name: str, send: Callable[[], Awaitable[object]]) -> float:
        """Milliseconds from before the sending until a message of this name arrives. Failure: after 10 s."""
        back: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.waiting[name] = back
        began = time.perf_counter()
        await send()
        try:
            ended = await asyncio.wait_for(back, _ANSWER_SECONDS)
        except TimeoutError:
            raise Failure(
                f"{name} did not come back within {_ANSWER_SECONDS:g} s.", "Did the service refuse it?"
            ) from None
        return 1000 * (ended - began)


@dataclass
class _Pace:
    """Starts tasks at a steady rate (tasks a second), whether or not earlier tasks have ended."""

    rate: float
    total: int
    done: int = 0
    took: list[float] = field(default_factory=list)

    async def keep(self, each: Callable[[int], Awaitable[float]], *, late: float = 0.0) -> None:
        """Start `each` once for each number, `late` seconds after the beat."""
        begins = time.perf_counter() + late
        async with asyncio.TaskGroup() as running:
            for number in range(self.total):
                await asyncio.sleep(begins + number / self.rate - time.perf_counter())
                running.create_task(self._one(each, number))

    async def _one(self, each: Callable[[int], Awaitable[float]], number: int) -> None:
        took = await each(number)
        self.done += 1
        if number >= _WARM_UP:
            self.took.append(took)


@dataclass(frozen=True)
class _RoundTrips:
    """The three waits: for a command's outcome, for a bare message, for a commit."""

    place: Place
    token: str
    producer: AIOKafkaProducer
    outcomes: _Replies
    bare: _Replies
    database: asyncpg.Pool

    async def command(self, one: Arrival) -> float:
        """Milliseconds from sending a command until its outcome is read."""
        name = str(one.command_id)
        topic, key, value, headers = sent(self.place.prefix, one.command, token=self.token, command_id=name)
        send = partial(self.producer.send_and_wait, topic, value, key.encode(), headers=headers)
        return await self.outcomes.round_trip(name, send)

    async def message(self) -> float:
        """Milliseconds from sending a message until it is read."""
        name = str(uuid4())
        send = partial(self.producer.send_and_wait, self.place.prefix + _BARE, name.encode())
        return await self.bare.round_trip(name, send)

    async def commit(self) -> float:
        """Milliseconds until PostgreSQL has an empty transaction on disk."""
        began = time.perf_counter()
        async with self.database.acquire() as database:
            await database.execute(_COMMIT)
            return 1000 * (time.perf_counter() - began)


async def measure(servers: Servers, options: Options) -> Section:
    """SER and the floor in alternating turns, then the idiomatic way and commands posted to SER over HTTP."""
    each = 1 + _WARM_UP + options.rate * options.seconds
    arrivals = await draw_arrivals(servers.screen, each)
    turns = [
        {way: await _turn(servers, way, arrivals, options.rate) for way in (SER, FLOOR)}
        for _ in range(_TURNS)
    ]
    idiomatic = await _turn(servers, ALONE, arrivals, options.rate)
    posts = await _posted(servers, arrivals, options.rate)
    return _section(turns, idiomatic, posts, options)


@dataclass(frozen=True)
class _Turn:
    """The milliseconds of each wait of one turn, and what the processes used."""

    commands: list[float]
    messages: list[float]
    commits: list[float]
    used: Mapping[str, Used]

    def __truediv__(self, other: "_Turn") -> dict[int, float]:
        """This turn's percentiles divided by another's."""
        return {
            percent: percentile(self.commands, percent) / percentile(other.commands, percent)
            for percent in _MOST
        }


async def _turn(servers: Servers, way: str, arrivals: Sequence[Arrival], rate: float) -> _Turn:
    place = await prepare_place(servers, way, arrivals)
    await create_topics(place.kafka, [Topic(place.prefix + _BARE)])
    await servers.settle(place)
    async with process_of(servers, way, place) as process, servers.metering(process) as meter:
        commands, messages, commits = await _through_kafka(servers, way, place, arrivals, rate)
        return _Turn(commands, messages, commits, await asyncio.to_thread(meter.used))


def _section(
    turns: Sequence[Mapping[str, _Turn]], idiomatic: _Turn, posts: list[float], options: Options
) -> Section:
    ratios = [turn[SER] / turn[FLOOR] for turn in turns]
    found = "; ".join(
        f"p{percent} {', '.join(f'{ratio[percent]:.2f}' for ratio in ratios)}" for percent in _MOST
    )
    paragraphs = (
        f"`AddStudent` at {options.rate:g} a second for {options.seconds:g} s to a process that has nothing"
        " else to do. The clock runs from before the sending until the outcome is read. *Floor* and"
        " *idiomatic* are the programs of the commands a second. A bare round trip is a message that the"
        " benchmark sends (acks=all) and reads again. A bare commit brings PostgreSQL's log to disk for a"
        " transaction that writes nothing. One of each goes between two commands, but not between posts. The"
        f" processor time is that of all of these together. The first {_WARM_UP} of each do not count.",
        "",
        f"SER and the floor had {_TURNS} turns each, one after the other. The median of the ratios is what"
        f" counts. SER ÷ floor: {found}. The table shows the turn with the median of the p50.",
    )
    shown = turns[sorted(range(_TURNS), key=lambda number: ratios[number][50])[_TURNS // 2]]
    took = {
        COMMANDS: shown[SER].commands,
        f"{FLOOR}: {COMMANDS}": shown[FLOOR].commands,
        f"{ALONE}: {COMMANDS}": idiomatic.commands,
        POSTS: posts,
        BARE: shown[SER].messages,
        COMMIT: shown[SER].commits,
    }
    rows = [(name, f"{len(times):,}", *spread(times)) for name, times in took.items()]
    columns = ("wait", "measured", *(f"p{percent} ms" for percent in PERCENTILES), "worst ms")
    used = {way: turn.used for way, turn in shown.items()}
    sizes = dict.fromkeys(used, len(shown[SER].commands) + _WARM_UP + 1)
    targets = [
        Target(
            f"wait for an outcome, p{percent}: SER ÷ floor",
            limit,
            median(ratio[percent] for ratio in ratios),
            at_most=True,
        )
        for percent, limit in _MOST.items()
    ]
    tables = (Table(columns, rows), usage(used, sizes, "a command"))
    return Section("Waiting for an outcome", paragraphs, tables, targets)


async def _through_kafka(
    servers: Servers, way: str, place: Place, arrivals: Sequence[Arrival], rate: float
) -> tuple[list[float], list[float], list[float]]:
    """The waits for commands, bare messages and commits. They begin after the first command's outcome."""
    first, *arrivals = arrivals
    commands, messages, commits = (_Pace(rate, len(arrivals)) for _ in range(3))
    async with (
        _round_trips(place, servers.tokens.lea(LEA)) as trips,
        phase(servers.screen, f"{way}: commands", len(arrivals), lambda: (commands.done, "")),
    ):
        await trips.command(first)
        async with asyncio.TaskGroup() as together:
            together.create_task(commands.keep(lambda number: trips.command(arrivals[number])))
            together.create_task(messages.keep(lambda number: trips.message(), late=0.5 / rate))
            together.create_task(commits.keep(lambda number: trips.commit(), late=0.75 / rate))
    return commands.took, messages.took, commits.took


async def _posted(servers: Servers, arrivals: Sequence[Arrival], rate: float) -> list[float]:
    """The waits for commands posted to SER."""
    place = await prepare_place(servers, SER, arrivals)
    await servers.settle(place)
    async with servers.service("students", place) as service:
        await asyncio.to_thread(service.wait)
        return await _posts(servers, service.url, arrivals[1:], rate)


async def _posts(servers: Servers, url: str, arrivals: Sequence[Arrival], rate: float) -> list[float]:
    headers = {"Authorization": f"Bearer {servers.tokens.lea(LEA)}", "Prefer": "wait=10"}
    pace = _Pace(rate, len(arrivals))
    async with (
        httpx.AsyncClient(base_url=url, headers=headers, timeout=_ANSWER_SECONDS, trust_env=False) as http,
        phase(servers.screen, "posts", len(arrivals), lambda: (pace.done, "")),
    ):
        await pace.keep(lambda number: _post(http, arrivals[number]))
    return pace.took


async def _post(http: httpx.AsyncClient, one: Arrival) -> float:
    """Milliseconds from posting a command until its outcome. Failure: the outcome is not *accepted*."""
    body, headers = one.command.model_dump_json(), {"Command-Id": str(one.command_id)}
    began = time.perf_counter()
    answer = await http.post("/commands/AddStudent", content=body, headers=headers)
    took = 1000 * (time.perf_counter() - began)
    if answer.status_code != httpx.codes.OK:
        raise Failure(f"A posted command was answered {answer.status_code}.", answer.text)
    return took


@asynccontextmanager
async def _round_trips(place: Place, token: str) -> AsyncIterator[_RoundTrips]:
    producer = AIOKafkaProducer(bootstrap_servers=place.kafka, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        async with (
            _replies(place, OUTCOMES, _accepted) as outcomes,
            _replies(place, _BARE, bytes.decode) as bare,
            asyncpg.create_pool(plain(place.database)) as database,
        ):
            yield _RoundTrips(place, token, producer, outcomes, bare, database)
    finally:
        await producer.stop()


@asynccontextmanager
async def _replies(place: Place, topic: str, name_of: Callable[[bytes], str]) -> AsyncIterator[_Replies]:
    async with place.reading(topic, since="latest") as consumer:
        for partition in consumer.assignment():
            await consumer.position(partition)  # the consumer gets every message from here on
        replies = _Replies(consumer, name_of)
        listening = asyncio.create_task(replies.listen())
        try:
            yield replies
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def _accepted(body: bytes) -> str:
    """The command's id if the outcome is *accepted*, else a blank text."""
    answer = parse_outcome(body)
    return answer.command_id if answer.status is Status.ACCEPTED else ""
