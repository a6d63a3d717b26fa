"""The analyses of disproportionality: each an outcome, and the children among whom it is counted.

34 CFR 300.647(b)(3)-(4). Removals for discipline are not in SER, so its five analyses are not here.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from contracts.codes import RACES
from services.reporting.domain.disproportionality import Numbers

ALL_DISABILITIES = "all disabilities"
_LEAST_PLACED_AGE = 6


class Base(StrEnum):
    """Among whom an outcome is counted."""

    ENROLLED = "enrolled children"
    WITH_DISABILITIES = "children with disabilities"


class Placement(StrEnum):
    """A placement of ages 6 through 21 that is analysed."""

    UNDER_40 = "regular class under 40 %"
    SEPARATE = "separate school or residential"


@dataclass(frozen=True, slots=True)
class Analysis:
    """An outcome by its name: a disability, all disabilities, or a placement."""

    name: str
    base: Base


IDENTIFICATION = tuple(
    Analysis(name, Base.ENROLLED) for name in (ALL_DISABILITIES, "ID", "SLD", "EMN", "SLI", "OHI", "AUT")
)
PLACEMENT = tuple(Analysis(str(name), Base.WITH_DISABILITIES) for name in Placement)
ANALYSES = (*IDENTIFICATION, *PLACEMENT)

_PLACES = {"RC39": Placement.UNDER_40, "SS": Placement.SEPARATE, "RF": Placement.SEPARATE}


class Group(NamedTuple):
    """The children of one race, LEA, disability and placement. `placed`: of ages 6 through 21."""

    lea: str
    race: str
    disability: str
    placement: str | None
    placed: bool


def placement_of(environment: str, years: int) -> Placement | None:
    """The analysed placement of a child. None: of another environment, or younger than six."""
    return _PLACES.get(environment) if is_placed(years) else None


def is_placed(years: int) -> bool:
    """Whether a child is of the ages of the placements."""
    return years >= _LEAST_PLACED_AGE


def outcomes(groups: Iterable[tuple[Group, int]]) -> Mapping[tuple[str, str, str], int]:
    """The number of children by LEA, race and the name of an analysis; under `Base`, of all of its base."""
    found: Counter[tuple[str, str, str]] = Counter()
    for group, children in groups:
        for name in _names(group):
            found[group.lea, group.race, name] += children
    return found


def _names(group: Group) -> Iterator[str]:
    yield ALL_DISABILITIES
    yield group.disability
    if group.placement:
        yield group.placement
    if group.placed:
        yield Base.WITH_DISABILITIES


def numbers_of(
    analysis: Analysis,
    lea: str,
    counted: Mapping[tuple[str, str, str], int],
    enrolment: Mapping[tuple[str, str], int] | None,
) -> Mapping[str, Numbers]:
    """The numbers of each race of an LEA. `enrolment` None: nobody has loaded it."""
    return {
        race: Numbers(
            counted.get((lea, race, analysis.name), 0), _base(analysis, lea, race, counted, enrolment)
        )
        for race in RACES
    }


def _base(
    analysis: Analysis,
    lea: str,
    race: str,
    counted: Mapping[tuple[str, str, str], int],
    enrolment: Mapping[tuple[str, str], int] | None,
) -> int | None:
    if analysis.base is Base.WITH_DISABILITIES:
        return counted.get((lea, race, Base.WITH_DISABILITIES), 0)
    return enrolment.get((lea, race)) if enrolment is not None else None


class Thresholds(NamedTuple):
    """The ratio above which a group of an LEA is significant. `by_name`: of one analysis, before `usual`."""

    usual: Fraction
    by_name: Mapping[str, Fraction]

    def of(self, analysis: Analysis) -> Fraction:
        """The threshold of an analysis."""
        return self.by_name.get(analysis.name, self.usual)


def read_thresholds(usual: str, others: str) -> Thresholds:
    """Thresholds as people write them: `3.0`, and `ID=2.5, AUT=3.5`. ValueError: an unknown analysis."""
    pairs = (part.split("=", 1) for part in others.split(",") if part.strip())
    by_name = {name.strip(): Fraction(value.strip()) for name, value in pairs}
    unknown = by_name.keys() - {analysis.name for analysis in ANALYSES}
    if unknown:
        raise ValueError(f"no analysis is called {', '.join(sorted(unknown))}")
    return Thresholds(Fraction(usual), by_name)
