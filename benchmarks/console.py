"""How long the console's pages take: `python -m benchmarks console`.

The demonstration's children of the rarer disabilities are in the system. Light load: people open every kind
of page, one request at a time. Deadline day: a thousand people ask two console processes for pages and parts
of pages at a steady rate, whether earlier answers have come or not.

The console says in `Server-Timing` how long an answer took without the services. The whole time is measured
here, from before the request until the last byte.
"""

import asyncio
import html
import os
import re
import signal
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from random import Random

import httpx

from benchmarks.options import Options
from benchmarks.results import Section, Table, Target, percentile
from benchmarks.servers import Servers
from benchmarks.state import rarer_children, whole_system
from deploy.demo.demonstration import Demonstration
from deploy.demo.display import phase
from deploy.issuer.people import FIRST
from deploy.local.console import console_settings
from deploy.local.failure import Failure
from deploy.local.home import Home
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from deploy.local.process import Process, dying_with_parent
from deploy.local.run import Run

_ROUNDS = 30
_LIGHT_PEOPLE = 7
"""They take turns, because the console limits how often one person asks in a minute."""

_WARM_UP = 5
_DEADLINE_TURNS = 20
_PARTS_A_PAGE = 3
_COOKIE = "__Host-ser"
_OWN_PAGE_MS, _OWN_PART_MS = 120.0, 50.0
_SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
_OWN = re.compile(r"own;dur=([0-9.]+)")
_NAMES = ("smi", "bro", "joh", "wil", "dav", "tho")


@dataclass
class Taken:
    """The milliseconds of each answer: the console's own, and the whole.

    `turned_away`: the console asked to come again. `failed`: no answer, or another one than the page.
    """

    own: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    whole: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: int = 0
    turned_away: int = 0

    def rows(self) -> Iterator[tuple[str, ...]]:
        """A row for each kind: how many, then own and whole time at 50 and 95 %."""
        for kind in sorted(self.own):
            own, whole = self.own[kind], self.whole[kind]
            figures = (percentile(own, 50), percentile(own, 95), percentile(whole, 50), percentile(whole, 95))
            yield (kind, f"{len(own):,}", *(f"{figure:.1f}" for figure in figures))

    def every(self, parts: bool) -> list[float]:
        """The own times of all parts, or of all pages."""
        return [one for kind, times in self.own.items() if (kind == _SEARCH) is parts for one in times]


_SEARCH = "part: search while typing"


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in: a client with the sign-in's cookie, at one of the console's addresses."""

    http: httpx.AsyncClient
    url: str

    async def open(self, kind: str, path: str, taken: Taken) -> None:
        """Open a page, or search while typing, and note how long that took."""
        began = time.perf_counter()
        try:
            answer = await self._ask(kind, path)
        except httpx.HTTPError:
            taken.failed += 1
            return
        if answer.status_code == 503 and "retry-after" in answer.headers:
            taken.turned_away += 1
            return
        if answer.status_code != 200 or not (own := _OWN.search(answer.headers.get("server-timing", ""))):
            taken.failed += 1
            return
        taken.whole[kind].append(1000 * (time.perf_counter() - began))
        taken.own[kind].append(float(own[1]))

    async def _ask(self, kind: str, path: str) -> httpx.Response:
        if kind != _SEARCH:
            return await self.http.get(self.url + path)
        headers = _SAME_ORIGIN | {"HX-Request": "true"}
        return await self.http.post(f"{self.url}/find", data={"text": path}, headers=headers)


async def measure(servers: Servers, options: Options) -> Section:
    """Send the children's histories, then open pages at light load and at the load of deadline day."""
    plan = await asyncio.to_thread(rarer_children)
    async with whole_system(servers) as (home, run):
        result = await Demonstration(home, run, plan, servers.screen).run()
        if not result.good:
            raise Failure("The child count differs from the published one.", "Run `make demo` to see.")
        students = [pupil.state_id for pupil in plan.pupils if pupil.lea == FIRST.lea]
        async with _second_console(home, run) as second:
            addresses = (f"http://127.0.0.1:{run.components['console'].port}", second)
            light = await _light(servers, addresses[0], students)
            busy, seconds = await _deadline_day(servers, options, addresses, students)
    return _section(light, busy, options, seconds)


async def _light(servers: Servers, url: str, students: Sequence[str]) -> Taken:
    taken = Taken()
    async with (
        _people([url], _LIGHT_PEOPLE) as people,
        phase(servers.screen, "light load", None, lambda: (0, "")),
    ):
        pages = _pages(students, Random(1))
        for number in range(_ROUNDS * len(_KINDS)):
            kind, path = next(pages)
            await people[number % len(people)].open(
                kind, path, taken if number >= _WARM_UP * len(_KINDS) else Taken()
            )
    return taken


async def _deadline_day(
    servers: Servers, options: Options, urls: Sequence[str], students: Sequence[str]
) -> tuple[Taken, float]:
    """Requests begin at a steady rate, whether the earlier ones are answered or not."""
    taken, draw = Taken(), Random(2)
    seconds = float(options.seconds * _DEADLINE_TURNS)
    async with _people(urls, options.people) as everybody:
        pages = _pages(students, draw, parts=_PARTS_A_PAGE)
        rate = options.pages * (1 + _PARTS_A_PAGE)
        began, asked = time.perf_counter(), 0
        async with (
            asyncio.TaskGroup() as group,
            phase(
                servers.screen, "deadline day", int(rate * seconds), lambda: (asked, f"{taken.failed} failed")
            ),
        ):
            while (now := time.perf_counter() - began) < seconds:
                while asked < now * rate:
                    kind, path = next(pages)
                    group.create_task(draw.choice(everybody).open(kind, path, taken))
                    asked += 1
                await asyncio.sleep(0.01)
    return taken, seconds


_KINDS: Mapping[str, str] = {
    "page: work list": "/",
    "page: student": "/students/{student}",
    "page: profile": "/students/{student}/profile",
    "page: services": "/students/{student}/services",
    "page: IEPs": "/students/{student}/ieps",
    "page: evaluations": "/students/{student}/evaluations",
    "page: history": "/students/{student}/history",
    "page: why counted": "/students/{student}/why?as_of=2017-10-01",
    "page: what I sent": "/outcomes",
    _SEARCH: "",
}


def _pages(students: Sequence[str], draw: Random, parts: int = 1) -> Iterator[tuple[str, str]]:
    """Pages in turn, each about a student drawn at random; `parts` searches after each page or, for one, each
    kind in turn."""
    kinds = [kind for kind in _KINDS if kind != _SEARCH]
    for kind in cycle(kinds if parts > 1 else _KINDS):
        if kind == _SEARCH:
            yield _SEARCH, draw.choice(_NAMES)
            continue
        yield kind, _KINDS[kind].format(student=draw.choice(students))
        for _ in range(parts if parts > 1 else 0):
            yield _SEARCH, draw.choice(_NAMES)


@asynccontextmanager
async def _people(urls: Sequence[str], count: int) -> AsyncIterator[list[Person]]:
    """So many signed-in people, each from an address of the loopback of its own, at the consoles in turn.

    All sign in at the first, which the issuer knows. The consoles share who is signed in.
    """
    clients = [_client(number) for number in range(count)]
    try:
        for start in range(0, count, 10):
            some = enumerate(clients[start : start + 10], start)
            signing = (_sign_in(client, urls[0], number) for number, client in some)
            await asyncio.gather(*signing)
        yield [Person(client, url) for client, url in zip(clients, cycle(urls), strict=False)]
    finally:
        await asyncio.gather(*(client.aclose() for client in clients))


def _client(number: int) -> httpx.AsyncClient:
    address = f"127.1.{number // 250}.{number % 250 + 1}"
    transport = httpx.AsyncHTTPTransport(local_address=address)
    return httpx.AsyncClient(transport=transport, timeout=30, trust_env=False)


async def _sign_in(http: httpx.AsyncClient, url: str, number: int) -> None:
    """Sign in at the development issuer, as a browser does: a coordinator with a number of their own."""
    begun = await http.get(f"{url}/sign-in")
    page = await http.get(begun.headers["location"])
    request = re.search(r'name="request" value="([^"]*)"', page.text)
    if request is None:
        raise Failure("The issuer did not ask who to be.", "Look at the issuer's log.")
    chosen = {
        "request": html.unescape(request[1]),
        "name": f"Coordinator {number}",
        "lea": FIRST.lea,
        "role": list(FIRST.roles),
    }
    back = await http.post(page.url.join("/choose"), data=chosen)
    cookies = "; ".join(f"{name}={value}" for name, value in begun.cookies.items())
    done = await http.get(back.headers["location"], headers={"Cookie": cookies})
    http.cookies.clear()
    http.headers["Cookie"] = f"{_COOKIE}={done.cookies[_COOKIE]}"


@asynccontextmanager
async def _second_console(home: Home, run: Run) -> AsyncIterator[str]:
    """Another console process on the same database. Its address."""
    ports = {name: component.port for name, component in run.components.items()}
    postgres = Postgres(home.root / "postgres", ports["postgres"], log=home.log("postgres"))
    database = postgres.url("ser_console", "ser_console", home.password("ser_console"))
    port = free_port()
    settings = console_settings(home, ports, database) | {"SER_CONSOLE_PORT": str(port)}
    process = Process("console-2", home.log("console-2"))
    command = [*dying_with_parent(signal.SIGTERM), sys.executable, "-m", "console.app", "run"]
    process.start(command, env={**os.environ, **settings})
    url = f"http://127.0.0.1:{port}"
    try:
        await _ready(url)
        yield url
    finally:
        await asyncio.to_thread(process.end)


async def _ready(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(60):
        while True:
            try:
                if (await http.get(f"{url}/health/ready")).is_success:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)


def _section(light: Taken, busy: Taken, options: Options, seconds: float) -> Section:
    columns = ("what", "answers", "own p50 ms", "own p95 ms", "whole p50 ms", "whole p95 ms")
    pages, parts = percentile(light.every(False), 95), percentile(light.every(True), 95)
    targets = (
        Target("console, light load: own time of a page, p95", _OWN_PAGE_MS, pages, " ms", at_most=True),
        Target("console, light load: own time of a part, p95", _OWN_PART_MS, parts, " ms", at_most=True),
        Target(
            "console, deadline day: own time of a page, p95",
            2 * _OWN_PAGE_MS,
            percentile(busy.every(False), 95),
            " ms",
            at_most=True,
        ),
        Target(
            "console, deadline day: turned away or failed", 0, busy.turned_away + busy.failed, at_most=True
        ),
    )
    paragraphs = (
        f"Light load: one request at a time, each kind of page {_ROUNDS - _WARM_UP} times. Deadline day:"
        f" {options.people:,} people, {options.pages} pages and {options.pages * _PARTS_A_PAGE} parts a"
        f" second for {seconds:,.0f} s, two console processes. They turned {busy.turned_away:,} away, and"
        f" {busy.failed:,} answers failed.",
    )
    tables = (Table(columns, list(light.rows())), Table(columns, list(busy.rows())))
    return Section("The console", paragraphs, tables, targets)
