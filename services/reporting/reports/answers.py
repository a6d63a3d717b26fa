"""What reporting says about its reports and their runs over HTTP."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, computed_field
from sqlalchemy import RowMapping

from contracts.errors import Rule
from contracts.types import LeaCode, StudentId
from services.chassis.answering.requests import inlined
from services.chassis.answering.rules import DescribedRule
from services.reporting.domain.charts import as_svg, bars_of
from services.reporting.domain.named_facts import NamedFact
from services.reporting.domain.tables import Column, Kind, Row, Table
from services.reporting.reports.registry import REPORTS
from services.reporting.reports.report import Report


class RowReason(BaseModel):
    """Why a report leaves a student or case out."""

    code: str
    severity: str
    message: str
    solution: str

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """The rule as a row has it."""
        return cls(code=rule.code, severity=rule.severity, message=rule.message, solution=rule.solution)


class FactDescribed(BaseModel):
    """A named fact: what every report means by it."""

    name: str
    title: str
    means: str
    source: str = Field(description="Law or federal file; `project`: this system's own choice.")

    @classmethod
    def of(cls, fact: NamedFact) -> Self:
        """The fact as an answer has it."""
        return cls(name=fact.name, title=fact.title, means=fact.means, source=fact.source)


class ColumnDescribed(BaseModel):
    """A column. `where`: the values that the rows behind its numbers have."""

    name: str
    label: str
    kind: Kind
    where: dict[str, Any]

    @classmethod
    def of(cls, column: Column) -> Self:
        """The column as an answer has it."""
        return cls(**column._asdict() | {"where": dict(column.where)})


class ReportDescribed(BaseModel):
    """A report: what it answers, its parameters, and the reasons by which it leaves something out."""

    name: str
    title: str
    answers: str
    version: int = Field(description="Of the report's rules. It rises when a number may change.")
    students: bool = Field(description="Whether it has rows of students. SER logs who looks at them.")
    state_only: bool
    parameters: dict[str, Any] = Field(description="The parameters, as a JSON Schema.")
    columns: list[ColumnDescribed]
    reasons: list[DescribedRule]

    @classmethod
    def of(cls, report: Report[Any]) -> Self:
        """The report as an answer has it."""
        return cls(
            name=report.name,
            title=report.title,
            answers=report.answers,
            version=report.version,
            students=bool(report.facts),
            state_only=report.state_only,
            parameters=inlined(report.parameters.model_json_schema()),
            columns=[ColumnDescribed.of(column) for column in report.columns],
            reasons=[DescribedRule.of(rule) for rule in report.reasons.values()],
        )


class Run(BaseModel):
    """A run of a report: what was asked, and how far it is."""

    run_id: UUID
    report: str
    title: str
    version: int = Field(description="Of the report's rules.")
    parameters: dict[str, Any] = Field(description="As somebody asked for them.")
    lea: LeaCode | None = Field(description="Whose rows it has. Blank: the whole state's.")
    as_of: date
    known_at: datetime = Field(description="It reads the events that Kafka received through this moment.")
    asked_by: str = Field(description="LEA and user, `017/m.landry`.")
    asked_at: datetime
    state: str = Field(description="`waiting`, `running`, `done`, `cancelled` or `failed`.")
    done: int = Field(description="Students judged so far.")
    total: int | None = Field(description="Students to judge. Blank: the run has not begun.")
    finished_at: datetime | None
    kept_until: datetime | None = Field(
        description="When reporting deletes the run. Blank: somebody saved it."
    )
    calendars: dict[str, int] = Field(description="The version of each year's calendar that was known.")
    complete: bool | None = Field(
        description="Whether the run had every event through `known_at`. Heartbeats prove it seconds later."
    )
    read_through: datetime | None
    events: int | None = Field(description="The events through `known_at` that the run had.")
    sha256: str | None = Field(
        description="Of the answer. The same question, as known at the same moment, gives the same bytes."
    )

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """The run of a row of the database."""
        return cls.model_validate(_fields(row))


class TableShown(BaseModel):
    """A table of an answer. The number of a `count` column counts the rows with the values of both
    `where`."""

    name: str
    title: str
    columns: list[ColumnDescribed]
    rows: list["RowShown"]

    @computed_field(description="A chart of the table as SVG. Blank: a chart says nothing more.")  # type: ignore[prop-decorator]
    @property
    def chart(self) -> str | None:
        """The chart of the table."""
        columns = (Column(one.name, one.label, one.kind, one.where) for one in self.columns)
        rows = (Row(tuple(one.values), one.where) for one in self.rows)
        bars = bars_of(Table(self.name, self.title, tuple(columns), tuple(rows)))
        return as_svg(bars) if bars else None


class RowShown(BaseModel):
    """A row of a table."""

    values: list[Any]
    where: dict[str, Any]


class RunWithTables(Run):
    """A run with its tables, and the columns of its rows of students."""

    tables: list[TableShown] = Field(description="None until the run is done.")
    columns: list[ColumnDescribed]

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """The run of a row of the database."""
        given = json.loads(row["tables"]) if row["tables"] else {"tables": [], "columns": []}
        return cls.model_validate(_fields(row) | given)


class StudentRow(BaseModel):
    """What a report says of one student or case."""

    student_id: StudentId
    verdict: str
    reason: RowReason | None = Field(description="Why it is left out. Blank: it is in the report.")
    values: dict[str, Any] = Field(description="By the names of the columns.")

    @classmethod
    def of(cls, report: str, row: Mapping[str, Any] | RowMapping) -> Self:
        """The row of a run. A rule that the report no longer has is named by its code alone."""
        known = REPORTS[report].reasons if report in REPORTS else {}
        rule = known.get(row["reason"])
        return cls(
            student_id=row["subject"],
            verdict=row["verdict"],
            reason=RowReason.of(rule) if rule else None,
            values=row["row_values"],
        )


class StudentRows(BaseModel):
    """A page of rows, in the order of the list. `next`: `after` of the next page; blank on the last."""

    rows: list[StudentRow]
    next: str | None
    number: int = Field(description="All rows with these values.")


class FactSource(BaseModel):
    """The event from which a report has a record of the student."""

    kind: str = Field(description="The kind of record: `spell`, `evaluation`, `iep`, …")
    record_id: str
    service: str
    sequence: int
    revision: int
    event: str
    event_id: UUID
    at: datetime = Field(description="When Kafka received the event.")
    sender: str | None = Field(description="LEA and user who sent the command, `017/m.landry`.")


class Facts(BaseModel):
    """Why a run says what it says of one student, and what the same question says now."""

    then: list[StudentRow] = Field(description="The rows of the run.")
    now: list[StudentRow] = Field(description="The rows by the events that reporting has now.")
    sources: list[FactSource] = Field(
        description="The newest event about each record, as known at the run's moment, as far as the viewer"
        " may see it."
    )


class Verdicts(BaseModel):
    """What every report says of a student."""

    student_id: StudentId
    sequences: dict[str, int] = Field(
        description="For each service: reporting has all its events about the student through this sequence."
    )
    as_of: date
    reports: list["Verdict"]


class Verdict(BaseModel):
    """What one report says of a student: each row, or that it does not consider the student."""

    report: str
    title: str
    rows: list[StudentRow]


def _fields(row: RowMapping) -> dict[str, Any]:
    report = REPORTS.get(row["report"])
    return {
        **{name: value for name, value in row.items() if name != "tables"},
        "title": report.title if report else row["report"],
        "parameters": json.loads(row["parameters"]),
        "calendars": json.loads(row["calendars"] or "{}"),
    }
