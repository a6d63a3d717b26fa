"""The read models: the newest state of each record that a report needs. A table a kind, a row a record."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.activities import Consent, SpedActivity
from contracts.evaluations import Evaluation, EvaluationExceptionKind, PartCTransition
from contracts.forms import ExtendedSchoolYear, Transition
from contracts.ieps import IEP, IEPContents, IEPStage
from contracts.jurisdiction import Spell, Transfer
from contracts.message import Record, Value
from contracts.provision import Service, Session
from contracts.state_ids import StateId
from contracts.students import Student
from services.chassis.decoding.messages import ReceivedEvent
from services.chassis.keeping.rows import Row, Rows, run
from services.reporting.domain.race import federal_race
from services.reporting.domain.sex import federal_sex
from services.reporting.store import standing

Column = tuple[str, str, Callable[[Any], object]]
"""Name, type, and the function that reads the value from a record or a piece of it."""


def _itself(record: Any) -> Sequence[Any]:
    return (record,)


@dataclass(frozen=True)
class ReadModel:
    """A table of the newest states of one kind of record. `name`: the column of the record's id.

    A record has one row, or one row for each of its `pieces`.
    """

    table: str
    of: type[Record]
    name: Column | None
    rest: tuple[Column, ...]
    pieces: Callable[[Any], Sequence[Any]] = _itself

    @property
    def key(self) -> Mapping[str, str]:
        """The columns of the primary key: the student, and the record's name if it has one."""
        return {"subject": "bigint"} | ({self.name[0]: self.name[1]} if self.name else {})

    @property
    def columns(self) -> Mapping[str, str]:
        """All its columns: the key, the revision, and the rest."""
        return {**self.key, "revision": "integer", **{name: kind for name, kind, _ in self.rest}}

    def taking(self, rows: Rows) -> str:
        """The SQL that writes each row that is newer than the table's row, in order.

        It skips other rows without a lock. The last condition matters if another process has written the row
        since the statement began.
        """
        same = " AND ".join(f"newer.{name} = rows.{name}" for name in self.key)
        changed = ", ".join(f"{name} = excluded.{name}" for name in self.columns if name not in self.key)
        return f"""
            INSERT INTO {self.table} AS kept ({rows.names}) SELECT {rows.values} FROM {rows}
            WHERE NOT EXISTS (
                SELECT FROM {self.table} AS newer WHERE {same} AND newer.revision >= rows.revision
            ) ORDER BY n
            ON CONFLICT ({", ".join(self.key)}) DO UPDATE SET {changed}
            WHERE kept.revision < excluded.revision
            RETURNING 1
        """

    def rows(self, record: Record) -> Iterator[Row]:
        """The rows of a record."""
        for piece in self.pieces(record):
            named = (self.name[2](piece),) if self.name else ()
            yield (
                int(record.subject),
                *named,
                record.revision,
                *(read(piece) for _, _, read in self.rest),
            )


def _column(name: str, kind: str, path: str | None = None) -> Column:
    return name, kind, attrgetter(path or name)


def _whole(name: str) -> Column:
    """A list of values of a record, all their fields."""
    return (
        name,
        "jsonb",
        lambda record: json.dumps([one.model_dump(mode="json") for one in getattr(record, name)]),
    )


def _schools(spell: Spell) -> str:
    return json.dumps([[stay.school, stay.begin_on.isoformat()] for stay in spell.schools])


def _agreed_due_on(evaluation: Evaluation) -> date | None:
    """The newest day on which the parent and a new LEA agreed."""
    agreed = [one.agreed_due_on for one in evaluation.exceptions if one.agreed_due_on]
    return agreed[-1] if agreed else None


def _clock_stopped(evaluation: Evaluation) -> bool:
    return any(one.kind is EvaluationExceptionKind.NOT_PRODUCED for one in evaluation.exceptions)


class _FormOf(NamedTuple):
    """A form of the contents `of`."""

    of: IEPContents
    form: Any


def _form(kind: type[Value]) -> Callable[[IEPContents], Sequence[_FormOf]]:
    """The form of this kind, if the contents have it."""
    return lambda contents: [_FormOf(contents, form) for form in contents.forms if isinstance(form, kind)]


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
        ("sex", "text", lambda student: federal_sex(student.person)),
        ("race", "text", lambda student: federal_race(student.person)),
    ),
)
# A student keeps every day on which a profile begins. So the newest state of a student has every row.
PROFILES = ReadModel(
    "profiles",
    Student,
    _column("effective_on", "date", "since"),
    (
        _column("grade", "text"),
        _column("english_learner", "boolean"),
        _column("military_connected", "boolean"),
    ),
    pieces=attrgetter("profiles"),
)
SPELLS = ReadModel(
    "spells",
    Spell,
    _column("spell_id", "uuid"),
    (
        _column("lea", "text"),
        _column("begin_on", "date"),
        _column("end_on", "date"),
        _column("end_reason", "text"),
        ("schools", "jsonb", _schools),
        _column("withdrawn", "boolean"),
    ),
)
EVALUATIONS = ReadModel(
    "evaluations",
    Evaluation,
    _column("evaluation_id", "uuid"),
    (
        _column("lea", "text"),
        _column("evaluation_type", "text"),
        _column("stage", "text"),
        _column("received_by_appraisal_on", "date"),
        _column("permission_requested_on", "date"),
        _column("parent_decision", "text"),
        _column("decided_on", "date"),
        _whole("extensions"),
        ("agreed_due_on", "date", _agreed_due_on),
        ("clock_stopped", "boolean", _clock_stopped),
        _column("report_disseminated_on", "date"),
        _column("evaluated_on", "date"),
        _column("determined_on", "date"),
        _column("determination", "integer"),
        ("primary_code", "text", _primary),
        ("exceptionalities", "jsonb", _exceptionalities),
        _column("begun_on", "date"),
        _column("coordinator_id", "text"),
        _whole("exceptions"),
        _column("delay_reason", "text"),
        _column("closed_on", "date"),
        _column("close_reason", "text"),
    ),
)
PART_C = ReadModel(
    "part_c",
    PartCTransition,
    None,
    (
        _column("lea", "text"),
        _column("served", "boolean"),
        _column("referred_on", "date"),
        _column("eligible_for_part_c_on", "date"),
        _column("transition_conference_on", "date"),
        _column("conference_refused_on", "date"),
        _column("parent_refusal_on", "date"),
        _column("continues_in_part_c", "boolean"),
    ),
)
IEPS = ReadModel(
    "ieps",
    IEP,
    _column("iep_id", "uuid"),
    (
        _column("lea", "text"),
        _column("iep_type", "text"),
        _column("plan_kind", "text"),
        _column("stage", "text"),
        _column("meeting_on", "date"),
        _column("begin_on", "date"),
        _column("environment", "text"),
        _column("amendment", "integer"),
        _column("submission", "integer"),
        ("submitted", "boolean", lambda iep: iep.stage is IEPStage.SUBMITTED),
        _column("signed_on", "date"),
        _column("late_reason", "text"),
    ),
)
TRANSITIONS = ReadModel(
    "transitions",
    IEPContents,
    _column("iep_id", "uuid", "of.iep_id"),
    (("form", "jsonb", lambda found: found.form.model_dump_json(exclude_defaults=True)),),
    pieces=_form(Transition),
)
SUMMERS = ReadModel(
    "summers",
    IEPContents,
    _column("iep_id", "uuid", "of.iep_id"),
    (
        _column("screened_on", "date", "form.screened_on"),
        _column("eligible", "boolean", "form.eligible"),
        _column("criterion", "text", "form.criterion"),
        _column("decided_on", "date", "form.decided_on"),
        _column("parent_notified_on", "date", "form.parent_notified_on"),
    ),
    pieces=_form(ExtendedSchoolYear),
)
ACTIVITIES = ReadModel(
    "sped_activities",
    SpedActivity,
    _column("activity_id", "uuid"),
    (
        _column("lea", "text"),
        _column("entered_on", "date"),
        _column("exited_on", "date"),
        _column("exit_reason", "text"),
        _column("voided", "boolean"),
    ),
)
CONSENTS = ReadModel(
    "consents",
    Consent,
    _column("consent_id", "uuid"),
    (
        _column("lea", "text"),
        _column("refused_on", "date"),
        _column("revoked_on", "date"),
    ),
)
SERVICES = ReadModel(
    "services",
    Service,
    _column("service_id", "uuid"),
    (
        _column("lea", "text"),
        _column("iep_id", "uuid"),
        _column("service_code", "text", "terms.service_code"),
        _column("begin_on", "date", "terms.begin_on"),
        _column("first_given_on", "date"),
        _column("end_on", "date"),
        _column("termination_reason", "text"),
        _column("teacher_of_record", "text", "terms.teacher_of_record"),
        ("terms", "jsonb", lambda service: service.terms.model_dump_json()),
        _whole("earlier_terms"),
    ),
)
SESSIONS = ReadModel(
    "sessions",
    Session,
    _column("session_id", "uuid"),
    (
        _column("service_id", "uuid"),
        _column("lea", "text"),
        _column("given_on", "date"),
        _column("minutes", "integer"),
        _column("provider_id", "text"),
        _column("session_kind", "text"),
        _column("missed_because", "text"),
        _column("removed", "boolean"),
    ),
)
STATE_IDS = ReadModel(
    "state_ids",
    StateId,
    None,
    (_column("current_id", "text"), _column("retired", "boolean")),
)
TRANSFERS = ReadModel(
    "transfers",
    Transfer,
    _column("claim_id", "uuid"),
    (
        _column("state", "text"),
        _column("from_lea", "text"),
        _column("to_lea", "text"),
        _column("begin_on", "date"),
    ),
)
READ_MODELS = (
    STUDENTS,
    PROFILES,
    SPELLS,
    EVALUATIONS,
    PART_C,
    IEPS,
    TRANSITIONS,
    SUMMERS,
    ACTIVITIES,
    CONSENTS,
    SERVICES,
    SESSIONS,
    TRANSFERS,
    STATE_IDS,
)
BY_KIND = {model.of.kind: [one for one in READ_MODELS if one.of is model.of] for model in READ_MODELS}


def _placed() -> Iterator[tuple[ReadModel, Rows]]:
    """Each read model with its rows, as parameters of one statement for all."""
    before = None
    for model in READ_MODELS:
        before = Rows(model.columns, after=before)
        yield model, before


_ADD_PLACEHOLDER = text("""
INSERT INTO students (subject, revision) VALUES (:subject, 0) ON CONFLICT DO NOTHING
""")
_NO_STUDENT = text("""
DELETE FROM students WHERE subject = :subject AND revision = 0
AND EXISTS (SELECT FROM state_ids WHERE subject = :subject AND current_id <> :state_id)
""")
_PLACED = tuple(_placed())
# PostgreSQL writes the tables in the order of the counts at the end. It does not promise this order; only
# lock waits depend on it. Every student of the batch has a row in `students`, so a count from `students` is
# complete.
_KEEP = f"""
    WITH {", ".join(f"new_{model.table} AS ({model.taking(rows)})" for model, rows in _PLACED)}
    SELECT 1 WHERE 0 <= ALL (ARRAY[
        {", ".join(f"(SELECT count(*) FROM new_{model.table})" for model in READ_MODELS)}
    ])
"""


async def keep(database: AsyncConnection, events: Iterable[ReceivedEvent]) -> None:
    """Update each read model to the newest states among the events."""
    messages = [event.message for event in events]
    elsewhere = await standing.restated(database, messages)
    await _keep(database, (one for one in messages if _subject(one) not in elsewhere))
    for subject, kinds in elsewhere.items():
        await _restate(database, subject, kinds)


async def restate(database: AsyncConnection, subject: str, kind: str) -> None:
    """Make the rows of a student's records of one kind again, from `revisions`."""
    if kind in BY_KIND and standing.STATE_ID.fullmatch(subject):
        await _restate(database, subject, {kind})


async def _restate(database: AsyncConnection, subject: str, kinds: AbstractSet[str]) -> None:
    affected = {kind for kind in kinds if kind in BY_KIND}
    if not affected:
        return
    if StateId.kind in affected:
        affected.add(Student.kind)  # a merged State ID is no student
    for model in (model for kind in sorted(affected) for model in BY_KIND[kind]):
        await database.execute(text(f"DELETE FROM {model.table} WHERE subject = :subject"), _key(subject))
    records = await standing.records(database, subject, affected)
    await _keep(database, records)
    await database.execute(_ADD_PLACEHOLDER, _key(subject))
    await database.execute(_NO_STUDENT, _key(subject) | {"state_id": subject})


def _key(subject: str) -> dict[str, object]:
    return {"subject": int(subject)}


def _subject(message: object) -> str:
    return message.subject if isinstance(message, Record) else ""


async def _keep(database: AsyncConnection, messages: Iterable[object]) -> None:
    newest = _newest(messages)
    if subjects := {student for records in newest.values() for student, _ in records}:
        unknown = subjects - {student for student, _ in newest[STUDENTS.table]}
        # Sorted, so that two processes lock the same rows in one order: no deadlock.
        given = {
            model.table: sorted(
                (row for record in newest[model.table].values() for row in model.rows(record)),
                key=itemgetter(*range(len(model.key))),
            )
            for model in READ_MODELS
        }
        given[STUDENTS.table] = sorted(given[STUDENTS.table] + list(map(_placeholder, unknown)))
        await run(database, _KEEP, *((rows, given[model.table]) for model, rows in _PLACED))


def _placeholder(student_id: str) -> Row:
    """The row of a student without an event of `students` yet."""
    return (int(student_id), 0, *(None for _ in STUDENTS.rest))


def _newest(messages: Iterable[object]) -> dict[str, dict[tuple[str, str], Record]]:
    newest: dict[str, dict[tuple[str, str], Record]] = {model.table: {} for model in READ_MODELS}
    for record in messages:
        if not isinstance(record, Record) or not standing.STATE_ID.fullmatch(record.subject):
            continue
        for model in BY_KIND.get(record.kind, ()):
            records, key = newest[model.table], (record.subject, record.record_id)
            if key not in records or records[key].revision < record.revision:
                records[key] = record
    return newest
