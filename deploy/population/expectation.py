"""Estimates how many children of each kind to expect, and finds the kinds that are unlikely.

The estimate is iterative proportional fitting, also called raking: a table is scaled again and again to each
kind of published margin. It ends as fractions that are close to the cells, not equal to them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from deploy.population.cells import Cell, CellKey
from deploy.population.codes import (
    DECLARED_AGES,
    DISABILITIES,
    GROUPS,
    AgeGroup,
    Breakdown,
    Disability,
    values_of,
)
from deploy.population.unknowns import Columns, Marks, Numbers, Unknowns


@dataclass(frozen=True)
class Unlikely:
    """A reason why children are unlikely, and the columns that count them, each child once."""

    reason: str
    columns: Columns


@dataclass(frozen=True, slots=True)
class Concession:
    """Unlikely children whom the cells need."""

    age_group: AgeGroup
    reason: str
    children: int

    def __str__(self) -> str:
        return f"ages {self.age_group}: {self.children:,} children {self.reason}; the cells need them"


def find_unlikely(unknowns: Unknowns, cells: Iterable[Cell]) -> list[Unlikely]:
    """Two kinds: a disability outside its declared ages, and a code that no cell of the age group names.

    In the published files, a disability without a cell in an age group has no children there (for example,
    no specific learning disability under 6). If no cell names any disability, all are equally likely.
    """
    keys = [cell.key for cell in cells]
    environments = GROUPS[unknowns.group].environments
    return [
        *(_undeclared(unknowns, disability) for disability in DECLARED_AGES),
        *_unnamed(unknowns.people, DISABILITIES, {key.disability for key in keys if key.disability}),
        *_unnamed(
            unknowns.people.swapaxes(0, 1), environments, {k.environment for k in keys if k.environment}
        ),
    ]


def mark_unlikely(unknowns: Unknowns, unlikely: Iterable[Unlikely]) -> Marks:
    """The columns that are unlikely for any reason."""
    marked = np.zeros(unknowns.size, dtype=np.bool_)
    for one in unlikely:
        marked[one.columns] = True
    return marked


def count_concessions(unknowns: Unknowns, unlikely: Iterable[Unlikely], values: Numbers) -> list[Concession]:
    counted = [(one.reason, int(values[one.columns].sum())) for one in unlikely]
    return [Concession(unknowns.group, reason, children) for reason, children in counted if children]


def _undeclared(unknowns: Unknowns, disability: Disability) -> Unlikely:
    declared = DECLARED_AGES[disability]
    outside = np.array([age not in declared for age in GROUPS[unknowns.group].ages])
    reason = f"count under {disability} outside ages {declared[0]} to {declared[-1]}"
    return Unlikely(reason, unknowns.ages[DISABILITIES.index(disability)].compress(outside, axis=1).ravel())


def _unnamed(table: Columns, codes: Sequence[str], named: Collection[str]) -> list[Unlikely]:
    """`table` has the codes along its first dimension."""
    if not named:
        return []
    return [
        Unlikely(f"have {code}, which no cell names", table[number].ravel())
        for number, code in enumerate(codes)
        if code not in named
    ]


ROUNDS: Final = 200
"""With 200 rounds, nearly every cell of the published state file is within one child. More change little."""
CLOSE: Final = 0.01
"""Raking stops early if every margin is within this many children."""


@dataclass
class _Tables:
    people: Numbers
    ages: Numbers
    bands: Numbers
    """Which ages (rows) are in which band (columns): 1 or 0."""


@dataclass(frozen=True)
class _Margin:
    """Every published cell of one form, such as environment × race. NaN: no cell was published."""

    breakdown: Breakdown
    axes: tuple[int, ...]
    """Dimensions (0 disability, 1 environment) over which the cells are summed."""
    counts: Numbers


def estimate_children(unknowns: Unknowns, cells: Iterable[Cell], start: Numbers) -> Numbers:
    """The expected children in each column. A column that is 0 in `start` stays 0."""
    people, ages = unknowns.split(start)
    tables = _Tables(people / people[0, 0].size, ages / ages[0, 0].size, _bands(unknowns))
    _agree(tables, tables.people.sum((2, 3)), tables.ages.sum(2))
    margins = _margins(unknowns, cells)
    for _ in range(ROUNDS):
        if max([_scale(tables, margin) for margin in margins], default=0.0) < CLOSE:
            break
    return np.concatenate([tables.people.ravel(), tables.ages.ravel()])


def _bands(unknowns: Unknowns) -> Numbers:
    codes = GROUPS[unknowns.group]
    bands = [[float(age in band) for band in codes.bands.values()] for age in codes.ages]
    return np.array(bands).reshape(len(codes.ages), len(codes.bands))


def _margins(unknowns: Unknowns, cells: Iterable[Cell]) -> list[_Margin]:
    margins: dict[tuple[bool, bool, Breakdown], _Margin] = {}
    for cell in cells:
        key = cell.key
        form = (key.disability is None, key.environment is None, key.breakdown)
        margin = margins.setdefault(form, _empty_margin(unknowns, *form))
        margin.counts[_place(unknowns, key)] = cell.children
    return list(margins.values())


def _empty_margin(
    unknowns: Unknowns, all_disabilities: bool, all_environments: bool, breakdown: Breakdown
) -> _Margin:
    shape = (
        1 if all_disabilities else unknowns.people.shape[0],
        1 if all_environments else unknowns.people.shape[1],
        len(values_of(unknowns.group, breakdown)),
    )
    axes = tuple(axis for axis, summed in enumerate((all_disabilities, all_environments)) if summed)
    return _Margin(breakdown, axes, np.full(shape, np.nan))


def _place(unknowns: Unknowns, key: CellKey) -> tuple[int, int, int]:
    return (
        0 if key.disability is None else DISABILITIES.index(key.disability),
        0 if key.environment is None else GROUPS[unknowns.group].environments.index(key.environment),
        values_of(unknowns.group, key.breakdown).index(key.value),
    )


def _scale(tables: _Tables, margin: _Margin) -> float:
    """Scales the tables to a margin. Returns the largest difference before that, in children."""
    current = _counted(tables, margin.breakdown)
    if margin.axes:
        current = current.sum(margin.axes, keepdims=True)
    published = ~np.isnan(margin.counts)
    factors = np.where(published, _ratio(margin.counts, current), 1.0)
    _multiply(tables, margin.breakdown, factors)
    return float(np.abs(margin.counts - current)[published].max())


def _counted(tables: _Tables, breakdown: Breakdown) -> Numbers:
    counted: Numbers
    match breakdown:
        case "total":
            counted = tables.people.sum((2, 3))[..., None]
        case "race":
            counted = tables.people.sum(3)
        case "sex":
            counted = tables.people.sum(2)
        case "age":
            counted = tables.ages
        case "ageband":
            counted = tables.ages @ tables.bands
    return counted


def _multiply(tables: _Tables, breakdown: Breakdown, factors: Numbers) -> None:
    match breakdown:
        case "total":
            tables.people *= factors[..., None]
            tables.ages *= factors
        case "race":
            tables.people *= factors[..., None]
        case "sex":
            tables.people *= factors[..., None, :]
        case "age":
            tables.ages *= factors
        case "ageband":
            # An age in no band keeps its factor of 1.
            tables.ages *= (factors - 1.0) @ tables.bands.T + 1.0
    by_people, by_age = tables.people.sum((2, 3)), tables.ages.sum(2)
    if breakdown in ("race", "sex"):
        _agree(tables, by_people, by_age)
    elif breakdown != "total":
        _agree(tables, by_people, by_age, people_follow=True)


def _agree(tables: _Tables, by_people: Numbers, by_age: Numbers, people_follow: bool = False) -> None:
    """Gives both tables the same children in each disability × environment. One table follows the other."""
    if people_follow:
        tables.people *= _ratio(by_age, by_people)[..., None, None]
        tables.ages *= (by_people > 0)[..., None]
    else:
        tables.ages *= _ratio(by_people, by_age)[..., None]
        tables.people *= (by_age > 0)[..., None, None]


def _ratio(wanted: Numbers, current: Numbers) -> Numbers:
    nothing = np.zeros(np.broadcast_shapes(wanted.shape, current.shape))
    return np.divide(wanted, current, out=nothing, where=current > 0)
