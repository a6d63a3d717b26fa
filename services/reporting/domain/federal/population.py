"""The students of a federal file, before they are placed in the units of a level."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from contracts.errors import Finding, Rule
from services.reporting.domain.federal.rows import Tallies, Unit

_STATE = Unit()


@dataclass(frozen=True, slots=True)
class Population:
    """The students of a file as of a day.

    `not_counted`: all other considered students, by reason. `files`, `counted`: two numbers that must be
    equal: of the children of both files of the child count, and of the count; of exits with a row, and of all
    counted ones. `unit`: the state, or an LEA if they are only its own. `ungraded`: students without a grade
    on the day. `remarks`: what is odd about them.
    """

    as_of: date
    tallies: Tallies
    not_counted: Mapping[Rule, int]
    files: int
    counted: int
    unit: Unit = _STATE
    ungraded: int = 0
    remarks: tuple[Finding, ...] = ()
