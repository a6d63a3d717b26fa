"""How long the search box takes over generated students: `python -m benchmarks.bench_search [n] [searches]`.

PostgreSQL itself, started for it on this machine. Students are saved in batches of a thousand, as the service
does. Then names are searched as they are and with slips in them, by an LEA's reader and by the state. Prints
what saving costs, how long searches take (and how much CPU, PostgreSQL's included), and how often whom was
meant is the first line or among the first twenty. Where several students bear the very name that was typed,
the first line can be but one of them.

Names are put together from syllables and drawn as unevenly as names are: a few are borne by many students,
most by few. They are more alike than people's names, so this is the harder case.
"""

import asyncio
import sys
import tempfile
import time
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from pathlib import Path
from random import Random

import psutil
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from contracts.access import STATE, Actor, Role
from contracts.identity import Person
from contracts.message import Record
from contracts.students import Profile, StudentAdded
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from services.chassis import store
from services.chassis.migrations import migrate
from services.chassis.settings import Settings
from services.chassis.state import Thing, Writes
from services.students.domain.facts import KnownSpell
from services.students.search import search
from tests.unit.telling import named

STUDENTS, SEARCHES = 100_000, 500
BATCH = 1000
GIVEN_NAMES, FAMILY_NAMES = 12_000, 60_000
LEAS = tuple(f"{number:03}" for number in range(1, 70))
STATE_ANALYST = Actor(sub="an.analyst", lea=STATE, roles=frozenset({Role.STATE}))

_STARTS: tuple[str, ...] = (
    *"bcdfghjklmnprstvwz",
    *("br", "ch", "cl", "dr", "gr", "pr", "qu", "sh", "st", "th", "tr"),
)
_VOWELS: tuple[str, ...] = (*"aeiouy", "ai", "ee", "ou", "ea")
_ENDS = ("", "n", "r", "l", "s", "x", "nd", "rt", "ll", "m", "tt", "ck")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Names:
    """A stock of names, the first of which are drawn most often."""

    names: list[str]
    weights: list[float]

    @classmethod
    def made(cls, chance: Random, count: int) -> "Names":
        names: dict[str, None] = {}
        while len(names) < count:
            syllables = range(chance.choice((1, 2, 2, 2, 3, 3)))
            names["".join(_syllable(chance) for _ in syllables).capitalize()] = None
        return cls(list(names), list(accumulate(1 / (place + 10) for place in range(count))))

    def drawn(self, chance: Random) -> str:
        return self.names[bisect(self.weights, chance.random() * self.weights[-1])]


def _syllable(chance: Random) -> str:
    return chance.choice(_STARTS) + chance.choice(_VOWELS) + chance.choice(_ENDS)


def people(chance: Random, count: int) -> Iterator[Person]:
    """So many people; some have a middle name, two family names or a suffix."""
    given, family = Names.made(chance, GIVEN_NAMES), Names.made(chance, FAMILY_NAMES)
    for _ in range(count):
        last = family.drawn(chance)
        if chance.random() < 0.07:
            last += chance.choice("- ") + family.drawn(chance)
        yield Person(
            first_name=given.drawn(chance),
            middle_name=given.drawn(chance) if chance.random() < 0.7 else None,
            last_name=last,
            suffix="Jr" if chance.random() < 0.02 else None,
            birth_on=date(chance.randint(2000, 2014), chance.randint(1, 12), chance.randint(1, 28)),
            sex=chance.choice("FM"),
        )


def records(student_id: str, person: Person, lea: str) -> Iterator[Record]:
    """A student an LEA has added and owns."""
    yield StudentAdded(
        student_id=student_id,
        revision=1,
        person=person,
        identity_revision=1,
        profile=Profile(grade="05"),
        added_by=lea,
    )
    yield KnownSpell(
        student_id=student_id, revision=1, spell_id=named(student_id), lea=lea, begin_on=date(2017, 8, 10)
    )


async def save(database: AsyncConnection, batch: list[Record]) -> None:
    """One transaction, as the service's worker saves a batch."""
    writes = Writes()
    for record in batch:
        key = (record.subject, record.kind, record.thing)
        writes.things[key] = Thing(*key, record.revision, record.model_dump_json())
    await store.save(database, writes)
    await database.commit()


def slipped(chance: Random, word: str) -> str:
    """A word with a letter too many, too few, wrong, or two swapped."""
    at = chance.randrange(max(1, len(word) - 1))
    match chance.randrange(4):
        case 0:
            return word[:at] + chance.choice(_LETTERS) + word[at:]
        case 1:
            return word[:at] + word[at + 1 :]
        case 2:
            return word[:at] + chance.choice(_LETTERS) + word[at + 1 :]
        case _:
            return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


def typed(chance: Random, person: Person, slips: int) -> str:
    """A name as somebody types it, in either form."""
    words = [person.first_name, person.last_name]
    for _ in range(slips):
        at = chance.randrange(2)
        words[at] = slipped(chance, words[at])
    return f"{words[1]}, {words[0]}" if chance.random() < 0.5 else " ".join(words)


async def measure(
    database: AsyncConnection, chance: Random, everybody: list[tuple[str, Person, str]], searches: int
) -> None:
    for who in ("LEA", "state"):
        for slips in range(3):
            sample = chance.sample(everybody, searches)
            seconds, places = [], []
            cpu = -await _cpu_seconds(database)
            for student_id, person, lea in sample:
                reader = Actor(sub="a.reader", lea=lea, roles=frozenset({Role.READER}))
                name = typed(chance, person, slips)
                begun = time.perf_counter()
                found = await search(STATE_ANALYST if who == "state" else reader, database, name, 20)
                seconds.append(time.perf_counter() - begun)
                ids = [line.student_id for line in found.students]
                places.append(ids.index(student_id) if student_id in ids else None)
            cpu += await _cpu_seconds(database)
            _say(f"{who}, {slips} slips", seconds, cpu / searches, places)


async def _cpu_seconds(database: AsyncConnection) -> float:
    """What this process and its PostgreSQL session have used so far."""
    session = psutil.Process(await database.scalar(text("SELECT pg_backend_pid()"))).cpu_times()
    return time.process_time() + float(session.user + session.system)


def _say(what: str, seconds: list[float], cpu: float, places: list[int | None]) -> None:
    times = sorted(1000 * second for second in seconds)
    middle, late = times[len(times) // 2], times[int(len(times) * 0.99)]
    first, listed = places.count(0) / len(places), 1 - places.count(None) / len(places)
    print(
        f"{what:14} p50 {middle:6.1f}  p99 {late:6.1f}  worst {times[-1]:6.1f}  CPU {1000 * cpu:6.1f} ms"
        f"   first {first:6.1%}  among twenty {listed:6.1%}"
    )


async def bench(url: str, students: int, searches: int) -> None:
    chance = Random(1)
    everybody = [
        (f"{1000000000 + number}", person, chance.choice(LEAS))
        for number, person in enumerate(people(chance, students))
    ]
    engine = create_async_engine(url)
    async with engine.connect() as database:
        cpu = -await _cpu_seconds(database)
        for first in range(0, students, BATCH):
            batch = [record for one in everybody[first : first + BATCH] for record in records(*one)]
            await save(database, batch)
        cpu += await _cpu_seconds(database)
        print(f"{students} students saved, CPU {1000 * cpu / students:.2f} ms each")
        await measure(database, chance, everybody, searches)
    await engine.dispose()


def main() -> None:
    students, searches = [*map(int, sys.argv[1:]), *(STUDENTS, SEARCHES)[len(sys.argv) - 1 :]]
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        server = Postgres(Path(home), free_port(), dies_with_parent=True)
        server.start()
        try:
            server.create("students", "students", "students")
            url = server.url("students", "students", "students")
            migrate("students", Settings(database=SecretStr(url), token_public_key=Path("unused")))
            asyncio.run(bench(url, students, searches))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
