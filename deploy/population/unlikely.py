"""Children whom the cells may imply but nobody expects: counted only where the cells leave no other way."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from deploy.population.cells import Cell
from deploy.population.codes import DECLARED_AGES, DISABILITIES, GROUPS, AgeGroup, Disability
from deploy.population.frame import Columns, Frame, Marks, Numbers


@dataclass(frozen=True)
class Unlikely:
    """One reason to be unlikely, and the unknowns that count the children concerned, each child once."""

    reason: str
    columns: Columns


@dataclass(frozen=True, slots=True)
class Concession:
    """Unlikely children who had to be there for the cells to be true."""

    age_group: AgeGroup
    reason: str
    children: int

    def __str__(self) -> str:
        return f"ages {self.age_group}: {self.children:,} children {self.reason}; the cells demand it"


def unlikely_in(frame: Frame, cells: Iterable[Cell]) -> list[Unlikely]:
    """A disability outside the ages it is declared for, and codes that no cell of the age group names.

    In the published files a disability without any cell in an age group has no children there (no specific
    learning disability under 6). Where no cell names a disability at all, each is as likely as the others.
    """
    keys = [cell.key for cell in cells]
    environments = GROUPS[frame.group].environments
    return [
        *(_undeclared(frame, disability) for disability in DECLARED_AGES),
        *_unnamed(frame.people, DISABILITIES, {key.disability for key in keys if key.disability}),
        *_unnamed(frame.people.swapaxes(0, 1), environments, {k.environment for k in keys if k.environment}),
    ]


def marks(frame: Frame, unlikely: Iterable[Unlikely]) -> Marks:
    """Which columns of the frame are unlikely for any reason."""
    marked = np.zeros(frame.size, dtype=np.bool_)
    for one in unlikely:
        marked[one.columns] = True
    return marked


def concessions(frame: Frame, unlikely: Iterable[Unlikely], values: Numbers) -> list[Concession]:
    counted = [(one.reason, int(values[one.columns].sum())) for one in unlikely]
    return [Concession(frame.group, reason, children) for reason, children in counted if children]


def _undeclared(frame: Frame, disability: Disability) -> Unlikely:
    declared = DECLARED_AGES[disability]
    outside = np.array([age not in declared for age in GROUPS[frame.group].ages])
    reason = f"count under {disability} outside ages {declared[0]} to {declared[-1]}"
    return Unlikely(reason, frame.ages[DISABILITIES.index(disability)].compress(outside, axis=1).ravel())


def _unnamed(table: Columns, codes: Sequence[str], named: Collection[str]) -> list[Unlikely]:
    """`table` has the codes along its first dimension."""
    if not named:
        return []
    return [
        Unlikely(f"have {code}, which no cell names", table[number].ravel())
        for number, code in enumerate(codes)
        if code not in named
    ]
