"""A report as a value: its name, parameters and facts, its judgement of each row of facts, and its tables."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.calendars import Calendar
from contracts.counting import Calendars
from contracts.errors import Rule
from contracts.types import LeaCode
from services.reporting.domain.tables import Column, Judged, Kind, Table, Tally
from services.reporting.queries.moment import CountDay

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)


class Parameters(BaseModel):
    """The parameters that every report has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: CountDay | None = Field(
        default=None, title="As of", description="The day that the question is about. Blank: today."
    )
    known_at: AwareDatetime | None = Field(
        default=None,
        ge=_FIRST,
        le=_LAST,
        title="Known at",
        description="The report reads the events that Kafka received through this moment. Blank: now.",
    )
    lea: LeaCode | None = Field(
        default=None,
        title="LEA",
        description="Blank: the whole state for the state and auditors, else the viewer's own LEA.",
    )


P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True)
class Asked(Generic[P]):
    """A question to a report. `lea`: whose rows; None: the state's. `published`: the calendars of `known_at`.
    `loaded`: what the report's `loads` gave."""

    parameters: P
    as_of: date
    lea: LeaCode | None
    published: Sequence[Calendar] = ()
    loaded: Any = None

    @cached_property
    def calendars(self) -> Calendars:
        """What counts business days and school days."""
        return Calendars(self.published)


Loads = Callable[[AsyncConnection, P], Awaitable[Any]]
Values = Callable[[P, date], Mapping[str, Any]]
Judge = Callable[[Mapping[str, Any], Asked[P]], Iterable[Judged]]
Tables = Callable[[Tally, Asked[P]], Sequence[Table]]


def _no_values(parameters: Any, as_of: date) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Report(Generic[P]):
    """A report.

    - `name`, `title`, `answers`: its name in addresses, its title, and the question that it answers.
    - `version`: of its rules. A run keeps the version that made it. Raise it when a number may change.
    - `facts`: SQL that gives the rows of facts of the students `:subjects`, as of `:as_of`, with the further
      parameters `values`. Blank: the report has no rows of students.
    - `judge`: what the report says of one row of facts. Pure.
    - `columns`: of its rows; the names of the values of each `Judged`. `named`: documents add each student's
      name and birth date. `sort`: the values by which a list is sorted, before the State ID.
    - `dimensions`: the values by which the tables count. `sums`: the values that they add up. `tables`: the
      tables, from the tally. Pure.
    - `reasons`: the rules by which a row is left out, by code.
    - `loads`: other data that `tables` needs, as `Asked.loaded`.
    - `state_only`: only the state and auditors run it.
    """

    name: str
    title: str
    answers: str
    version: int
    parameters: type[P]
    judge: Judge[P]
    columns: tuple[Column, ...]
    dimensions: tuple[str, ...]
    tables: Tables[P]
    reasons: Mapping[str, Rule] = field(default_factory=dict)
    facts: str = ""
    values: Values[P] = _no_values
    sums: tuple[str, ...] = ()
    loads: Loads[P] | None = None
    named: bool = True
    sort: tuple[str, ...] = ("lea", "school", "key_on")
    state_only: bool = False

    @property
    def row_columns(self) -> tuple[Column, ...]:
        """All columns of its rows: the student, the verdict and the reason before its own. None: no rows."""
        if not self.facts:
            return ()
        named = (Column("name", "Name"), Column("birth_on", "Birth date", Kind.DAY)) if self.named else ()
        verdict = (Column("verdict", "Verdict"), Column("reason", "Reason", Kind.CODE))
        return (Column("student_id", "State ID", Kind.CODE), *named, *verdict, *self.columns)
