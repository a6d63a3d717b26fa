"""The cells of a child count, as the Office of Special Education Programs publishes those of a state."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from contracts.codes import RACES, SEXES
from services.reporting.domain.definitions import AgeGroup, categories
from services.reporting.domain.race import MISSING


class Breakdown(StrEnum):
    """The field by which a table divides its children. `total`: no such field."""

    TOTAL = "total"
    AGE = "age"
    AGEBAND = "ageband"
    RACE = "race"
    SEX = "sex"


class Table(NamedTuple):
    """A table of the count: a breakdown, by disability or for all, by environment or for all."""

    disability: bool
    environment: bool
    breakdown: Breakdown


class Cell(NamedTuple):
    """The key of one number. A blank disability or environment means all."""

    age_group: str
    disability: str | None
    environment: str | None
    breakdown: Breakdown
    value: str | None

    @property
    def table(self) -> Table:
        """The table the cell is in."""
        return Table(self.disability is not None, self.environment is not None, self.breakdown)


_WHOLE, _DISABILITY, _ENVIRONMENT, _EACH = (False, False), (True, False), (False, True), (True, True)
_PUBLISHED = {
    Breakdown.TOTAL: (_WHOLE, _DISABILITY, _ENVIRONMENT, _EACH),
    Breakdown.AGE: (_WHOLE, _ENVIRONMENT),
    Breakdown.RACE: (_WHOLE, _DISABILITY, _ENVIRONMENT),
    Breakdown.SEX: (_WHOLE, _DISABILITY, _ENVIRONMENT),
    Breakdown.AGEBAND: (_WHOLE, _DISABILITY, _ENVIRONMENT, _EACH),
}
TABLES = tuple(Table(*sides, breakdown) for breakdown, places in _PUBLISHED.items() for sides in places)
"""Every table."""

_SCHOOL_AGE_ONLY = {table for table in TABLES if table.breakdown is Breakdown.AGEBAND} | {
    Table(*_DISABILITY, Breakdown.SEX)
}


def tables(group: AgeGroup) -> Iterator[Table]:
    """The tables of an age group. Only school age has tables by age band, and disabilities by sex."""
    return (table for table in TABLES if group.bands or table not in _SCHOOL_AGE_ONLY)


def cells(group: AgeGroup, disabilities: Sequence[str], counted: Mapping[Cell, int]) -> Iterator[Cell]:
    """Every cell of an age group that can have children, and every other cell that has some."""
    for table in tables(group):
        for disability in disabilities if table.disability else (None,):
            for environment in group.environments if table.environment else (None,):
                for value in _values(group, table.breakdown, disability):
                    cell = Cell(group.name, disability, environment, table.breakdown, value)
                    if value != MISSING or cell in counted:
                        yield cell


def cells_with(
    group: AgeGroup, disability: str, environment: str, values: Mapping[Breakdown, str]
) -> Iterator[Cell]:
    """The cells in which a counted child is, one for each table. `values`: the child's value by breakdown."""
    for table in tables(group):
        yield Cell(
            group.name,
            disability if table.disability else None,
            environment if table.environment else None,
            table.breakdown,
            values.get(table.breakdown),
        )


def _values(group: AgeGroup, breakdown: Breakdown, disability: str | None) -> Iterator[str | None]:
    match breakdown:
        case Breakdown.TOTAL:
            yield None
        case Breakdown.AGE:
            yield from (age.value for age in group.ages)
        case Breakdown.AGEBAND:
            yield from (name for name, years in group.bands.items() if _declared(disability, years))
        case Breakdown.RACE:
            yield from (*RACES, MISSING)
        case Breakdown.SEX:
            yield from (*SEXES, MISSING)


def _declared(disability: str | None, years: range) -> bool:
    return disability is None or any(
        category.disability == disability and category.declared_in(years) for category in categories()
    )


def disagreements(counts: Mapping[Cell, int]) -> Iterator[tuple[str, Table, int, int]]:
    """The tables whose cells do not add up to the total: age group, table, sum of the cells, total."""
    sums: dict[tuple[str, Table], int] = {}
    for cell, children in counts.items():
        key = (cell.age_group, cell.table)
        sums[key] = sums.get(key, 0) + children
    grand = Table(False, False, Breakdown.TOTAL)
    for (group, table), parts in sums.items():
        whole = sums.get((group, grand), 0)
        if parts != whole:
            yield group, table, parts, whole
