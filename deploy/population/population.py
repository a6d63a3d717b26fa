"""Makes a population from published figures, and selects a part of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from deploy.population.cells import CellKey, Cells
from deploy.population.children import Child, children_of
from deploy.population.codes import DISABILITIES, GROUPS, SCHOOL_AGE, AgeGroup, Disability
from deploy.population.expectation import Concession
from deploy.population.fit import fit
from deploy.population.leas import Lea
from deploy.population.pupils import Pupil, pupils_of


@dataclass(frozen=True, slots=True)
class Selection:
    """The children with these disabilities and age groups. The default is all children."""

    disabilities: frozenset[Disability] = frozenset(DISABILITIES)
    age_groups: frozenset[AgeGroup] = frozenset(GROUPS)

    def takes(self, child: Child) -> bool:
        return child.disability in self.disabilities and child.age_group in self.age_groups

    def covers(self, key: CellKey) -> bool:
        """Whether the selection takes every child that the cell counts."""
        every = self.disabilities.issuperset(DISABILITIES)
        return key.age_group in self.age_groups and (every or key.disability in self.disabilities)


EVERYONE: Final = Selection()
RARER: Final = Selection(
    frozenset(Disability(code) for code in ("DB", "EMN", "HI", "MD", "OI", "TBI", "VI")),
    frozenset({SCHOOL_AGE}),
)
"""The rarer disabilities at school age: few enough children for a demonstration of a minute."""


def select_pupils(pupils: Iterable[Pupil], selection: Selection) -> list[Pupil]:
    return [pupil for pupil in pupils if selection.takes(pupil.child)]


def select_cells(cells: Cells, selection: Selection) -> Cells:
    """The cells that count only children of the selection. Other cells cannot be compared with it."""
    return Cells(tuple(cell for cell in cells if selection.covers(cell.key)), cells.path)


FIGURES: Final = Path(__file__).parent / "figures"
LOUISIANA_2017: Final = FIGURES / "idea618_louisiana_2017.csv"
LOUISIANA_LEAS: Final = FIGURES / "louisiana_leas.csv"
LOUISIANA_2017_AS_OF: Final = date(2017, 10, 1)
"""The day of Louisiana's child count of 2017."""


@dataclass(frozen=True, slots=True)
class Population:
    """Pupils whose counts on the day `as_of` equal the published ones, and the concessions this needed."""

    as_of: date
    pupils: Sequence[Pupil]
    concessions: tuple[Concession, ...]


def populate(cells: Cells, leas: Sequence[Lea], as_of: date, seed: int = 1) -> Population:
    """A population for the cells. The same arguments give the same population.

    Raises `CellsRefused` if the cells contradict each other. At least one school system needs an enrolment.
    Select from the population, not from the cells: then a child is the same person in every selection.
    """
    fitted = fit(cells)
    children = children_of(fitted, seed)
    return Population(as_of, pupils_of(children, leas, as_of, seed, cells.digest), fitted.concessions)
