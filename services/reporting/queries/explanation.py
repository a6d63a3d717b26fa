"""Why the child count counts a student, or why not: the chain of facts, each with the event it comes from.

The judgement is that of the child count (`judged`).
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.activities import SpedActivity
from contracts.codes import ENVIRONMENTS, EXCEPTIONALITIES, LEAS
from contracts.errors import NOT_CLAIMED, NOT_OWNER, Rule
from contracts.evaluations import Evaluation
from contracts.ieps import IEP
from contracts.jurisdiction import Spell
from contracts.students import Student
from contracts.types import LeaCode, StudentId
from services.chassis.answering.http import NotFound
from services.chassis.answering.viewing import admit
from services.reporting.domain.definitions import age_groups, disabilities, school_year
from services.reporting.domain.layout import Breakdown, Cell, cells_with
from services.reporting.domain.race import MISSING
from services.reporting.domain.rules import (
    NO_SUCH_STUDENT,
    NOT_COUNTED,
    PLAN_EXPIRED,
    RACE_MISSING,
    SEX_MISSING,
    Reason,
    Step,
)
from services.reporting.queries.history import sequences
from services.reporting.queries.judged import explained_students, parameters
from services.reporting.queries.moment import one_moment, today
from services.reporting.queries.scope import EventsSeen, events_seen, visible_part

_WHAT = "child count"
_EXPLAINED = text(f"{explained_students()} SELECT * FROM judged")
_SOURCES = """
SELECT DISTINCT ON (kind, record_id) kind, record_id, owner::text AS service, sequence, event_id,
    name AS event, at, sender
FROM revisions WHERE subject = :subject AND kind = ANY (CAST(:kinds AS text[])) AND {seen}
ORDER BY kind, record_id, revision DESC
"""


class Source(BaseModel):
    """The event from which reporting has a fact."""

    service: str
    sequence: int
    event: str
    event_id: UUID
    at: datetime = Field(description="When Kafka received the event.")
    sender: str | None = Field(description="LEA and user who sent the command, `017/m.landry`.")


class ReasonGiven(BaseModel):
    """A reason why a student is not counted."""

    reason: Reason
    code: str
    severity: str
    message: str
    solution: str

    @classmethod
    def of(cls, reason: Reason, rule: Rule) -> Self:
        """The reason with the sentences of its rule."""
        return cls(
            reason=reason,
            code=rule.code,
            severity=rule.severity,
            message=rule.message,
            solution=rule.solution,
        )


class Link(BaseModel):
    """One fact of the chain. It is satisfied if it gives no reason against counting the student.

    `on`: since when the fact holds; for the age the birth date.
    """

    step: Step
    satisfied: bool
    on: date | None
    value: str | None = Field(description="LEA, primary exceptionality, age in years, or environment.")
    words: str | None = Field(description="`value` with its label, as people read it.")
    record_id: UUID | None = Field(description="The spell, IEP, evaluation or sped activity.")
    source: Source | None = Field(
        description="The newest event about the record. Blank: there is no record, or a former owner may not"
        " see the event."
    )
    missing: ReasonGiven | None = Field(description="Why the fact is not satisfied.")


class ToMendGiven(BaseModel):
    """Something that an LEA must mend in the record of a counted student."""

    code: str
    severity: str
    message: str
    solution: str


class CellOf(BaseModel):
    """A cell of the child count. A blank disability or environment means all."""

    age_group: str
    disability: str | None
    environment: str | None
    breakdown: Breakdown
    value: str | None


class Explanation(BaseModel):
    """Whether the child count of a day counts a student, and why."""

    student_id: StudentId
    sequences: dict[str, int] = Field(
        description="For each service: reporting has all its events about the student through this sequence."
    )
    as_of: date
    to_come: bool = Field(description="The day is in the future, so this is a forecast.")
    school_year: str
    lea: LeaCode | None = Field(description="The LEA that had jurisdiction on the day.")
    counted: bool
    not_counted: ReasonGiven | None = Field(description="The reason under which the count lists the student.")
    to_mend: list[ToMendGiven] = Field(
        description="If the student is counted: the missing sex or race, and an IEP whose year is over."
    )
    cells: list[CellOf] = Field(description="The cells in which the student is counted: one in each table.")
    chain: list[Link]


async def explanation(
    viewer: Actor, database: AsyncConnection, student: StudentId, as_of: date
) -> Explanation:
    """Whether and why a student is counted. NotFound. Forbidden: the LEA does not own the student, and had no
    jurisdiction on the day. Logged."""
    await one_moment(database)
    part = await visible_part(database, viewer, student, _WHAT)
    values = parameters(as_of, disabilities(), None) | {"subjects": [int(student)]}
    row = (await database.execute(_EXPLAINED, values)).mappings().one_or_none()
    if row is None:
        raise NotFound(NO_SUCH_STUDENT.broken(student_id=student, at="student_id"))
    if part is not None and row["lea"] != part:
        refusal = NOT_OWNER.broken(owner=LEAS.label(row["lea"])) if row["lea"] else NOT_CLAIMED.broken()
        await admit(database, viewer, subject=student, what=_WHAT, refusal=refusal)
    sources = await _sources(database, student, await events_seen(database, student, part))
    reason = Reason(row["reason"])
    return Explanation(
        student_id=student,
        sequences=await sequences(database, student),
        as_of=as_of,
        to_come=as_of > today(),
        school_year=school_year(as_of),
        lea=row["lea"],
        counted=reason is Reason.COUNTED,
        not_counted=_reason(reason),
        to_mend=[_to_mend(rule) for rule in _broken(row)] if reason is Reason.COUNTED else [],
        cells=[CellOf(**cell._asdict()) for cell in _cells(row, as_of)] if reason is Reason.COUNTED else [],
        chain=[_link(step, row, sources) for step in Step],
    )


async def _sources(
    database: AsyncConnection, student: StudentId, seen: EventsSeen
) -> Mapping[tuple[str, str], RowMapping]:
    """The newest event about each record, by kind and id of the record."""
    kinds = [kind.kind for kind, _ in _RECORDS.values()]
    given = {"subject": student, "kinds": kinds, **seen.values}
    rows = (await database.execute(text(_SOURCES.format(seen=seen.where)), given)).mappings()
    return {(row["kind"], row["record_id"]): row for row in rows}


_RECORDS: Mapping[Step, tuple[Any, str | None]] = {
    Step.ENTRY: (SpedActivity, "activity_id"),
    Step.JURISDICTION: (Spell, "spell_id"),
    Step.IEP: (IEP, "iep_id"),
    Step.DETERMINATION: (Evaluation, "evaluation_id"),
    Step.AGE: (Student, None),
    Step.ENVIRONMENT: (IEP, "iep_id"),
}
"""The kind of record of each step, and the column with its id. A student has one student record."""

_DAYS = {
    Step.ENTRY: "entered_on",
    Step.JURISDICTION: "spell_on",
    Step.IEP: "iep_on",
    Step.DETERMINATION: "determined_on",
    Step.AGE: "birth_on",
    Step.ENVIRONMENT: "iep_on",
}


def _link(step: Step, row: RowMapping, sources: Mapping[tuple[str, str], RowMapping]) -> Link:
    kind, column = _RECORDS[step]
    record_id = row[column] if column else None
    source = sources.get((kind.kind, str(record_id) if column else ""))
    lacks = row[f"lacks_{step.name.lower()}"]
    value, words = _value(step, row)
    return Link(
        step=step,
        satisfied=lacks is None,
        on=row[_DAYS[step]],
        value=value,
        words=words,
        record_id=record_id,
        source=Source(**{name: source[name] for name in Source.model_fields}) if source else None,
        missing=_reason(Reason(lacks)) if lacks else None,
    )


def _value(step: Step, row: RowMapping) -> tuple[str | None, str | None]:
    """The value of a step's fact, and the value with its label."""
    match step:
        case Step.JURISDICTION if row["lea"]:
            return row["lea"], LEAS.label(row["lea"])
        case Step.DETERMINATION if row["primary_code"]:
            return row["primary_code"], EXCEPTIONALITIES.label(row["primary_code"])
        case Step.ENVIRONMENT if row["environment"]:
            return row["environment"], ENVIRONMENTS.label(row["environment"])
        case Step.AGE if row["years"] is not None:
            return str(row["years"]), f"{row['years']} years"
        case _:
            return None, None


def _cells(row: RowMapping, as_of: date) -> Iterator[Cell]:
    group = next(group for group in age_groups(as_of) if group.name == row["age_group"])
    values: dict[Breakdown, str] = {kind: row[kind] for kind in Breakdown if kind in row}
    return cells_with(group, row["disability"], row["environment"], values)


def _broken(row: RowMapping) -> Iterator[Rule]:
    if row["sex"] == MISSING:
        yield SEX_MISSING
    if row["race"] == MISSING:
        yield RACE_MISSING
    if row["expired"]:
        yield PLAN_EXPIRED


def _to_mend(rule: Rule) -> ToMendGiven:
    return ToMendGiven(code=rule.code, severity=rule.severity, message=rule.message, solution=rule.solution)


def _reason(reason: Reason) -> ReasonGiven | None:
    rule = NOT_COUNTED.get(reason)
    return ReasonGiven.of(reason, rule) if rule else None
