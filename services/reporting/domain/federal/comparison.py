"""A federal file beside that of the year before: the subtotals and totals of each unit."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from services.reporting.domain.federal.declarations import Combination
from services.reporting.domain.federal.rows import DataRow, Unit
from services.reporting.domain.federal.specification import Specification

Key = tuple[Unit, str, Combination]
"""A number of a file: its unit, its set, and its values as the code lists name them."""

_PERCENT, _CHILDREN = 20, 20
"""A change is remarkable above both."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A subtotal or total of a unit, now and a year before."""

    unit: Unit
    set_name: str
    combination: Combination
    before: int
    now: int

    @property
    def remarkable(self) -> bool:
        """Whether the number changed by more than 20 % of last year's and by more than 20 children."""
        change = abs(self.now - self.before)
        return change > _CHILDREN and 100 * change > _PERCENT * self.before

    @property
    def emptied(self) -> bool:
        """Whether nobody is there any more."""
        return bool(self.before) and not self.now

    def __str__(self) -> str:
        return named(self.unit, self.set_name, self.combination)


@dataclass(frozen=True, slots=True)
class LastYear:
    """The subtotals and totals of the file of the year before, and its number of rows."""

    school_year: str
    certified: bool
    rows: int
    amounts: Mapping[Key, int]


def subtotals(specification: Specification, rows: Iterable[DataRow]) -> Mapping[Key, int]:
    """The subtotals and totals, under the values of the code lists: years may write them differently."""
    return {
        (
            row.unit,
            row.category_set.name,
            tuple(
                specification.counted_as.get((category, value), value)
                for category, value in zip(row.category_set.categories, row.combination, strict=True)
            ),
        ): row.amount
        for row in rows
        if row.category_set.total
    }


def compared(now: Mapping[Key, int], last_year: LastYear) -> Iterator[Compared]:
    """Each number of either year, in the order of this year's file."""
    before = last_year.amounts
    for key in dict.fromkeys([*now, *before]):
        yield Compared(*key, before.get(key, 0), now.get(key, 0))


def named(unit: Unit, set_name: str, combination: Combination) -> str:
    """A row as a sentence names it: `ST6 RC80 of 017`."""
    return " ".join([set_name, *combination, "of", str(unit)])
