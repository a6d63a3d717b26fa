"""The rows of a federal file: how many students of a unit have a combination of values."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from services.reporting.domain.federal.declarations import Combination, Declarations, combinations
from services.reporting.domain.federal.specification import CategorySet, Level, Specification
from services.reporting.domain.race import MISSING

Values = tuple[str, ...]
"""A student's value of each category of the file, in the order of `Specification.categories`."""


class Unit(NamedTuple):
    """An education unit. Both blank: the state. `school` blank: an LEA."""

    lea: str = ""
    school: str = ""

    def at(self, level: Level) -> "Unit":
        """The unit of a level to which this one belongs."""
        match level:
            case Level.STATE:
                return Unit()
            case Level.LEA:
                return Unit(self.lea)
            case Level.SCHOOL:
                return self

    def __str__(self) -> str:
        return self.school or self.lea or "the state"


class DataRow(NamedTuple):
    """One number of a file: the unit, the set, the combination of values and how many students have it."""

    unit: Unit
    category_set: CategorySet
    combination: Combination
    amount: int


Tallies = Mapping[tuple[Unit, Values], int]
"""How many students of a school, or of an LEA outside its schools, have these values of the code lists. Each
student of the file is in it once."""


class _Division:
    """How one category set divides the students of a unit."""

    def __init__(self, specification: Specification, category_set: CategorySet) -> None:
        self.category_set = category_set
        self.combination = _picking(
            [specification.categories.index(category) for category in category_set.categories]
        )
        self._orders = [_places(specification.values[category]) for category in category_set.categories]

    def place(self, combination: Combination) -> tuple[int, ...]:
        """Where a combination stands in the file's order."""
        return tuple([order[value] for order, value in zip(self._orders, combination, strict=True)])


def data_rows(
    specification: Specification,
    level: Level,
    tallies: Tallies,
    declared: Declarations,
    units: Iterable[Unit] = (),
) -> Iterator[DataRow]:
    """The rows of a file at one level, by unit, then by set, then in the order of the permitted values.

    The file of the state has a row for every possible combination, and 0 where nobody is. The files of LEAs
    and schools have rows for combinations that somebody has, and a total for each of the `units`, 0 too. A
    missing value has rows where somebody has it.
    """
    counted: dict[Unit, Counter[Values]] = defaultdict(Counter)
    for unit in [Unit()] if level is Level.STATE else units:
        counted[unit] = Counter()
    written = _written(specification)
    for (unit, values), students in tallies.items():
        counted[unit.at(level)][written(values)] += students
    divisions = [_Division(specification, one) for one in specification.sets]
    for unit in sorted(counted):
        for division in divisions:
            yield from _rows_of(specification, unit, division, counted[unit], declared)


def _written(specification: Specification) -> Callable[[Values], Values]:
    """How the file writes the values of the code lists. A value that it does not know stays as it is."""
    ways = [
        {specification.counted_as[category, value]: value for value in values}
        for category, values in specification.values.items()
    ]
    if all(key == value for way in ways for key, value in way.items()):
        return lambda values: values
    return lambda values: tuple([way.get(value, value) for way, value in zip(ways, values, strict=True)])


def _rows_of(
    specification: Specification,
    unit: Unit,
    division: _Division,
    counted: Mapping[Values, int],
    declared: Declarations,
) -> Iterator[DataRow]:
    amounts: defaultdict[Combination, int] = defaultdict(int)
    for values, students in counted.items():
        amounts[division.combination(values)] += students
    if unit == Unit():
        for combination in combinations(specification, division.category_set, declared):
            amounts[combination] += 0
    elif not division.category_set.categories:
        amounts[()] += 0
    for combination in sorted(amounts, key=division.place):
        yield DataRow(unit, division.category_set, combination, amounts[combination])


def _picking(places: Sequence[int]) -> Callable[[Values], Combination]:
    """The function that takes these values out of all."""
    match places:
        case []:
            return lambda values: ()
        case [place]:
            return lambda values: (values[place],)
        case _:
            found: Any = itemgetter(*places)
            return found  # type: ignore[no-any-return]


def _places(values: Sequence[str]) -> Mapping[str, int]:
    return {value: place for place, value in enumerate((*values, MISSING))}
