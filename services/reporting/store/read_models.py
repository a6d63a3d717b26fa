"""The newest state of what reports are made of: a table for each kind, a row for each thing."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.ieps import IEP, Evaluation, IEPStage, SpedActivity
from contracts.jurisdiction import Spell, Transfer
from contracts.message import Record
from contracts.provision import Service
from contracts.students import Student
from services.chassis.records import Told
from services.chassis.rows import Row, Rows, run
from services.reporting.domain.race import federal_race

Column = tuple[str, str, Callable[[Any], object]]
"""Name, type, and how its value is read from a record."""


@dataclass(frozen=True)
class ReadModel:
    """A table of the newest states of one kind of record. `name`: the column that tells a student's apart."""

    table: str
    of: type[Record]
    name: str | None
    rest: tuple[Column, ...]

    @cached_property
    def rows(self) -> Rows:
        """The table's columns: the student, the thing's name if it has one, the revision, and the rest."""
        named = {self.name: "uuid"} if self.name else {}
        rest = {name: kind for name, kind, _ in self.rest}
        return Rows({"subject": "bigint", **named, "revision": "integer"} | rest)

    @cached_property
    def statement(self) -> str:
        """Takes each row that is newer than what the table has."""
        key = f"subject, {self.name}" if self.name else "subject"
        changed = ("revision", *(name for name, _, _ in self.rest))
        return f"""
            INSERT INTO {self.table} AS kept ({self.rows.names})
            SELECT {self.rows.values} FROM {self.rows}
            ON CONFLICT ({key}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in changed)}
            WHERE kept.revision < excluded.revision
        """

    def row(self, record: Record) -> Row:
        """The record as a row."""
        named = (getattr(record, self.name),) if self.name else ()
        return (
            int(record.student_id),
            *named,
            record.revision,
            *(read(record) for _, _, read in self.rest),
        )


def _column(name: str, kind: str, path: str | None = None) -> Column:
    return name, kind, attrgetter(path or name)


def _schools(spell: Spell) -> str:
    return json.dumps([[stay.school, stay.begin_on.isoformat()] for stay in spell.schools])


def _primary(evaluation: Evaluation) -> str | None:
    return evaluation.primary.code if evaluation.primary else None


def _exceptionalities(evaluation: Evaluation) -> str:
    return json.dumps([found.code for found in evaluation.exceptionalities])


STUDENTS = ReadModel(
    "students",
    Student,
    None,
    (
        _column("birth_on", "date", "person.birth_on"),
        _column("sex", "text", "person.sex"),
        ("race", "text", lambda student: federal_race(student.person)),
        _column("grade", "text", "profile.grade"),
        _column("english_learner", "boolean", "profile.english_learner"),
    ),
)
SPELLS = ReadModel(
    "spells",
    Spell,
    "spell_id",
    (
        _column("lea", "text"),
        _column("begin_on", "date"),
        _column("end_on", "date"),
        ("schools", "jsonb", _schools),
    ),
)
EVALUATIONS = ReadModel(
    "evaluations",
    Evaluation,
    "evaluation_id",
    (
        _column("lea", "text"),
        _column("stage", "text"),
        _column("permission_requested_on", "date"),
        _column("parent_decision", "text"),
        _column("decided_on", "date"),
        _column("report_disseminated_on", "date"),
        _column("determined_on", "date"),
        ("primary_code", "text", _primary),
        ("exceptionalities", "jsonb", _exceptionalities),
    ),
)
IEPS = ReadModel(
    "ieps",
    IEP,
    "iep_id",
    (
        _column("lea", "text"),
        _column("iep_type", "text"),
        _column("stage", "text"),
        _column("meeting_on", "date"),
        _column("begin_on", "date"),
        _column("environment", "text"),
        _column("amendment", "integer"),
        ("submitted", "boolean", lambda iep: iep.stage is IEPStage.SUBMITTED),
    ),
)
ACTIVITIES = ReadModel(
    "sped_activities",
    SpedActivity,
    "activity_id",
    (_column("lea", "text"), _column("entered_on", "date"), _column("exited_on", "date")),
)
SERVICES = ReadModel(
    "services",
    Service,
    "service_id",
    (
        _column("lea", "text"),
        _column("iep_id", "uuid"),
        _column("service_code", "text", "terms.service_code"),
        _column("begin_on", "date", "terms.begin_on"),
        _column("end_on", "date"),
        _column("termination_reason", "text"),
    ),
)
TRANSFERS = ReadModel(
    "transfers",
    Transfer,
    "claim_id",
    (
        _column("state", "text"),
        _column("from_lea", "text"),
        _column("to_lea", "text"),
        _column("begin_on", "date"),
    ),
)
READ_MODELS = (STUDENTS, SPELLS, EVALUATIONS, IEPS, ACTIVITIES, SERVICES, TRANSFERS)
BY_KIND = {model.of.kind: model for model in READ_MODELS}


# First of all, and for everybody in the batch: so a count that starts from `students` leaves nobody out.
_HEARD_OF = Rows({"subject": "bigint", "revision": "integer"})
_HEAR_OF = f"""
    INSERT INTO students ({_HEARD_OF.names}) SELECT {_HEARD_OF.values} FROM {_HEARD_OF}
    ON CONFLICT DO NOTHING
"""


async def keep(database: AsyncConnection, events: Iterable[Told]) -> None:
    """Bring each read model up to the newest of its states among the events."""
    newest = _newest(event.message for event in events)
    subjects = {int(student) for things in newest.values() for student, _ in things}
    if subjects:
        await run(database, _HEAR_OF, (_HEARD_OF, [(subject, 0) for subject in sorted(subjects)]))
    for model in READ_MODELS:
        # Sorted, so that two processes that write the same rows take them in one order: no deadlock.
        rows = [model.row(record) for _, record in sorted(newest[model.table].items())]
        if rows:
            await run(database, model.statement, (model.rows, rows))


def _newest(messages: Iterable[object]) -> dict[str, dict[tuple[str, str], Record]]:
    newest: dict[str, dict[tuple[str, str], Record]] = {model.table: {} for model in READ_MODELS}
    for record in messages:
        if isinstance(record, Record) and (model := BY_KIND.get(record.kind)):
            things, key = newest[model.table], (record.student_id, record.thing)
            if key not in things or things[key].revision < record.revision:
                things[key] = record
    return newest
