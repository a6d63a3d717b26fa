"""The names of many students at once, for a list that has State IDs only."""

from datetime import UTC, date, datetime
from typing import Any

from pydantic import Field
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.dates import day_at
from contracts.message import PersonalValue, Value
from contracts.students import Student
from contracts.types import LeaCode, StudentId
from services.chassis.answering.viewing import log_views
from services.students import store


class NamesWanted(Value):
    """The State IDs of the students whose names are wanted."""

    student_ids: tuple[StudentId, ...] = Field(max_length=500)


class StudentName(PersonalValue):
    """Who a student is, in one line. Another LEA's student shows only name and owner, and only to writers.

    To a former owner the line shows the student as of the day when the student left.
    """

    student_id: StudentId
    last_name: str | None
    first_name: str | None
    middle_name: str | None
    suffix: str | None
    lea: LeaCode | None = Field(description="The owner; blank if no LEA has the student.")
    birth_on: date | None = None
    grade: str | None = Field(default=None, description="The grade of today.")
    school: str | None = Field(default=None, description="The school site of today.")
    active: bool | None = Field(
        default=None,
        description="A service is open, or this service has changed a record of the student within 5 years.",
    )


class StudentNames(Value):
    """The students whom the viewer may see, by State ID. The others are left out."""

    students: tuple[StudentName, ...]


async def names(viewer: Actor, database: AsyncConnection, wanted: NamesWanted) -> StudentNames:
    """The names of students. SER logs each of them as a look, a refused one too."""
    today = day_at(datetime.now(UTC))
    values = {"student_ids": list(wanted.student_ids), "lea": viewer.lea, "today": today}
    rows = (await database.execute(store.NAMES, values)).all()
    lines = {row.subject: _line(viewer, row, today) for row in rows}
    for seen in (True, False):
        subjects = [subject for subject, line in lines.items() if (line is not None) is seen]
        await log_views(database, viewer, subjects=subjects, what="name", seen=seen)
    return StudentNames(students=tuple(line for line in lines.values() if line is not None))


def _line(viewer: Actor, row: Row[Any], today: date) -> StudentName | None:
    """As the viewer may see it: the state and the owner today's record, a former owner the one of then."""
    if viewer.everywhere or row.lea is None or row.seen_by == viewer.lea:
        return _whole(row, Student.model_validate_json(row.body), today, school=row.school)
    if row.left_body:
        return _whole(row, Student.model_validate_json(row.left_body), today, school=None)
    return _named(row, Student.model_validate_json(row.body)) if viewer.has(Role.WRITER) else None


def _whole(row: Row[Any], student: Student, today: date, *, school: str | None) -> StudentName:
    profile = student.profile_on(today)
    return _named(
        row,
        student,
        birth_on=student.person.birth_on,
        grade=profile.grade if profile else None,
        school=school,
        active=not row.inactive,
    )


def _named(row: Row[Any], student: Student, **columns: Any) -> StudentName:
    person = student.person
    return StudentName(
        student_id=student.student_id,
        last_name=person.last_name,
        first_name=person.first_name,
        middle_name=person.middle_name,
        suffix=person.suffix,
        lea=row.owner,
        **columns,
    )
