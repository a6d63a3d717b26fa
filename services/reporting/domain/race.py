"""One race or ethnicity for each student, as the federal government counts it."""

from contracts.codes import RaceCode
from contracts.identity import Person

MISSING = "MISSING"
"""EDFacts' code for a missing value."""

_HISPANIC = "HI7"
_TWO_OR_MORE = "MU7"


def federal_race(person: Person) -> RaceCode:
    """Hispanic or Latino comes first. Else the one race, two or more races, or `MISSING`."""
    if person.hispanic or _HISPANIC in person.races:
        return _HISPANIC
    match tuple(dict.fromkeys(person.races)):
        case ():
            return MISSING
        case (race,):
            return race
        case _:
            return _TWO_OR_MORE
