"""The unknowns of an age group: how many children of each kind, in two linked tables.

One table counts disability × environment × race × sex, the other disability × environment × age. The tables
agree if each disability × environment has the same number of children in both. Two tables that agree can be
joined into children, so the solver needs no larger table.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from types import EllipsisType

import numpy as np
from numpy.typing import NDArray

from deploy.population.cells import Cell, CellKey
from deploy.population.codes import DISABILITIES, GROUPS, RACES, SEXES, AgeBand, AgeGroup

Columns = NDArray[np.int64]
Numbers = NDArray[np.float64]
Marks = NDArray[np.bool_]

_Index = tuple[int | slice | list[int] | EllipsisType, ...]


@dataclass(frozen=True)
class Equation:
    """The unknowns in these columns, each times its factor, add up to `equals`."""

    columns: Columns
    factors: Numbers
    equals: int


@dataclass(frozen=True)
class Unknowns:
    """Both tables of an age group. Each place in them is one column of the linear program."""

    group: AgeGroup

    @cached_property
    def people(self) -> Columns:
        """The column of each disability × environment × race × sex."""
        shape = (len(DISABILITIES), len(GROUPS[self.group].environments), len(RACES), len(SEXES))
        return np.arange(np.prod(shape), dtype=np.int64).reshape(shape)

    @cached_property
    def ages(self) -> Columns:
        """The column of each disability × environment × age."""
        shape = (*self.people.shape[:2], len(GROUPS[self.group].ages))
        return self.people.size + np.arange(np.prod(shape), dtype=np.int64).reshape(shape)

    @property
    def size(self) -> int:
        return int(self.people.size + self.ages.size)

    def split(self, values: Numbers) -> tuple[Numbers, Numbers]:
        """The values as the two tables."""
        return values[self.people], values[self.ages]

    def columns_of(self, key: CellKey) -> Columns:
        """The columns of the unknowns that a cell counts."""
        disability = slice(None) if key.disability is None else DISABILITIES.index(key.disability)
        environment = slice(None) if key.environment is None else self._environment(key)
        table, rest = self._table(key)
        return table[disability, environment][(..., *rest)].ravel()

    def equations(self, cells: Iterable[Cell]) -> list[Equation]:
        """The equations that link the two tables, then one equation for each cell, in order."""
        return [*self._links, *(self._equation(cell) for cell in cells)]

    @property
    def link_count(self) -> int:
        return len(self._links)

    def _environment(self, key: CellKey) -> int:
        assert key.environment is not None
        return GROUPS[self.group].environments.index(key.environment)

    def _table(self, key: CellKey) -> tuple[Columns, _Index]:
        codes = GROUPS[self.group]
        match key.breakdown:
            case "total":
                return self.people, ()
            case "race":
                return self.people, ([str(race) for race in RACES].index(key.value), slice(None))
            case "sex":
                return self.people, ([str(sex) for sex in SEXES].index(key.value),)
            case "age":
                return self.ages, (codes.ages.index(int(key.value)),)
            case "ageband":
                return self.ages, ([codes.ages.index(age) for age in codes.bands[AgeBand(key.value)]],)

    @cached_property
    def _links(self) -> list[Equation]:
        places = self.people.shape[0] * self.people.shape[1]
        both = zip(self.people.reshape(places, -1), self.ages.reshape(places, -1), strict=True)
        return [
            Equation(
                np.concatenate([people, ages]),
                np.concatenate([np.ones(people.size), -np.ones(ages.size)]),
                0,
            )
            for people, ages in both
        ]

    def _equation(self, cell: Cell) -> Equation:
        columns = self.columns_of(cell.key)
        return Equation(columns, np.ones(columns.size), cell.children)
