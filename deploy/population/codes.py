"""The codes that a file of IDEA Section 618 cells may use: the federal (EDFacts) codes of the code lists.

The age groups are those in force through school year 2018-19 (EDFacts FS002 and FS089).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NewType, get_args

from contracts import codes

AgeGroup = NewType("AgeGroup", str)
Disability = NewType("Disability", str)
Environment = NewType("Environment", str)
Race = NewType("Race", str)
Sex = NewType("Sex", str)
AgeBand = NewType("AgeBand", str)
Breakdown = Literal["total", "age", "ageband", "race", "sex"]

BREAKDOWNS: Final[tuple[Breakdown, ...]] = get_args(Breakdown)

EARLY_CHILDHOOD: Final = AgeGroup("3-5")
SCHOOL_AGE: Final = AgeGroup("6-21")


@dataclass(frozen=True, slots=True)
class GroupCodes:
    """The codes that differ between the age groups."""

    ages: tuple[int, ...]
    bands: Mapping[AgeBand, tuple[int, ...]]
    environments: tuple[Environment, ...]


def _federal(names: codes.CodeList) -> list[str]:
    return sorted({code.edfacts for code in names.values() if code.edfacts})


def _environments(group: AgeGroup) -> tuple[Environment, ...]:
    of_group = (code for code in codes.ENVIRONMENTS.values() if code.more["age_group"] in ("", group))
    return tuple(Environment(code.edfacts) for code in of_group if code.edfacts)


DISABILITIES: Final = tuple(Disability(code) for code in _federal(codes.EXCEPTIONALITIES))
RACES: Final = tuple(Race(code) for code in _federal(codes.RACES))
SEXES: Final = tuple(Sex(code) for code in _federal(codes.SEXES))

GROUPS: Final[Mapping[AgeGroup, GroupCodes]] = {
    EARLY_CHILDHOOD: GroupCodes((3, 4, 5), {}, _environments(EARLY_CHILDHOOD)),
    SCHOOL_AGE: GroupCodes(
        tuple(range(6, 22)),
        {
            AgeBand("6-11"): tuple(range(6, 12)),
            AgeBand("12-17"): tuple(range(12, 18)),
            AgeBand("18-21"): tuple(range(18, 22)),
        },
        _environments(SCHOOL_AGE),
    ),
}

DECLARED_AGES: Final[Mapping[Disability, range]] = {
    Disability(code.edfacts): range(int(code.more["from_age"]), int(code.more["through_age"]) + 1)
    for code in codes.EXCEPTIONALITIES.values()
    if code.edfacts and code.more["from_age"]
}
"""The declared ages of a disability that has a limit: developmental delay, 3 to 8."""


def values_of(group: AgeGroup, breakdown: Breakdown) -> tuple[str, ...]:
    """The allowed values of a breakdown in an age group. The only value of `total` is blank."""
    of_group = GROUPS[group]
    values: Mapping[Breakdown, tuple[str, ...]] = {
        "total": ("",),
        "age": tuple(str(age) for age in of_group.ages),
        "ageband": tuple(of_group.bands),
        "race": RACES,
        "sex": SEXES,
    }
    return values[breakdown]
