"""Fitted tables as children, one by one."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

from deploy.population.codes import (
    DISABILITIES,
    GROUPS,
    RACES,
    SEXES,
    AgeGroup,
    Disability,
    Environment,
    Race,
    Sex,
)
from deploy.population.fit import Counts, Fit, GroupTables


@dataclass(frozen=True, slots=True)
class Child:
    """A child who does not exist. `number` counts from 1 through the whole population; `age` is in years."""

    number: int
    age_group: AgeGroup
    age: int
    disability: Disability
    environment: Environment
    race: Race
    sex: Sex


def children_of(fitted: Fit, seed: int) -> list[Child]:
    """Every child of the tables; the same list for the same tables and seed.

    They are ordered by age group, disability and environment. Which race and sex meets which age within a
    disability and environment is drawn by the seed: no published cell joins these.
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
    """Each value as many times as it counts."""
    return [value for value, count in zip(values, counts.tolist(), strict=True) for _ in range(count)]
