"""What is due for the students whom an LEA owns: each with its day, and the numbers by kind."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from heapq import nsmallest
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.calendars import Calendar, Extension
from contracts.counting import Calendars, Clock
from contracts.deadlines import Due, DueKind, due_of
from contracts.types import LeaCode, StudentId
from services.chassis.answering.viewing import log_views
from services.reporting.domain.due import LISTED, latest_start, next_step
from services.reporting.queries.history import sequences
from services.reporting.queries.moment import CountDay, today, uncompiled
from services.reporting.queries.running import OWNED, RUNNING, RUNNING_FOR_ONE
from services.reporting.queries.scope import lea_in_scope, may_look
from services.reporting.store import calendars

_PLACE = itemgetter(0, 1, 2)
_WEEK, _MONTH = timedelta(days=7), timedelta(days=30)

# An extension makes a due date later than the latest start says. An agreed day may make it earlier.
_WANTED = """
FROM running JOIN unnest(CAST(:kinds AS text[]), CAST(:latest AS date[])) AS wanted (kind, latest_start)
    USING (kind)
WHERE day_0 <= latest_start OR agreed_due_on IS NOT NULL
"""
_CLOCK = "kind, day_0, extensions::text AS extensions, agreed_due_on"
_DUE = text(f"{RUNNING} SELECT {_CLOCK}, subject, record_id, stage {_WANTED}")
_OF_ONE = text(f"{RUNNING_FOR_ONE} SELECT {_CLOCK}, subject, record_id, stage FROM running")
_COUNTS = text(f"{RUNNING} SELECT {_CLOCK}, count(*) AS students {_WANTED} GROUP BY 1, 2, 3, 4")
_UNSUBMITTED = text(f"""{OWNED}
SELECT stage, count(*) AS ieps FROM ieps JOIN owned USING (subject) WHERE stage IN ('draft', 'official')
GROUP BY stage
""")
_EXTENSIONS = TypeAdapter(tuple[Extension, ...])


class DueFilter(BaseModel):
    """What is due through a day, of all kinds or of one; overdue ones too."""

    model_config = ConfigDict(extra="forbid")

    kind: DueKind | None = None
    through: CountDay | None = Field(default=None, description="Blank: 30 days from today.")
    after: str = Field(
        default="",
        max_length=60,
        description="`next` of the previous page; blank for the first.",
    )
    limit: int = Field(default=100, ge=1, le=500)


class DueLine(BaseModel):
    """Something that an LEA must do for a student by a day."""

    student_id: StudentId
    kind: DueKind
    due_on: date
    days_left: int = Field(description="Days after today through `due_on`, in `clock`. Negative: overdue.")
    clock: Clock = Field(description="The days that `days_left` counts, by the state's calendars.")
    counted_from: date = Field(
        description="Day 0 of the clock: the parent's consent, the report, the team's meeting, or the birth."
    )
    record_id: UUID = Field(description="The evaluation or IEP from which the clock counts.")
    stage: str | None = Field(description="The stage of what has begun. Blank: nothing has begun.")
    next_step: str = Field(description="The command that comes next.")
    why: Due = Field(description="How the due date was counted.")


class _Counted(NamedTuple):
    """A row of the database with its due date, in the order of the list."""

    due_on: date
    student_id: StudentId
    kind: DueKind
    row: Row[Any]

    @property
    def place(self) -> str:
        """Its place in the list, as text."""
        return f"{self.due_on}.{self.student_id}.{self.kind}"


class _Clocks:
    """The due dates of rows by the state's calendars. It counts equal clocks once."""

    def __init__(self, published: Iterable[Calendar]) -> None:
        self._calendars = Calendars(published)
        self._known: dict[tuple[Any, ...], date] = {}

    def latest_start(self, kind: DueKind, through: date) -> date:
        """The last day 0 that leads to a due date through this day."""
        return latest_start(kind, through, self._calendars)

    def due_on(self, row: Row[Any]) -> date:
        """The due date of a row."""
        key = (row.kind, row.day_0, row.extensions, row.agreed_due_on)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._due(row).due_on
        return known

    def counted(self, rows: Iterable[Row[Any]]) -> Iterator[_Counted]:
        """Rows with their due dates."""
        for row in rows:
            yield _Counted(self.due_on(row), f"{row.subject:010d}", DueKind(row.kind), row)

    def line(self, counted: _Counted, on: date) -> DueLine:
        """A line of the list, on the day `on`."""
        row, why = counted.row, self._due(counted.row, explain=True)
        clock = Clock.CALENDAR_DAYS if why.clock is Clock.YEARS else why.clock
        return DueLine(
            student_id=counted.student_id,
            kind=counted.kind,
            due_on=why.due_on,
            days_left=self._calendars.days_left(clock, on, why.due_on),
            clock=clock,
            counted_from=row.day_0,
            record_id=row.record_id,
            stage=row.stage,
            next_step=next_step(counted.kind, row.stage),
            why=why,
        )

    def _due(self, row: Row[Any], *, explain: bool = False) -> Due:
        extensions = () if row.extensions == "[]" else _EXTENSIONS.validate_json(row.extensions)
        return due_of(
            DueKind(row.kind),
            row.day_0,
            self._calendars,
            extensions,
            row.agreed_due_on,
            explain=explain,
        )


class DuePage(BaseModel):
    """A page of what is due, by due date."""

    as_of: date = Field(description="Today, in Louisiana. `days_left` counts from it.")
    due: list[DueLine]
    next: str | None = Field(description="`after` of the next page; blank on the last.")


class StudentDue(BaseModel):
    """What the owner must do for a student, by due date."""

    as_of: date = Field(description="Today, in Louisiana. `days_left` counts from it.")
    sequences: dict[str, int] = Field(
        description="For each service: reporting has all its events about the student through this sequence."
    )
    due: list[DueLine]


class DueCount(BaseModel):
    """How much of a kind is due."""

    kind: DueKind
    overdue: int = Field(description="Due before today.")
    within_7_days: int = Field(description="Due from today through the seventh day from today.")
    within_30_days: int = Field(description="Due from today through the 30th day, the next 7 days included.")


class Work(BaseModel):
    """The work of an LEA in numbers."""

    lea: LeaCode
    as_of: date = Field(description="Today, in Louisiana.")
    due: list[DueCount]
    drafts: int = Field(description="IEPs and amendments that are drafts.")
    official: int = Field(description="IEPs and amendments that are official and not submitted.")


async def due(viewer: Actor, database: AsyncConnection, lea: LeaCode, wanted: DueFilter) -> DuePage:
    """A page of what is due. Forbidden: another LEA's. Logs a view of each student."""
    lea_in_scope(viewer, lea)
    await uncompiled(database)
    on, clocks = today(), _Clocks(await calendars.published(database))
    kinds, through = [wanted.kind] if wanted.kind else LISTED, wanted.through or on + _MONTH
    rows = await database.execute(_DUE, _parameters(lea, kinds, through, on, clocks))
    listed = (one for one in clocks.counted(rows) if one.due_on <= through)
    if wanted.after:
        listed = (one for one in listed if one.place > wanted.after)
    first = nsmallest(wanted.limit + 1, listed, key=_PLACE)
    page = first[: wanted.limit]
    await log_views(database, viewer, subjects=sorted({one.student_id for one in page}), what="due dates")
    lines = [clocks.line(one, on) for one in page]
    return DuePage(as_of=on, due=lines, next=page[-1].place if len(first) > wanted.limit else None)


async def student_due(viewer: Actor, database: AsyncConnection, student: StudentId) -> StudentDue:
    """Everything that is due for a student, however far ahead. Nothing is due for a former owner.

    Logs a view. Raises NotFound. Forbidden: the LEA has never owned the student.
    """
    await uncompiled(database)
    on, clocks = today(), _Clocks(await calendars.published(database))
    reached = await sequences(database, student)
    if not await may_look(viewer, database, student, "due dates"):
        return StudentDue(as_of=on, sequences=reached, due=[])
    rows = await database.execute(_OF_ONE, {"subject": int(student), "on": on})
    listed = sorted(clocks.counted(rows), key=_PLACE)
    return StudentDue(as_of=on, sequences=reached, due=[clocks.line(one, on) for one in listed])


async def work(viewer: Actor, database: AsyncConnection, lea: LeaCode) -> Work:
    """How much is due, by kind, and how many IEPs are unfinished. Forbidden: another LEA's."""
    lea_in_scope(viewer, lea)
    await uncompiled(database)
    on, clocks = today(), _Clocks(await calendars.published(database))
    rows = (await database.execute(_COUNTS, _parameters(lea, LISTED, on + _MONTH, on, clocks))).all()
    rows_by_stage = await database.execute(_UNSUBMITTED, {"lea": lea, "on": on})
    stages = {row.stage: row.ieps for row in rows_by_stage}
    return Work(
        lea=lea,
        as_of=on,
        due=list(_counts(rows, on, clocks)),
        drafts=stages.get("draft", 0),
        official=stages.get("official", 0),
    )


def _parameters(
    lea: LeaCode, kinds: Sequence[DueKind], through: date, on: date, clocks: _Clocks
) -> dict[str, Any]:
    latest = [clocks.latest_start(kind, through) for kind in kinds]
    return {"lea": lea, "on": on, "kinds": list(map(str, kinds)), "latest": latest}


def _counts(rows: Iterable[Row[Any]], on: date, clocks: _Clocks) -> Iterator[DueCount]:
    students: Counter[tuple[DueKind, date]] = Counter()
    for row in rows:
        students[DueKind(row.kind), clocks.due_on(row)] += row.students
    for kind in LISTED:
        days = {day: number for (of, day), number in students.items() if of is kind}
        yield DueCount(
            kind=kind,
            overdue=sum(number for day, number in days.items() if day < on),
            within_7_days=sum(number for day, number in days.items() if on <= day <= on + _WEEK),
            within_30_days=sum(number for day, number in days.items() if on <= day <= on + _MONTH),
        )
