"""What is due for the students whom an LEA owns: each with its day, and the numbers by kind."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.counting import Clock
from contracts.types import LeaCode, StudentId
from services.chassis.answering.viewing import log_views
from services.reporting.domain.due import DEADLINES, DueKind, next_step
from services.reporting.queries.moment import CountDay, today, uncompiled
from services.reporting.queries.scope import lea_in_scope

_WEEK, _MONTH = timedelta(days=7), timedelta(days=30)

# Of a student's spells the latest counts, because the end of the one before may arrive later.
_OWNED = """
WITH owned AS (
    SELECT subject FROM spells WHERE lea = :lea AND end_on IS NULL AND NOT EXISTS (
        SELECT FROM spells AS later WHERE later.subject = spells.subject AND later.begin_on > spells.begin_on
    )
)
"""
# Amendments begin no other year, so a review counts from the first IEP of its line. A later IEP that is not
# submitted yet is the review that has begun. Evaluations and IEPs before the last exit begin nothing.
_RUNNING = f"""{_OWNED}, served AS (
    SELECT subject FROM owned WHERE EXISTS (
        SELECT FROM sped_activities AS activity WHERE activity.subject = owned.subject AND exited_on IS NULL
    )
), running AS (
    SELECT 'initial evaluation' AS kind, subject, evaluation_id AS record_id, decided_on AS day_0, stage
    FROM evaluations JOIN owned USING (subject)
    WHERE stage = 'consented'
UNION ALL
    SELECT 'initial IEP', subject, evaluation_id, report_disseminated_on, CASE evaluation.stage
        WHEN 'completed' THEN 'completed'
        ELSE (SELECT max(stage) FROM ieps WHERE ieps.subject = owned.subject AND iep_type = 'initial'
            AND stage = 'draft')
    END
    FROM owned CROSS JOIN LATERAL (
        SELECT coalesce(max(exited_on), '-infinity') AS left_on FROM sped_activities AS activity
        WHERE activity.subject = owned.subject
    ) AS earlier JOIN LATERAL (
        SELECT evaluation_id, report_disseminated_on, stage, primary_code FROM evaluations
        WHERE evaluations.subject = owned.subject AND report_disseminated_on IS NOT NULL
        ORDER BY report_disseminated_on DESC, evaluation_id LIMIT 1
    ) AS evaluation ON evaluation.stage = 'completed' OR primary_code IS NOT NULL
    WHERE report_disseminated_on > left_on AND NOT EXISTS (
        SELECT FROM ieps WHERE ieps.subject = owned.subject AND iep_type <> 'interim' AND stage <> 'draft'
        AND begin_on > left_on
    )
UNION ALL
    SELECT 'IEP review', subject, iep_id, begin_on, (
        SELECT max(stage) FROM ieps AS next WHERE next.subject = served.subject AND NOT next.submitted
        AND next.amendment = 0 AND next.meeting_on > current.meeting_on
    )
    FROM served JOIN LATERAL (
        SELECT iep_id, begin_on, meeting_on FROM ieps
        WHERE ieps.subject = served.subject AND submitted AND amendment = 0
        ORDER BY begin_on DESC, iep_id LIMIT 1
    ) AS current ON true
UNION ALL
    SELECT 're-evaluation', subject, evaluation_id, evaluated_on, (
        SELECT max(stage) FROM evaluations AS next WHERE next.subject = served.subject
        AND next.stage IN ('requested', 'consented', 'begun')
    )
    FROM served JOIN LATERAL (
        SELECT evaluation_id, coalesce(report_disseminated_on, determined_on) AS evaluated_on, primary_code
        FROM evaluations WHERE evaluations.subject = served.subject AND determined_on IS NOT NULL
        ORDER BY determined_on DESC, evaluation_id LIMIT 1
    ) AS newest ON primary_code IS NOT NULL
)
"""
_WANTED = """
FROM running JOIN unnest(CAST(:kinds AS text[]), CAST(:latest AS date[])) AS wanted (kind, latest_start)
    USING (kind)
WHERE day_0 <= latest_start
"""
_DUE = text(f"{_RUNNING} SELECT kind, subject, record_id, day_0, stage {_WANTED}")
_COUNTS = text(f"{_RUNNING} SELECT kind, day_0, count(*) AS students {_WANTED} GROUP BY kind, day_0")
_UNSUBMITTED = text(f"""{_OWNED}
SELECT stage, count(*) AS ieps FROM ieps JOIN owned USING (subject) WHERE NOT submitted GROUP BY stage
""")


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


class Due(BaseModel):
    """Something that an LEA must do for a student by a day."""

    student_id: StudentId
    kind: DueKind
    due_on: date
    days_left: int = Field(description="Days after today through `due_on`, in `clock`. Negative: overdue.")
    clock: Clock = Field(
        description="The days that `days_left` counts. SER has no holidays yet: it takes each Monday through"
        " Friday for a business day."
    )
    counted_from: date = Field(
        description="Day 0 of the clock: the parent's consent, the report, or the begin of the IEP."
    )
    record_id: UUID = Field(description="The evaluation or IEP from which the clock counts.")
    stage: str | None = Field(description="The stage of what has begun. Blank: nothing has begun.")
    next_step: str = Field(description="The command that comes next.")

    @classmethod
    def of(cls, row: Row[Any], on: date) -> Self:
        """What is due by a row of the database, on the day `on`."""
        kind = DueKind(row.kind)
        deadline = DEADLINES[kind]
        due_on = deadline.due(row.day_0)
        return cls(
            student_id=f"{row.subject:010d}",
            kind=kind,
            due_on=due_on,
            days_left=deadline.days_left(on, due_on),
            clock=deadline.clock,
            counted_from=row.day_0,
            record_id=row.record_id,
            stage=row.stage,
            next_step=next_step(kind, row.stage),
        )

    @property
    def place(self) -> str:
        """Its place in the list, as text."""
        return f"{self.due_on}.{self.student_id}.{self.kind}"


class DuePage(BaseModel):
    """A page of what is due, by due date."""

    as_of: date = Field(description="Today, in Louisiana. `days_left` counts from it.")
    due: list[Due]
    next: str | None = Field(description="`after` of the next page; blank on the last.")


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
    on = today()
    kinds = [wanted.kind] if wanted.kind else list(DueKind)
    rows = await database.execute(_DUE, _parameters(lea, kinds, wanted.through or on + _MONTH))
    found = (Due.of(row, on) for row in rows)
    in_order = sorted((one for one in found if one.place > wanted.after), key=lambda one: one.place)
    page = in_order[: wanted.limit]
    await log_views(database, viewer, subjects=sorted({one.student_id for one in page}), what="due dates")
    return DuePage(as_of=on, due=page, next=page[-1].place if len(in_order) > wanted.limit else None)


async def work(viewer: Actor, database: AsyncConnection, lea: LeaCode) -> Work:
    """How much is due, by kind, and how many IEPs are unfinished. Forbidden: another LEA's."""
    lea_in_scope(viewer, lea)
    await uncompiled(database)
    on = today()
    rows = (await database.execute(_COUNTS, _parameters(lea, list(DueKind), on + _MONTH))).all()
    rows_by_stage = await database.execute(_UNSUBMITTED, {"lea": lea})
    stages = {row.stage: row.ieps for row in rows_by_stage}
    return Work(
        lea=lea,
        as_of=on,
        due=list(_counts(rows, on)),
        drafts=stages.get("draft", 0),
        official=stages.get("official", 0),
    )


def _parameters(lea: LeaCode, kinds: Sequence[DueKind], through: date) -> dict[str, Any]:
    latest = [DEADLINES[kind].latest_start(through) for kind in kinds]
    return {"lea": lea, "kinds": list(map(str, kinds)), "latest": latest}


def _counts(rows: Iterable[Row[Any]], on: date) -> Iterator[DueCount]:
    students: Counter[tuple[DueKind, date]] = Counter()
    for row in rows:
        kind = DueKind(row.kind)
        students[kind, DEADLINES[kind].due(row.day_0)] += row.students
    for kind in DueKind:
        days = {day: number for (of, day), number in students.items() if of is kind}
        yield DueCount(
            kind=kind,
            overdue=sum(number for day, number in days.items() if day < on),
            within_7_days=sum(number for day, number in days.items() if on <= day <= on + _WEEK),
            within_30_days=sum(number for day, number in days.items() if on <= day <= on + _MONTH),
        )
