"""The students behind a number of the child count: of a cell, or of a reason why they are not counted."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.types import LeaCode, StudentId
from services.chassis.answering.viewing import log_views
from services.reporting.domain.definitions import disabilities
from services.reporting.domain.rules import NOT_COUNTED, Reason
from services.reporting.queries.judged import judged_students, parameters
from services.reporting.queries.moment import CountDay, in_order
from services.reporting.queries.scope import lea_in_scope

_MANY = 5000
_NEXT = text("SELECT subject FROM students WHERE subject > :after ORDER BY subject LIMIT :some")
_NEXT_OF_LEA = text(
    "SELECT DISTINCT subject FROM spells WHERE lea = :lea AND NOT withdrawn AND subject > :after"
    " ORDER BY subject LIMIT :some"
)


class PlacedStudent(BaseModel):
    """A student's place in the child count. A blank `code` means that the student is counted."""

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
    expired: bool = Field(description="Whether the year of the IEP in effect is over (RPT-032).")


class StudentsFilter(BaseModel):
    """The considered students as of a day, after a State ID, with these values."""

    model_config = ConfigDict(extra="forbid")

    as_of: CountDay
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
    expired: bool | None = Field(default=None, description="Whether the year of the IEP in effect is over.")

    @property
    def only(self) -> dict[str, str | bool]:
        """The values to filter by, by column."""
        return self.model_dump(exclude_none=True, exclude={"as_of", "lea", "after", "limit"})


class PlacedStudents(BaseModel):
    """A page of students by State ID. `next`: `after` of the next page; blank on the last."""

    students: list[PlacedStudent]
    next: StudentId | None


async def students(viewer: Actor, database: AsyncConnection, wanted: StudentsFilter) -> PlacedStudents:
    """A page of students with their places in the count. Forbidden: another LEA's."""
    lea = lea_in_scope(viewer, wanted.lea)
    await in_order(database)
    found: list[PlacedStudent] = []
    after, some = int(wanted.after), _MANY if wanted.only else wanted.limit
    while len(found) < wanted.limit:
        subjects = await _next(database, lea, after, some)
        if not subjects:
            break
        found += await _judged(database, wanted, lea, subjects)
        after = subjects[-1]
    page = found[: wanted.limit]
    await log_views(database, viewer, subjects=[student.student_id for student in page], what="child count")
    return PlacedStudents(students=page, next=page[-1].student_id if len(page) == wanted.limit else None)


async def _next(database: AsyncConnection, lea: LeaCode | None, after: int, some: int) -> Sequence[int]:
    """The next State IDs. Some of these students may belong on the page."""
    values = {"after": after, "some": some} | ({"lea": lea} if lea else {})
    return (await database.execute(_NEXT_OF_LEA if lea else _NEXT, values)).scalars().all()


async def _judged(
    database: AsyncConnection, wanted: StudentsFilter, lea: LeaCode | None, subjects: Sequence[int]
) -> list[PlacedStudent]:
    only = wanted.only
    where = " AND ".join(f"{name} = :only_{name}" for name in only) or "true"
    statement = text(f"{judged_students(lea)} SELECT * FROM judged WHERE {where} ORDER BY subject")
    values = parameters(wanted.as_of, disabilities(), lea) | {f"only_{name}": only[name] for name in only}
    rows = await database.execute(statement, values | {"subjects": subjects})
    return [_placed(dict(row)) for row in rows.mappings()]


def _placed(row: dict[str, object]) -> PlacedStudent:
    rule = NOT_COUNTED.get(Reason(str(row["reason"])))
    return PlacedStudent.model_validate(
        row | {"student_id": f"{row['subject']:010d}", "code": rule.code if rule else None}
    )
