"""A part of a population, and the published cells that it can be compared with."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from deploy.population.cells import CellKey, Cells
from deploy.population.children import Child
from deploy.population.codes import DISABILITIES, GROUPS, SCHOOL_AGE, AgeGroup, Disability
from deploy.population.pupils import Pupil


@dataclass(frozen=True, slots=True)
class Selection:
    """Children of these disabilities and age groups; everyone by default."""

    disabilities: frozenset[Disability] = frozenset(DISABILITIES)
    age_groups: frozenset[AgeGroup] = frozenset(GROUPS)

    def takes(self, child: Child) -> bool:
        return child.disability in self.disabilities and child.age_group in self.age_groups

    def covers(self, key: CellKey) -> bool:
        """Whether every child the cell counts is taken."""
        every = self.disabilities.issuperset(DISABILITIES)
        return key.age_group in self.age_groups and (every or key.disability in self.disabilities)


EVERYONE: Final = Selection()
RARER: Final = Selection(
    frozenset(Disability(code) for code in ("DB", "EMN", "HI", "MD", "OI", "TBI", "VI")),
    frozenset({SCHOOL_AGE}),
)
"""The rarer disabilities at school age: few enough children to watch them being counted."""


def chosen(pupils: Iterable[Pupil], selection: Selection) -> list[Pupil]:
    return [pupil for pupil in pupils if selection.takes(pupil.child)]


def published(cells: Cells, selection: Selection) -> Cells:
    """The cells that count children of the selection only; the others cannot be compared with it."""
    return Cells(tuple(cell for cell in cells if selection.covers(cell.key)), cells.path)
