"""Indicators 1, 2 and 14 as reports: graduation, drop-out, and the leavers whom the LEAs ask a year later.

All three look at the exits that the federal file FS009 has for the school year before the indicator's year.
For the state a student counts once, with the last exit. For an LEA its own last event counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import Field

from services.reporting.domain.federal.rules import EXIT_RULES
from services.reporting.domain.indicators import rules
from services.reporting.domain.indicators.shares import percent
from services.reporting.domain.indicators.year import FORM, SchoolYear, year_before
from services.reporting.domain.rules import OF_ANOTHER_LEA
from services.reporting.domain.tables import Column, Judged, Kind, Row, Table, Tally, Value
from services.reporting.queries.federal_exits import exit_parameters, exits_of_students
from services.reporting.reports.indicators import OfYear, by_lea, left_out
from services.reporting.reports.report import Asked, Report, Tables

_GRADUATED, _DROPPED_OUT = "GHS", "DROPOUT"
_BASES: Mapping[str, str] = {
    _GRADUATED: "Regular diploma",
    "GRADALTDPL": "Alternate diploma",
    "RC": "Certificate",
    "RMA": "Maximum age",
    _DROPPED_OUT: "Dropped out",
}
"""The ways to leave that the indicators count. The others are moves, and a death."""

_COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("exited_on", "Exit", Kind.DAY),
    Column("exit_reason", "Exit reason", Kind.CODE),
    Column("basis", "Basis of exit", Kind.CODE),
    Column("years", "Age at the child count before", Kind.NUMBER),
    Column("disability", "Disability", Kind.CODE),
    Column("race", "Race", Kind.CODE),
    Column("sex", "Sex", Kind.CODE),
)
_NAMES = [column.name for column in _COLUMNS]
_REASONS = (*EXIT_RULES, rules.NOT_FOLLOWED, OF_ANOTHER_LEA)
_BY_CODE = {rule.code: rule for rule in _REASONS}
_DIMENSIONS = ("lea", "basis", "disability", "race", "sex")
_FURTHER = {"disability": "Disability", "race": "Race", "sex": "Sex"}


class OfLagYear(OfYear):
    """The parameters of an indicator that looks at the exits of the year before."""

    year: str | None = Field(
        default=None,
        pattern=FORM,
        title="School year of the indicator",
        description="Such as 2025-26, which is federal fiscal year 2025. It has the exits of the school year"
        " before, 2024-25. Blank: that of the day.",
    )

    def exit_year(self, as_of: date) -> SchoolYear:
        """The school year of the exits."""
        return year_before(self.school_year(as_of))


def _values(asked: OfLagYear, as_of: date) -> Mapping[str, Any]:
    return exit_parameters(asked.exit_year(as_of).first.year, as_of)


def _judge(row: Mapping[str, Any], asked: Asked[OfLagYear]) -> Iterator[Judged]:
    """The state's event of a student in a run of the state, and an LEA's event in a run of the LEA."""
    if row["of_state"] is (asked.lea is None):
        code = row["code"] or (None if row["basis"] in _BASES else rules.NOT_FOLLOWED.code)
        values = {name: row[name] for name in _NAMES}
        yield Judged(f"{row['subject']:010d}", "left out" if code else "left school", code, values)


def _counting(title: str, part: str | None) -> Tables[OfLagYear]:
    """The tables of an indicator. `part`: the basis whose percentage it is; None: it has no percentage."""
    columns = (
        Column("exits", "Students who left school", Kind.COUNT, {"reason": None}),
        *(Column(basis, label, Kind.COUNT, _with(basis)) for basis, label in _BASES.items()),
        *((Column("percent", f"Percent: {_BASES[part].lower()}", Kind.PERCENT),) if part else ()),
    )

    def tables(tally: Tally, asked: Asked[OfLagYear]) -> Sequence[Table]:
        def numbers(where: Mapping[str, Value]) -> Sequence[Value]:
            every = tally.count({**where, "reason": None})
            found = {basis: tally.count({**where, **_with(basis)}) for basis in _BASES}
            return (every, *found.values(), *((percent(found[part], every),) if part else ()))

        def by(name: str, label: str) -> Table:
            values = sorted({str(one[name]) for one, _ in tally.each() if one["reason"] is None})
            rows = [Row((value, *numbers({name: value})), {name: value}) for value in values]
            shown = (Column(name, label, Kind.CODE), *columns)
            return Table(f"by {name}", f"By {label.lower()}", shown, tuple(rows))

        year = asked.parameters.exit_year(asked.as_of).name
        return (
            by_lea(tally, f"{title}, exits of {year}", columns, numbers),
            *(by(name, label) for name, label in _FURTHER.items()),
            left_out(tally, list(_BY_CODE)),
        )

    return tables


def _with(basis: str) -> Mapping[str, Value]:
    return {"reason": None, "basis": basis}


def _report(number: int, title: str, answers: str, tables: Tables[OfLagYear]) -> Report[OfLagYear]:
    return Report(
        name=f"indicator-{number}",
        title=f"Indicator {number}: {title}",
        answers=answers,
        version=1,
        parameters=OfLagYear,
        facts=exits_of_students(),
        values=_values,
        judge=_judge,
        columns=_COLUMNS,
        dimensions=_DIMENSIONS,
        tables=tables,
        reasons=_BY_CODE,
        sort=("lea", "exited_on"),
    )


INDICATOR_1 = _report(
    1,
    "graduation",
    "Of the students of 14 to 21 who left school, how many graduated with a regular high school diploma?",
    _counting("Graduation", _GRADUATED),
)
INDICATOR_2 = _report(
    2,
    "drop-out",
    "Of the students of 14 to 21 who left school, how many dropped out?",
    _counting("Drop-out", _DROPPED_OUT),
)
INDICATOR_14 = _report(
    14,
    "the leavers to ask",
    "Which students of 14 to 21 left school, so that their LEA asks them after a year about education and"
    " work? SER has the list. The answers are in the state's survey.",
    _counting("Students to ask", None),
)
