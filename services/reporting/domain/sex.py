"""The sex of each student, as the federal government counts it."""

from contracts.codes import SEXES
from contracts.identity import Person
from services.reporting.domain.race import MISSING


def federal_sex(person: Person) -> str:
    """F or M; `MISSING` for anything else that eScholar sent, and if it sent nothing."""
    return person.sex if person.sex and person.sex in SEXES else MISSING
