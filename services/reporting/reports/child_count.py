"""The federal child count as a report: each student's cell, or the reason for none."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from services.reporting.domain.definitions import age_groups, disabilities
from services.reporting.domain.layout import Breakdown, Cell, cells, cells_with
from services.reporting.domain.rules import NOT_COUNTED, Reason
from services.reporting.domain.tables import Column, Judged, Kind, Row, Table, Tally, Value
from services.reporting.queries.judged import judged_students, parameters
from services.reporting.reports.report import Asked, Parameters, Report

_BY_CELL = ("age_group", "disability", "environment", "age", "ageband", "race", "sex")
_COLUMNS = (
    Column("lea", "LEA", Kind.CODE),
    Column("years", "Age in years", Kind.NUMBER),
    Column("age_group", "Age group", Kind.CODE),
    Column("age", "Age", Kind.CODE),
    Column("ageband", "Age band", Kind.CODE),
    Column("disability", "Disability", Kind.CODE),
    Column("environment", "Environment", Kind.CODE),
    Column("race", "Race", Kind.CODE),
    Column("sex", "Sex", Kind.CODE),
    Column("expired", "IEP past its year"),
)
_NAMES = [column.name for column in _COLUMNS]


def _values(asked: Parameters, as_of: date) -> Mapping[str, Any]:
    return parameters(as_of, disabilities(), None)


def _judge(row: Mapping[str, Any], asked: Asked[Parameters]) -> Iterator[Judged]:
    rule = NOT_COUNTED.get(Reason(row["reason"]))
    yield Judged(
        student_id=f"{row['subject']:010d}",
        verdict="not counted" if rule else "counted",
        reason=rule.code if rule else None,
        values={name: row[name] for name in _NAMES},
    )


def _tables(tally: Tally, asked: Asked[Parameters]) -> Sequence[Table]:
    return (_cells(tally, asked.as_of), *_disability_by_environment(tally, asked.as_of))


def _cells(tally: Tally, as_of: date) -> Table:
    """Every cell of the published file."""
    numbers = _counted(tally, as_of)
    known = disabilities()
    rows = (
        Row((*cell, numbers.get(cell, 0)), {"verdict": "counted", **_where(cell)})
        for group in age_groups(as_of)
        for cell in cells(group, known, numbers)
    )
    columns = (
        Column("age_group", "Age group", Kind.CODE),
        Column("disability", "Disability", Kind.CODE),
        Column("environment", "Environment", Kind.CODE),
        Column("breakdown", "Breakdown", Kind.CODE),
        Column("value", "Value", Kind.CODE),
        Column("children", "Children", Kind.COUNT),
    )
    return Table("cells", "Every cell", columns, tuple(rows))


def _counted(tally: Tally, as_of: date) -> Mapping[Cell, int]:
    """The number of children of each cell that has some."""
    numbers: dict[Cell, int] = {}
    for values, children in tally.each():
        if values["verdict"] == "counted":
            for cell in _cells_of(values, as_of):
                numbers[cell] = numbers.get(cell, 0) + children
    return numbers


def _cells_of(values: Mapping[str, Value], as_of: date) -> Iterable[Cell]:
    group = next(group for group in age_groups(as_of) if group.name == values["age_group"])
    by: dict[Breakdown, str] = {
        kind: str(values[kind]) for kind in Breakdown if kind is not Breakdown.TOTAL and values[kind]
    }
    return cells_with(group, str(values["disability"]), str(values["environment"]), by)


def _where(cell: Cell) -> Mapping[str, Value]:
    """The values of the judged rows in a cell."""
    given: dict[str, Value] = {
        "age_group": cell.age_group,
        "disability": cell.disability,
        "environment": cell.environment,
    }
    if cell.breakdown is not Breakdown.TOTAL:
        given[str(cell.breakdown)] = cell.value
    return {name: value for name, value in given.items() if value is not None}


def _disability_by_environment(tally: Tally, as_of: date) -> Iterator[Table]:
    """A table for each age group: a row for each disability, a column for each environment."""
    numbers = _counted(tally, as_of)
    for group in age_groups(as_of):
        places = (*group.environments, None)
        columns = (
            Column("disability", "Disability", Kind.CODE),
            *(
                Column(
                    place or "total", place or "Total", Kind.COUNT, {"environment": place} if place else {}
                )
                for place in places
            ),
        )
        rows = tuple(
            Row(
                (
                    found,
                    *(
                        numbers.get(Cell(group.name, found, place, Breakdown.TOTAL, None), 0)
                        for place in places
                    ),
                ),
                {"verdict": "counted", "age_group": group.name} | ({"disability": found} if found else {}),
            )
            for found in (*disabilities(), None)
        )
        yield Table(f"ages {group.name}", f"Ages {group.name}: disability by environment", columns, rows)


CHILD_COUNT = Report(
    name="child-count",
    title="Child count",
    answers="How many children with disabilities are in special education on the day, by the cells of the"
    " federal files, and why each other student is not counted?",
    version=1,
    parameters=Parameters,
    facts=f"{judged_students(None)} SELECT * FROM judged",
    values=_values,
    judge=_judge,
    columns=_COLUMNS,
    dimensions=("lea", *_BY_CELL),
    tables=_tables,
    reasons={rule.code: rule for rule in NOT_COUNTED.values()},
)
