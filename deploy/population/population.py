"""A whole population from published figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from deploy.population.cells import Cells
from deploy.population.children import children_of
from deploy.population.fit import fit
from deploy.population.leas import Lea
from deploy.population.pupils import Pupil, pupils_of
from deploy.population.unlikely import Concession

FIGURES: Final = Path(__file__).parent / "figures"
LOUISIANA_2017: Final = FIGURES / "idea618_louisiana_2017.csv"
LOUISIANA_LEAS: Final = FIGURES / "louisiana_leas.csv"
LOUISIANA_2017_AS_OF: Final = date(2017, 10, 1)
"""The day of Louisiana's child count of 2017."""


@dataclass(frozen=True, slots=True)
class Population:
    """Pupils whose cells on the day `as_of` are exactly the published ones, and the concessions that took."""

    as_of: date
    pupils: Sequence[Pupil]
    concessions: tuple[Concession, ...]


def populate(cells: Cells, leas: Sequence[Lea], as_of: date, seed: int = 1) -> Population:
    """The same population for the same arguments. Raises `CellsRefused` when the cells contradict each other.

    At least one of the school systems must have an enrolment. Select from what comes out rather than from the
    cells, so that a child is the same person in a part of the population as in the whole.
    """
    fitted = fit(cells)
    children = children_of(fitted, seed)
    return Population(as_of, pupils_of(children, leas, as_of, seed, cells.digest), fitted.concessions)
