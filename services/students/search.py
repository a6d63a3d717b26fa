"""The search: by State ID, by name, by single fields. It tolerates typos. The best match comes first.

`criteria` has the fields, `words` the typed words and the words like them. A search by name finds students
whose names have a similar word for every typed word. If no student has, one word may be missing. The access
log shows a search by name or fields without a student, and never shows what was typed.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from pydantic import Field
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.dates import day_at
from contracts.facts import not_their_list
from contracts.message import PersonalValue, Value
from contracts.students import Student
from contracts.types import Choice, StudentId
from services.chassis.answering.viewing import admit, log_view
from services.students import store, words
from services.students.criteria import Search, conditions

_STATE_ID = re.compile(r"[0-9]{10}")


class Match(Choice):
    """How a student was found."""

    STATE_ID = "state_id"
    SIMILAR_STATE_ID = "similar_state_id"
    NAME = "name"
    FORMER_NAME = "former_name"
    SIMILAR_NAME = "similar_name"
    PART_OF_NAME = "part_of_name"
    FIELDS = "fields"


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
    grade: str | None = Field(default=None, description="The grade of today.")
    school: str | None = Field(default=None, description="The school site of today.")
    open_services: bool | None = None
    inactive: bool | None = Field(
        default=None,
        description="No service is open, and this service has changed no record of the student for 5 years.",
    )
    matched: Match = Field(
        description="How the student was found. `name`: each typed word begins a word of the name."
        " `similar_name`: by typos, sound or short form. `part_of_name`: one typed word is missing."
        " `fields`: by other fields than the name."
    )


class FoundStudents(Value):
    """A page of the matches, the best first; those without a name to compare, by name.

    `instead`: no student has the typed State ID. The listed students' State IDs differ from it in one digit,
    or in two swapped digits.
    """

    students: tuple[FoundStudent, ...]
    more: bool = False
    next: StudentId | None = Field(
        default=None, description="`after` of the next page; blank on the last one."
    )
    total: int = Field(default=0, description=f"How many students match, {store.MOST_COUNTED} at most.")
    total_exceeded: bool = Field(default=False, description="More students match than `total` says.")
    instead: bool = False


async def search(viewer: Actor, database: AsyncConnection, wanted: Search) -> FoundStudents:
    """A page of the students who match, among those the viewer sees. Forbidden: another LEA's students."""
    if wanted.lea and (refusal := not_their_list(viewer, wanted.lea)):
        await admit(database, viewer, subject="", what="search", refusal=refusal)
    today = day_at(datetime.now(UTC))
    state_id = re.sub(r"[\s-]", "", wanted.text or "")
    if _STATE_ID.fullmatch(state_id):
        if found := await _by_id(viewer, database, state_id, today):
            return FoundStudents(students=(found,), total=1)
        return await _instead(viewer, database, state_id, wanted.limit, today)
    await log_view(database, viewer, subject="", what="search")
    if wanted.named:
        return await _by_name(viewer, database, wanted, today)
    return await _by_fields(viewer, database, wanted, today)


async def _by_id(viewer: Actor, database: AsyncConnection, state_id: str, today: date) -> FoundStudent | None:
    """The student with a State ID. An LEA's writers see name and owner of any student: they may claim one."""
    values = {"student_id": state_id, "today": today}
    row = (await database.execute(store.BY_ID, values)).one_or_none()
    if row is None:
        return None
    own = viewer.everywhere or row.seen_by == viewer.lea
    seen = own or viewer.has(Role.WRITER)
    await log_view(database, viewer, subject=state_id, what="search", seen=seen)
    if not seen:
        return None
    return _line(row, Match.STATE_ID, today) if own else _name_and_owner(row)


async def _instead(
    viewer: Actor, database: AsyncConnection, state_id: str, limit: int, today: date
) -> FoundStudents:
    """The viewer's students whose State IDs are one typo away from the typed one."""
    values = {
        "student_ids": list(_one_typo_away(state_id)),
        "lea": viewer.lea,
        "limit": limit + 1,
        "today": today,
    }
    rows = (await database.execute(store.by_ids(within=not viewer.everywhere), values)).all()
    if rows:
        await log_view(database, viewer, subject="", what="search")
    lines = tuple(_line(row, Match.SIMILAR_STATE_ID, today) for row in rows[:limit])
    more = len(rows) > limit
    return FoundStudents(
        students=lines, more=more, total=len(lines), total_exceeded=more, instead=bool(lines)
    )


def _one_typo_away(state_id: str) -> Iterator[str]:
    for at, digit in enumerate(state_id):
        for other in "0123456789":
            if other != digit:
                yield state_id[:at] + other + state_id[at + 1 :]
        if digit != (following := state_id[at + 1 : at + 2]):
            yield state_id[:at] + following + digit + state_id[at + 2 :]


async def _by_name(viewer: Actor, database: AsyncConnection, wanted: Search, today: date) -> FoundStudents:
    parts = {name: getattr(wanted, name) or "" for name in ("text", "first", "last")}
    typed = await words.read(database, **parts)
    needed = words.needed(typed)
    if not needed:
        return FoundStudents(students=())
    hits = await words.similar(database, typed, needed)
    bounds = conditions(viewer, wanted, today)
    rows = await _holding(database, wanted, typed, hits, [needed], bounds)
    if rows and rows[0].total:
        return _page(rows, wanted.limit, lambda row: _line(row, _how(row), today))
    rest = words.one_missing(typed, needed)
    rows = await _holding(database, wanted, typed, words.sure(hits), rest, bounds)
    return _page(rows, wanted.limit, lambda row: _line(row, Match.PART_OF_NAME, today))


async def _holding(
    database: AsyncConnection,
    wanted: Search,
    typed: Sequence[words.Typed],
    hits: words.Hits,
    alternatives: Sequence[Sequence[int]],
    bounds: tuple[str, dict[str, Any]],
) -> Sequence[Row[Any]]:
    if not alternatives:
        return ()
    asked, values = bounds
    values = {
        **values,
        **{f"words_{place}": list(near) for place, near in hits.items()},
        **words.columns(typed, hits),
        "typed": [one.word for one in typed],
        "after": wanted.after,
        "limit": wanted.limit + 1,
    }
    return (await database.execute(store.by_name(alternatives, asked), values)).all()


async def _by_fields(viewer: Actor, database: AsyncConnection, wanted: Search, today: date) -> FoundStudents:
    asked, values = conditions(viewer, wanted, today)
    more = {"after": wanted.after} if wanted.after else {}
    statement = store.by_fields(asked, more=bool(more))
    rows = (await database.execute(statement, {**values, **more, "limit": wanted.limit + 1})).all()
    return _page(rows, wanted.limit, lambda row: _line(row, Match.FIELDS, today))


def _page(rows: Sequence[Row[Any]], limit: int, line: Callable[[Row[Any]], FoundStudent]) -> FoundStudents:
    found = [row for row in rows if row.subject is not None]
    total, more = rows[0].total if rows else 0, len(found) > limit
    return FoundStudents(
        students=tuple(line(row) for row in found[:limit]),
        more=more,
        next=found[limit - 1].subject if more else None,
        total=min(total, store.MOST_COUNTED),
        total_exceeded=total > store.MOST_COUNTED,
    )


def _how(row: Row[Any]) -> Match:
    if row.present:
        return Match.NAME
    return Match.FORMER_NAME if row.borne and row.former else Match.SIMILAR_NAME


def _line(row: Row[Any], matched: Match, today: date) -> FoundStudent:
    student = Student.model_validate_json(row.body)
    profile = student.profile_on(today)
    return _shown(
        student,
        row.owner,
        birth_on=student.person.birth_on,
        sex=student.person.sex,
        grade=profile.grade if profile else None,
        school=row.school,
        formerly=row.former,
        open_services=row.open_services,
        inactive=row.inactive,
        matched=matched,
    )


def _name_and_owner(row: Row[Any]) -> FoundStudent:
    return _shown(Student.model_validate_json(row.body), row.owner, matched=Match.STATE_ID)


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
