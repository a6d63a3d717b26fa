"""Who is behind a number of the child count: the students of a cell, or of a reason for not being counted."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.types import LeaCode, StudentId
from services.reporting.domain.definitions import disabilities
from services.reporting.domain.rules import NOT_COUNTED, Reason
from services.reporting.queries.judged import judged_students, parameters
from services.reporting.queries.moment import in_order
from services.reporting.queries.scope import lea_asked, log_list


class PlacedStudent(BaseModel):
    """A student as the count sees the student. Without a `code` the student is counted."""

    student_id: StudentId
    lea: LeaCode | None
    reason: Reason
    code: str | None
    years: int | None
    age_group: str | None
    age: str | None
    ageband: str | None
    disability: str | None
    environment: str | None
    race: str | None
    sex: str | None


class StudentsAsked(BaseModel):
    """Which students: those considered as of a day, after a State ID, with the values given."""

    model_config = ConfigDict(extra="forbid")

    as_of: date
    lea: LeaCode | None = None
    after: StudentId = "0000000000"
    limit: int = Field(default=100, ge=1, le=1000)
    reason: Reason | None = None
    age_group: str | None = None
    disability: str | None = None
    environment: str | None = None
    age: str | None = None
    ageband: str | None = None
    race: str | None = None
    sex: str | None = None

    @property
    def only(self) -> dict[str, str]:
        """The values given, by column."""
        return self.model_dump(exclude_none=True, exclude={"as_of", "lea", "after", "limit"})


class PlacedStudents(BaseModel):
    """A page of students by State ID. `next`: `after` of the next page; blank on the last."""

    students: list[PlacedStudent]
    next: StudentId | None


async def students(viewer: Actor, database: AsyncConnection, asked: StudentsAsked) -> PlacedStudents:
    """A page of students as the count sees them. Forbidden: those of another LEA."""
    lea, only = lea_asked(viewer, asked.lea), asked.only
    where = " AND ".join(f"{name} = :only_{name}" for name in only) or "true"
    found = f"{judged_students(lea)} SELECT * FROM judged WHERE {where} ORDER BY subject LIMIT :limit"
    values = parameters(asked.as_of, disabilities(), lea) | {f"only_{name}": only[name] for name in only}
    page_of = {"after": int(asked.after), "limit": asked.limit}
    await in_order(database)
    rows = (await database.execute(text(found), values | page_of)).mappings().all()
    page = [_placed(dict(row)) for row in rows]
    await log_list(database, viewer, [student.student_id for student in page], "child count")
    return PlacedStudents(students=page, next=page[-1].student_id if len(page) == asked.limit else None)


def _placed(row: dict[str, object]) -> PlacedStudent:
    rule = NOT_COUNTED.get(Reason(str(row["reason"])))
    return PlacedStudent.model_validate(
        row | {"student_id": f"{row['subject']:010d}", "code": rule.code if rule else None}
    )
