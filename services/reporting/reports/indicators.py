"""What the reports of the indicators share: the year, the rows by LEA, and the table of those left out."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import Field, field_validator

from services.reporting.domain.indicators.ownership import Spell
from services.reporting.domain.indicators.year import FORM, SchoolYear, read_year, year_of
from services.reporting.domain.tables import Column, Kind, Row, Table, Tally, Value
from services.reporting.reports.report import Parameters

SPELLS = """(
    SELECT json_agg(json_build_array(lea, begin_on, end_on) ORDER BY begin_on, lea, spell_id)
    FROM spells WHERE spells.subject = students.subject
)::text AS spells"""
"""The column of a student's spells."""


class OfYear(Parameters):
    """The parameters of an indicator of a school year."""

    year: str | None = Field(
        default=None,
        pattern=FORM,
        title="School year",
        description="Such as 2024-25, which is federal fiscal year 2024. Blank: that of the day.",
    )

    @field_validator("year")
    @classmethod
    def _follows(cls, value: str | None) -> str | None:
        if value is not None:
            read_year(value)
        return value

    def school_year(self, as_of: date) -> SchoolYear:
        """The year asked about."""
        return read_year(self.year) if self.year else year_of(as_of)


def spells_of(row: Mapping[str, Any]) -> list[Spell]:
    """The spells in a row of facts."""
    return [Spell(lea, day(begin_on), maybe(end_on)) for lea, begin_on, end_on in each(row["spells"])]


def each(written: str | None) -> Sequence[Any]:
    """The elements of a list as SQL writes it; none if there is no list."""
    return json.loads(written) if written else ()


def day(written: str) -> date:
    """A day as SQL writes it."""
    return date.fromisoformat(written)


def maybe(written: str | None) -> date | None:
    """A day, or none."""
    return date.fromisoformat(written) if written else None


Numbers = Callable[[Mapping[str, Value]], Sequence[Value]]
"""The numbers of a row, from the values that its judged rows have."""


def by_lea(tally: Tally, title: str, columns: Sequence[Column], numbers: Numbers) -> Table:
    """A row for each LEA, and the total."""
    rows = [Row((*_named(where), *numbers(where)), where) for where in _wheres(tally)]
    return Table("by LEA", title, (Column("lea", "LEA", Kind.CODE), *columns), tuple(rows))


def _wheres(tally: Tally) -> Iterator[Mapping[str, Value]]:
    included = sorted({str(values["lea"]) for values, _ in tally.each() if values["reason"] is None})
    yield from ({"lea": lea} for lea in included)
    yield {}


def _named(where: Mapping[str, Value]) -> tuple[Value]:
    return (where.get("lea", "Total"),)


def left_out(tally: Tally, codes: Sequence[str]) -> Table:
    """How many rows each rule leaves out. All rows: those of the indicator, and these."""
    columns = (Column("reason", "Left out by", Kind.CODE), Column("rows", "Rows", Kind.COUNT))
    rows = [Row((code, tally.count({"reason": code})), {"reason": code}) for code in codes]
    included = Row(("in the indicator", tally.count({"reason": None})), {"reason": None})
    return Table("left out", "Left out, by reason", columns, (*rows, included))
