"""The search box: "First Last", "Last, First" or a State ID. It tolerates typos. The best match comes first.

The search splits the text into words. For each word it finds the similar words in names. Then it finds the
students whose names have a similar word for every typed word. If no student has, one word may be missing. The
access log shows a search by name without a student, and never shows the text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.dates import day_at
from contracts.message import PersonalValue, Value
from contracts.students import Student
from services.chassis.answering.viewing import log_view
from services.students import store
from services.students.nicknames import also_called

_STATE_ID = re.compile(r"[0-9]{10}")
_MOST_WORDS = 8
_MOST_JOINED = 3
_SHORT = 3
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))
_ON_THE_OTHER_SIDE = 0.9
_SURE = 0.8
_NICKNAME = 0.85
LONGEST_WORD = 40
"""The search ignores the letters of a typed word after these."""

Hits = Mapping[int, Mapping[str, float]]
"""For each typed word, by its position: the similar words in names, and the likeness (1: equal)."""


class FoundStudent(PersonalValue):
    """A line of the result. It shows only name and owner of another LEA's student, found by State ID.

    `formerly`: the student's names before eScholar's corrections, latest last.
    """

    student_id: str
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    suffix: str | None
    formerly: tuple[str, ...] = ()
    lea: str | None
    birth_on: date | None = None
    sex: str | None = None
    grade: str | None = None
    open_services: bool | None = None


class FoundStudents(Value):
    """The best matches, and whether there are more.

    `instead`: no student has the typed State ID. The listed students' State IDs differ from it in one digit,
    or in two swapped digits.
    """

    students: tuple[FoundStudent, ...]
    more: bool = False
    instead: bool = False


class Side(Enum):
    """The part of the name in which a typed word belongs."""

    GIVEN = "given"
    FAMILY = "family"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed word, spelled as the index spells names."""

    word: str
    side: Side

    @property
    def telling(self) -> bool:
        """Whether a name must contain the word. Initials, particles and suffixes only improve the rank."""
        return len(self.word) >= _SHORT and self.word not in _SUFFIXES


async def search(viewer: Actor, database: AsyncConnection, typed: str, limit: int) -> FoundStudents:
    """At most `limit` students who match the text, among those the viewer sees."""
    state_id = re.sub(r"[\s-]", "", typed)
    if _STATE_ID.fullmatch(state_id):
        if found := await _by_id(viewer, database, state_id):
            return FoundStudents(students=(found,))
        return await _instead(viewer, database, state_id, limit)
    await log_view(database, viewer, subject="", what="search")
    rows = await _by_name(viewer, database, await _read(database, typed), limit + 1)
    return FoundStudents(students=tuple(_line(row) for row in rows[:limit]), more=len(rows) > limit)


async def _by_id(viewer: Actor, database: AsyncConnection, state_id: str) -> FoundStudent | None:
    """The student with a State ID. An LEA's writers see name and owner of any student: they may claim one."""
    row = (await database.execute(store.BY_ID, {"student_id": state_id})).one_or_none()
    if row is None:
        return None
    own = viewer.everywhere or row.seen_by == viewer.lea
    seen = own or viewer.has(Role.WRITER)
    await log_view(database, viewer, subject=state_id, what="search", seen=seen)
    if not seen:
        return None
    return _line(row) if own else _name_and_owner(row)


async def _instead(viewer: Actor, database: AsyncConnection, state_id: str, limit: int) -> FoundStudents:
    """The viewer's students whose State IDs are one typo away from the typed one."""
    values = {"student_ids": list(_one_typo_away(state_id)), "lea": viewer.lea, "limit": limit + 1}
    rows = (await database.execute(store.by_ids(within=not viewer.everywhere), values)).all()
    if rows:
        await log_view(database, viewer, subject="", what="search")
    lines = tuple(_line(row) for row in rows[:limit])
    return FoundStudents(students=lines, more=len(rows) > limit, instead=bool(lines))


def _one_typo_away(state_id: str) -> Iterator[str]:
    for at, digit in enumerate(state_id):
        for other in "0123456789":
            if other != digit:
                yield state_id[:at] + other + state_id[at + 1 :]
        if digit != (following := state_id[at + 1 : at + 2]):
            yield state_id[:at] + following + digit + state_id[at + 2 :]


async def _read(database: AsyncConnection, typed: str) -> Sequence[Typed]:
    """Split the text into words. A comma separates the family name from the given names."""
    before, comma, after = typed.replace("\0", " ").partition(",")
    row = (await database.execute(store.WORDS, {"before": before, "after": after})).one()
    family, given = ([word[:LONGEST_WORD] for word in some] for some in (row.before, row.after))
    if comma:
        words = [Typed(word, Side.FAMILY) for word in family] + [Typed(word, Side.GIVEN) for word in given]
    else:
        words = list(_sided(family))
    return words[:_MOST_WORDS]


def _sided(words: Sequence[str]) -> Iterator[Typed]:
    for place, word in enumerate(words):
        if len(words) == 1 or 0 < place < len(words) - 1:
            yield Typed(word, Side.EITHER)
        else:
            yield Typed(word, Side.FAMILY if place else Side.GIVEN)


async def _by_name(
    viewer: Actor, database: AsyncConnection, words: Sequence[Typed], limit: int
) -> Sequence[Row[Any]]:
    needed = [place for place, typed in enumerate(words) if typed.telling] or list(range(len(words)))
    if not needed:
        return ()
    hits = await _hits(database, words, needed)
    rows = await _holding(viewer, database, words, hits, [needed], limit)
    return rows or await _holding(viewer, database, words, _sure(hits), _one_missing(words, needed), limit)


async def _holding(
    viewer: Actor,
    database: AsyncConnection,
    words: Sequence[Typed],
    hits: Hits,
    alternatives: Sequence[Sequence[int]],
    limit: int,
) -> Sequence[Row[Any]]:
    if not alternatives:
        return ()
    statement = store.by_name(alternatives, within=not viewer.everywhere)
    bars = {f"words_{place}": list(near) for place, near in hits.items()}
    columns = _columns(words, hits)
    return (await database.execute(statement, {**bars, **columns, "lea": viewer.lea, "limit": limit})).all()


def _one_missing(words: Sequence[Typed], needed: Sequence[int]) -> Sequence[Sequence[int]]:
    """The sets of words that suffice if no student has all: one word left out, never a given name alone."""
    alternatives = ([place for place in needed if place != missing] for missing in needed)
    return [rest for rest in alternatives if any(words[place].side is not Side.GIVEN for place in rest)]


def _sure(hits: Hits) -> Hits:
    return {
        place: {word: like for word, like in near.items() if like >= _SURE} for place, near in hits.items()
    }


def _columns(words: Sequence[Typed], hits: Hits) -> dict[str, list[Any]]:
    """The hits as the columns of a table. A longer typed word has a larger weight."""
    letters = sum(len(typed.word) for typed in words)
    rows = [
        (place, word, likeness * len(words[place].word) / letters)
        for place, near in hits.items()
        for word, likeness in near.items()
    ]
    return {
        "places": [place for place, _, _ in rows],
        "words": [word for _, word, _ in rows],
        "in_given": [worth * _fit(words[place].side, Side.GIVEN) for place, _, worth in rows],
        "in_family": [worth * _fit(words[place].side, Side.FAMILY) for place, _, worth in rows],
    }


def _fit(typed: Side, held: Side) -> float:
    return 1.0 if typed in (held, Side.EITHER) else _ON_THE_OTHER_SIDE


async def _hits(database: AsyncConnection, words: Sequence[Typed], needed: Sequence[int]) -> Hits:
    """The words in names that are similar to a typed word, or to neighboring typed words joined into one."""
    hits: dict[int, dict[str, float]] = {place: {typed.word: 1.0} for place, typed in enumerate(words)}
    sought = {"places": list(needed), "words": [words[place].word for place in needed]}
    for place, word, likeness in (await database.execute(store.NEAR, sought)).all():
        hits[place][word] = float(likeness)
    for place, typed in enumerate(words):
        for name in also_called(typed.word) if typed.side is not Side.FAMILY else ():
            hits[place][name] = max(hits[place].get(name, 0.0), _NICKNAME)
    runs = list(_runs(len(words)))
    joined = {
        "places": list(range(len(runs))),
        "words": ["".join(words[place].word for place in run) for run in runs],
    }
    for number, word, likeness in (await database.execute(store.ONE_SLIP, joined)).all() if runs else ():
        for place in runs[number]:
            hits[place][word] = max(hits[place].get(word, 0.0), float(likeness))
    return hits


def _runs(length: int) -> Iterator[range]:
    for size in range(2, _MOST_JOINED + 1):
        for first in range(length - size + 1):
            yield range(first, first + size)


def _line(row: Row[Any]) -> FoundStudent:
    student = Student.model_validate(row.body)
    profile = student.profile_on(day_at(datetime.now(UTC)))
    return _shown(
        student,
        row.lea,
        birth_on=student.person.birth_on,
        sex=student.person.sex,
        grade=profile.grade if profile else None,
        formerly=row.former,
        open_services=row.open_services,
    )


def _name_and_owner(row: Row[Any]) -> FoundStudent:
    return _shown(Student.model_validate(row.body), row.lea)


def _shown(student: Student, lea: str | None, **columns: Any) -> FoundStudent:
    person = student.person
    return FoundStudent(
        student_id=student.student_id,
        first_name=person.first_name,
        middle_name=person.middle_name,
        last_name=person.last_name,
        suffix=person.suffix,
        lea=lea,
        **columns,
    )
