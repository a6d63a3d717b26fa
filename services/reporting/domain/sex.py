"""The sex of each student, as the federal government counts it."""

from contracts.codes import SEXES
from contracts.identity import Person
from services.reporting.domain.race import MISSING


def federal_sex(person: Person) -> str:
    """F or M. `MISSING`: eScholar sent another value or none."""
    return person.sex if person.sex and person.sex in SEXES else MISSING
