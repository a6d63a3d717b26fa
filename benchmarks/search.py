"""How long the search box takes over generated students: `python -m benchmarks search`.

The part saves students in batches of a thousand, as the service does. Then an LEA's reader and the state
search for names, spelled right and with typing errors, and for birth date, sex and grade. The part shows the
cost of saving, the time and the processor time of a search (PostgreSQL's included), and how often the right
student is first or among the first twenty. If several students have the same name, only one of them can be
first.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from uuid import UUID, uuid5

import psutil
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from benchmarks.options import Options
from benchmarks.people import people
from benchmarks.results import Section, Table, percentile
from benchmarks.servers import Servers
from contracts.access import STATE, Actor, Role
from contracts.facts import KnownSpell
from contracts.identity import Person
from contracts.message import Record
from contracts.students import Profile, StudentAdded
from deploy.demo.display import phase
from services.chassis.deciding.batch import RecordRow, Writes
from services.chassis.keeping.saving import save
from services.students.criteria import Search
from services.students.search import search

_STUDENTS = 100_000
_BATCH = 1000
_LISTED = 20
_MOST_SLIPS = 2
_LEAS = tuple(f"{number:03}" for number in range(1, 70))
_STATE_ANALYST = Actor(sub="an.analyst", lea=STATE, roles=frozenset({Role.STATE}))
_SPELLS = UUID("3f1d3c0e-6a5b-4a0d-8c1e-0b7f5e2d9a61")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class _Student:
    student_id: str
    person: Person
    lea: str

    def reader(self) -> Actor:
        """Somebody of the student's LEA."""
        return Actor(sub="a.reader", lea=self.lea, roles=frozenset({Role.READER}))


@dataclass
class _Searched:
    """Searches of one kind. `took`: seconds of each. `places`: the right student's place in the
    list, from 0."""

    kind: str
    took: list[float] = field(default_factory=list)
    places: list[int | None] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def row(self) -> tuple[str, ...]:
        count = len(self.took)
        figures = (percentile(self.took, 50), percentile(self.took, 99), max(self.took), self.cpu / count)
        shares = (self.places.count(0) / count, 1 - self.places.count(None) / count)
        return (
            self.kind,
            *(f"{1000 * seconds:,.1f}" for seconds in figures),
            *(f"{share:.1%}" for share in shares),
        )


async def measure(servers: Servers, options: Options) -> Section:
    """Save all students, then search for some of them."""
    chance, count = Random(1), options.students or _STUDENTS
    async with phase(servers.screen, "students", None, lambda: (0, f"{count:,} drawn")):
        everybody = await asyncio.to_thread(_everybody, chance, count)
    place = await servers.place("search", "students")
    engine = create_async_engine(place.database)
    async with engine.connect() as database:
        each = await _saved(servers, database, everybody)
        await servers.settle(place)
        searched: list[_Searched] = []
        kinds = [(who, slips) for who in ("LEA", "state") for slips in (*range(_MOST_SLIPS + 1), None)]
        async with phase(servers.screen, "kinds of search", len(kinds), lambda: (len(searched), "")):
            for who, slips in kinds:
                sample = chance.sample(everybody, options.searches)
                searched.append(await _search(database, chance, sample, who, slips))
    await engine.dispose()
    paragraphs = (
        f"{options.searches:,} searches of each kind among {count:,} students. The time is that of the SQL"
        " statements, without HTTP and without the commit of the access log. Saving a student, with the"
        f" search index, took {1000 * each:.2f} ms of processor time.",
    )
    columns = ("who, typing errors", "p50 ms", "p99 ms", "worst ms", "CPU ms", "first", f"among {_LISTED}")
    return Section("The search box", paragraphs, (Table(columns, [found.row for found in searched]),))


def _everybody(chance: Random, count: int) -> list[_Student]:
    return [
        _Student(f"{1000000000 + number}", person, chance.choice(_LEAS))
        for number, person in enumerate(people(chance, count))
    ]


async def _saved(servers: Servers, database: AsyncConnection, everybody: Sequence[_Student]) -> float:
    """Save the students. Returns the processor seconds of one."""
    done, cpu = 0, -await _cpu_seconds(database)
    async with phase(servers.screen, "students saved", len(everybody), lambda: (done, "")):
        for done in range(0, len(everybody), _BATCH):
            some = everybody[done : done + _BATCH]
            await _save(database, [record for one in some for record in _records(one)])
        done = len(everybody)
    return (cpu + await _cpu_seconds(database)) / len(everybody)


async def _search(
    database: AsyncConnection, chance: Random, sample: Sequence[_Student], who: str, slips: int | None
) -> _Searched:
    """Search for each student of the sample: by name with so many slips, or (None) by other fields."""
    found = _Searched(f"{who}, {'fields' if slips is None else slips}", cpu=-await _cpu_seconds(database))
    for one in sample:
        wanted = _by_fields(one) if slips is None else _by_name(chance, one, slips)
        began = time.perf_counter()
        answer = await search(_STATE_ANALYST if who == "state" else one.reader(), database, wanted)
        found.took.append(time.perf_counter() - began)
        await database.commit()
        ids = [line.student_id for line in answer.students]
        found.places.append(ids.index(one.student_id) if one.student_id in ids else None)
    found.cpu += await _cpu_seconds(database)
    return found


def _by_name(chance: Random, one: _Student, slips: int) -> Search:
    return Search(text=_typed(chance, one.person, slips), limit=_LISTED)


def _by_fields(one: _Student) -> Search:
    """Birth date, sex and grade: nothing that has an index of its own."""
    return Search(born_on=one.person.birth_on, sex=one.person.sex, grade="05", limit=_LISTED)


async def _cpu_seconds(database: AsyncConnection) -> float:
    """Processor seconds of this process and its PostgreSQL session so far."""
    session = psutil.Process(await database.scalar(text("SELECT pg_backend_pid()"))).cpu_times()
    return time.process_time() + float(session.user + session.system)


def _records(student: _Student) -> Iterator[Record]:
    """A student whom an LEA has added and owns."""
    yield StudentAdded(
        student_id=student.student_id,
        revision=1,
        person=student.person,
        identity_revision=1,
        profile=Profile(grade="05"),
        added_by=student.lea,
    )
    yield KnownSpell(
        student_id=student.student_id,
        revision=1,
        spell_id=uuid5(_SPELLS, student.student_id),
        lea=student.lea,
        begin_on=date(2017, 8, 10),
    )


async def _save(database: AsyncConnection, batch: Sequence[Record]) -> None:
    """One transaction, as the service's worker saves a batch."""
    writes = Writes(records={row.key: row for row in map(RecordRow.of, batch)})
    await save(database, writes)
    await database.commit()


def _slipped(chance: Random, word: str) -> str:
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


def _typed(chance: Random, person: Person, slips: int) -> str:
    """A name as a person types it: *first last* or *last, first*."""
    words = [name for name in (person.first_name, person.last_name) if name]
    for _ in range(slips):
        at = chance.randrange(len(words))
        words[at] = _slipped(chance, words[at])
    return f"{words[1]}, {words[0]}" if chance.random() < 0.5 else " ".join(words)
