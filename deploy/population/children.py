"""Makes each child from the fitted tables, and counts children into cells."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

from deploy.population.cells import CellKey
from deploy.population.codes import (
    DISABILITIES,
    GROUPS,
    RACES,
    SEXES,
    AgeGroup,
    Breakdown,
    Disability,
    Environment,
    Race,
    Sex,
)
from deploy.population.fit import Counts, Fit, GroupTables


@dataclass(frozen=True, slots=True)
class Child:
    """An invented child. `number` counts from 1 through the whole population; `age` is in years."""

    number: int
    age_group: AgeGroup
    age: int
    disability: Disability
    environment: Environment
    race: Race
    sex: Sex


def children_of(fitted: Fit, seed: int) -> list[Child]:
    """Every child of the tables. The same tables and seed give the same list.

    The list is ordered by age group, disability and environment. Within one disability and environment, the
    seed decides which race and sex gets which age: no published cell joins them.
    """
    kinds = (kind for tables in fitted.tables for kind in _kinds(tables, seed))
    return [Child(number, *kind) for number, kind in enumerate(kinds, start=1)]


Value = TypeVar("Value")
_Kind = tuple[AgeGroup, int, Disability, Environment, Race, Sex]


def _kinds(tables: GroupTables, seed: int) -> Iterator[_Kind]:
    codes = GROUPS[tables.group]
    for (row, disability), (column, environment) in product(
        enumerate(DISABILITIES), enumerate(codes.environments)
    ):
        people = _each(tuple(product(RACES, SEXES)), tables.people[row, column].ravel())
        ages = _each(codes.ages, tables.ages[row, column])
        draw = random.Random(f"{seed}|{tables.group}|{disability}|{environment}")
        draw.shuffle(people)
        draw.shuffle(ages)
        for age, (race, sex) in zip(ages, people, strict=True):
            yield tables.group, age, disability, environment, race, sex


def _each(values: Sequence[Value], counts: Counts) -> list[Value]:
    """Each value, repeated by its count."""
    return [value for value, count in zip(values, counts.tolist(), strict=True) for _ in range(count)]


def count_cells(children: Iterable[Child]) -> Counter[CellKey]:
    """How many children each cell counts, for every cell with at least one child."""
    alike = Counter((c.age_group, c.age, c.disability, c.environment, c.race, c.sex) for c in children)
    counts: Counter[CellKey] = Counter()
    for kind, number in alike.items():
        for key in _keys(Child(0, *kind)):
            counts[key] += number
    return counts


def _keys(child: Child) -> Iterator[CellKey]:
    for disability, environment in product((None, child.disability), (None, child.environment)):
        for breakdown, value in _values(child):
            yield CellKey(child.age_group, disability, environment, breakdown, value)


def _values(child: Child) -> Iterator[tuple[Breakdown, str]]:
    yield from (("total", ""), ("age", str(child.age)), ("race", child.race), ("sex", child.sex))
    for band, ages in GROUPS[child.age_group].bands.items():
        if child.age in ages:
            yield "ageband", band
