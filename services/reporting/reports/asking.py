"""What a viewer may do with reports and runs: ask, look, save, cancel, delete, ask again."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.errors import ROLE_MISSING
from contracts.types import StudentId
from services.chassis.answering.http import Forbidden, NotFound, Problem
from services.chassis.answering.viewing import log_views
from services.reporting.domain.rules import (
    NO_SUCH_CELL,
    NO_SUCH_RUN,
    NO_SUCH_STUDENT,
    RUN_UNFINISHED,
    TOO_LONG_FOR_PAPER,
    TOO_MANY_RUNS,
)
from services.reporting.domain.tables import Kind, Value
from services.reporting.queries.completeness import certificate_through
from services.reporting.queries.history import sequences
from services.reporting.queries.moment import CountDay, one_moment, today
from services.reporting.queries.scope import events_seen, lea_in_scope, visible_part
from services.reporting.reports.answers import (
    ColumnDescribed,
    Facts,
    FactSource,
    Run,
    RunWithTables,
    StudentRow,
    StudentRows,
    TableShown,
    Verdict,
    Verdicts,
)
from services.reporting.reports.judging import asked, judged_of
from services.reporting.reports.registry import REPORTS
from services.reporting.reports.report import Parameters, Report
from services.reporting.store import runs
from services.reporting.store.read_models import BY_KIND

_MOST_WAITING = 20
_MOST_LISTED = 500
_MOST_ON_PAPER = 10_000
_FILTER = """
FROM run_rows WHERE run_id = :run_id AND (CAST(:verdict AS text) IS NULL OR verdict = :verdict)
    AND (CAST(:reason AS text) IS NULL OR reason = :reason)
    AND (NOT :included OR reason IS NULL) AND row_values @> CAST(:row_values AS jsonb)
"""
_COUNT = text(f"SELECT count(*) {_FILTER}")
_PAGE = text(f"""
SELECT sort, place, subject, verdict, reason, row_values {_FILTER}
    AND (sort, place) > (CAST(:sort AS text), CAST(:place AS integer))
ORDER BY sort, place LIMIT :limit
""")
_OF_STUDENT = text("""
SELECT subject, verdict, reason, row_values FROM run_rows WHERE run_id = :run_id AND subject = :subject
ORDER BY sort, place
""")
_SOURCES = """
SELECT DISTINCT ON (kind, record_id) kind, record_id, owner::text AS service, sequence, revision, event_id,
    name AS event, at, sender
FROM revisions
WHERE subject = :subject AND at <= :known_at AND kind = ANY (CAST(:kinds AS text[])) AND {seen}
ORDER BY kind, record_id, revision DESC
"""


class RowsFilter(BaseModel):
    """The rows behind one number (`table`, `row`, `column`), or with a verdict or reason. Blank: all."""

    model_config = ConfigDict(extra="forbid")

    table: str = Field(default="", max_length=80)
    row: int = Field(default=0, ge=0, le=1_000_000, description="The place of the row in the table, from 0.")
    column: str = Field(default="", max_length=80)
    verdict: str | None = Field(default=None, max_length=80)
    reason: str | None = Field(default=None, max_length=20, description="The code of a rule.")
    after: str = Field(
        default="",
        max_length=400,
        pattern=r"^$|^[^\x00\n]*\n[0-9]{1,9}$",
        description="`next` of the previous page.",
    )
    limit: int = Field(default=100, ge=1, le=1000)


async def ask(viewer: Actor, database: AsyncConnection, report: Report[Any], parameters: Parameters) -> Run:
    """Ask for a run. Forbidden: another LEA's, or only the state runs it. Problem: too many wait already."""
    lea = lea_in_scope(viewer, parameters.lea)
    if report.state_only and not viewer.everywhere:
        raise Forbidden(ROLE_MISSING.broken(role=Role.STATE))
    if await runs.waiting(database, viewer.sender) >= _MOST_WAITING:
        raise Problem(422, [TOO_MANY_RUNS.broken(most=_MOST_WAITING)])
    run_id = uuid4()
    await runs.add(
        database,
        {
            "run_id": run_id,
            "asked_by": viewer.sender,
            "report": report.name,
            "version": report.version,
            "parameters": parameters.model_dump_json(exclude_defaults=True),
            "lea": lea,
            "as_of": parameters.as_of or today(),
            "known_at": parameters.known_at or datetime.now(UTC),
        },
    )
    return Run.of(await _own(viewer, database, run_id))


async def ask_again(viewer: Actor, database: AsyncConnection, run_id: UUID, *, as_known: bool) -> Run:
    """Ask the question of a run again. `as_known`: as of the same day and known at the same moment."""
    row = await _own(viewer, database, run_id)
    report = REPORTS.get(row["report"])
    if report is None:
        raise NotFound(NO_SUCH_RUN.broken(at="run_id", run_id=run_id))
    parameters = report.parameters.model_validate_json(row["parameters"])
    if as_known:
        parameters = parameters.model_copy(update={"as_of": row["as_of"], "known_at": row["known_at"]})
    return await ask(viewer, database, report, parameters)


async def own_runs(viewer: Actor, database: AsyncConnection) -> list[Run]:
    """The viewer's own runs, newest first."""
    return [Run.of(row) for row in await runs.of(database, viewer.sender, _MOST_LISTED)]


async def one_run(viewer: Actor, database: AsyncConnection, run_id: UUID) -> RunWithTables:
    """A run with its tables. NotFound: there is none, or another person asked for it."""
    return RunWithTables.of(await _proved(database, await _own(viewer, database, run_id)))


async def save(viewer: Actor, database: AsyncConnection, run_id: UUID) -> Run:
    """Keep a run for good. NotFound."""
    await _own(viewer, database, run_id)
    await runs.save(database, run_id)
    return Run.of(await _own(viewer, database, run_id))


async def cancel(viewer: Actor, database: AsyncConnection, run_id: UUID) -> Run:
    """Cancel a run that is not finished. A finished run stays as it is. NotFound."""
    await _own(viewer, database, run_id)
    await runs.cancel(database, run_id)
    return Run.of(await _own(viewer, database, run_id))


async def delete(viewer: Actor, database: AsyncConnection, run_id: UUID) -> None:
    """Delete a run. The access log stays. NotFound."""
    await _own(viewer, database, run_id)
    await runs.delete(database, run_id)


async def rows(viewer: Actor, database: AsyncConnection, run_id: UUID, wanted: RowsFilter) -> StudentRows:
    """A page of a run's rows. Logged. NotFound. Problem: the run is not done, or has no such number."""
    run = await _own(viewer, database, run_id)
    given = {"run_id": run_id, **_wanted(_done(run), wanted)}
    sort, _, place = wanted.after.rpartition("\n")
    page = {**given, "sort": sort, "place": int(place or -1), "limit": wanted.limit}
    found = (await database.execute(_PAGE, page)).mappings().all()
    await _log(viewer, database, run, found)
    last = f"{found[-1]['sort']}\n{found[-1]['place']}" if len(found) == wanted.limit else None
    return StudentRows(
        rows=[StudentRow.of(run["report"], row) for row in found],
        next=last,
        number=(await database.execute(_COUNT, given)).scalar_one(),
    )


def check_done(run: Run) -> None:
    """Problem: the run is not done."""
    if run.state != "done":
        raise Problem(422, [RUN_UNFINISHED.broken(at="run_id", state=run.state)])


def table_of(run: RunWithTables, name: str) -> TableShown:
    """A table of a run by its name. Problem: the run has no such table."""
    found = next((table for table in run.tables if table.name == name), None)
    if found is None:
        raise Problem(422, [NO_SUCH_CELL.broken(at="table")])
    return found


def line(row: RowMapping, columns: Sequence[ColumnDescribed]) -> list[Any]:
    """The values of a row, in the order of the columns. A day stays a day."""
    named = {"student_id": row["subject"], "verdict": row["verdict"], "reason": row["reason"]}
    found = {**row["row_values"], **named}
    return [_typed(found.get(column.name), column.kind) for column in columns]


def _typed(value: Any, kind: Kind) -> Any:
    return date.fromisoformat(value) if kind is Kind.DAY and isinstance(value, str) else value


async def all_rows(
    viewer: Actor, database: AsyncConnection, run: RunWithTables
) -> AsyncIterator[Sequence[RowMapping]]:
    """All rows of a run, some at a time, in the order of the list. Logged."""
    sort, place = "", -1
    while True:
        given = {"run_id": run.run_id, "verdict": None, "reason": None, "included": False}
        page = {**given, "row_values": "{}", "sort": sort, "place": place, "limit": 2000}
        found = (await database.execute(_PAGE, page)).mappings().all()
        if not found:
            break
        await _log(viewer, database, {"report": run.report}, found)
        yield found
        sort, place = found[-1]["sort"], found[-1]["place"]


async def rows_for_paper(
    viewer: Actor, database: AsyncConnection, run: RunWithTables
) -> AsyncIterator[Sequence[Sequence[Value]]]:
    """The lines of all rows, some at a time. Logged. Problem: they are too many for paper."""
    given = {"run_id": run.run_id, "verdict": None, "reason": None, "included": False, "row_values": "{}"}
    number = (await database.execute(_COUNT, given)).scalar_one()
    if number > _MOST_ON_PAPER:
        raise Problem(
            422, [TOO_LONG_FOR_PAPER.broken(at="format", rows=f"{number:,}", most=f"{_MOST_ON_PAPER:,}")]
        )
    return _lines(viewer, database, run)


async def _lines(
    viewer: Actor, database: AsyncConnection, run: RunWithTables
) -> AsyncIterator[Sequence[Sequence[Value]]]:
    async for some in all_rows(viewer, database, run):
        yield [line(row, run.columns) for row in some]


async def facts(viewer: Actor, database: AsyncConnection, run_id: UUID, student: StudentId) -> Facts:
    """Why a run says what it says of a student. Logged. NotFound: no such run, or no such student in it.
    Forbidden: the LEA never owned the student."""
    await one_moment(database)
    run = await _own(viewer, database, run_id)
    check_done(Run.of(run))
    report = REPORTS.get(run["report"])
    given = {"run_id": run_id, "subject": student}
    then = (await database.execute(_OF_STUDENT, given)).mappings().all()
    if report is None or not then:
        raise NotFound(NO_SUCH_STUDENT.broken(student_id=student, at="student_id"))
    part = await visible_part(database, viewer, student, f"report {run['report']}")
    parameters = report.parameters.model_validate_json(run["parameters"])
    question = await asked(
        database,
        report,
        parameters.model_copy(update={"as_of": run["as_of"], "known_at": None}),
        run["lea"],
    )
    now = await judged_of(database, report, question, [int(student)])
    seen = await events_seen(database, student, part)
    kinds = {"subject": student, "known_at": run["known_at"], "kinds": list(BY_KIND), **seen.values}
    sources = (await database.execute(text(_SOURCES.format(seen=seen.where)), kinds)).mappings()
    return Facts(
        then=[StudentRow.of(report.name, row) for row in then],
        now=[StudentRow.of(report.name, _as_row(one._asdict())) for one in now if one.values],
        sources=[FactSource(**row) for row in sources],
    )


async def verdicts(
    viewer: Actor, database: AsyncConnection, student: StudentId, as_of: CountDay | None
) -> Verdicts:
    """What every report says of one student. Logged. NotFound. Forbidden: the LEA never owned the student.

    An LEA sees the cases that belong to it.
    """
    await one_moment(database)
    await visible_part(database, viewer, student, "reports")
    lea = None if viewer.everywhere else viewer.lea
    day = as_of or today()
    found = []
    for report in REPORTS.values():
        if report.facts and (viewer.everywhere or not report.state_only):
            parameters = report.parameters(as_of=day)
            question = await asked(database, report, parameters, lea, with_tables=False)
            judged = await judged_of(database, report, question, [int(student)])
            given = [StudentRow.of(report.name, _as_row(one._asdict())) for one in judged]
            found.append(Verdict(report=report.name, title=report.title, rows=given))
    known = await sequences(database, student)
    return Verdicts(student_id=student, sequences=known, as_of=day, reports=found)


def _as_row(judged: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**judged, "subject": judged["student_id"], "row_values": judged["values"]}


async def _own(viewer: Actor, database: AsyncConnection, run_id: UUID) -> RowMapping:
    """A run of the viewer. NotFound."""
    row = await runs.one(database, run_id)
    if row is None or row["asked_by"] != viewer.sender:
        raise NotFound(NO_SUCH_RUN.broken(at="run_id", run_id=run_id))
    return row


async def _proved(database: AsyncConnection, run: RowMapping) -> RowMapping:
    """The run; complete if it had every event through its moment. The services' heartbeats prove it later."""
    if run["state"] != "done" or run["complete"]:
        return run
    basis = await certificate_through(database, run["known_at"])
    if not basis.certified or basis.events != run["events"]:
        return run
    return await runs.prove(database, run["run_id"], basis.read_through)


def _done(run: RowMapping) -> Mapping[str, Any]:
    """The answer of a run. Problem: the run is not done."""
    check_done(Run.of(run))
    found: Mapping[str, Any] = json.loads(run["tables"])
    return found


def _wanted(answer: Mapping[str, Any], wanted: RowsFilter) -> dict[str, Any]:
    where = _where(answer, wanted) if wanted.table else {}
    included = "reason" in where and where["reason"] is None
    return {
        "verdict": where.pop("verdict", None) or wanted.verdict,
        "reason": where.pop("reason", None) or wanted.reason,
        "included": included,
        "row_values": json.dumps(where),
    }


def _where(answer: Mapping[str, Any], wanted: RowsFilter) -> dict[str, Any]:
    """The values of the rows behind a number. Problem: the answer has no such number."""
    for table in answer["tables"]:
        if table["name"] == wanted.table and wanted.row < len(table["rows"]):
            columns = {column["name"]: column for column in table["columns"]}
            if (column := columns.get(wanted.column)) is not None and column["kind"] == "count":
                return {**table["rows"][wanted.row]["where"], **column["where"]}
    raise Problem(422, [NO_SUCH_CELL.broken(at="table")])


async def _log(
    viewer: Actor, database: AsyncConnection, run: Mapping[str, Any] | RowMapping, found: Sequence[RowMapping]
) -> None:
    subjects = list(dict.fromkeys(row["subject"] for row in found))
    await log_views(database, viewer, subjects=subjects, what=f"report {run['report']}")
