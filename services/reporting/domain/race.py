"""One race or ethnicity for each student, as the federal government counts it."""

from contracts.codes import RaceCode
from contracts.identity import Person

MISSING = "MISSING"
"""What EDFacts calls a value nobody has recorded."""

_HISPANIC = "HI7"
_TWO_OR_MORE = "MU7"


def federal_race(person: Person) -> RaceCode:
    """Hispanic or Latino whatever the races; else the one race, or two or more, or `MISSING`."""
    if person.hispanic or _HISPANIC in person.races:
        return _HISPANIC
    match tuple(dict.fromkeys(person.races)):
        case ():
            return MISSING
        case (race,):
            return race
        case _:
            return _TWO_OR_MORE
