"""The forms of a child's IEP, all that are required and filled in."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from contracts.codes import EnvironmentCode
from contracts.forms import (
    ExtendedSchoolYear,
    Form,
    Placement,
    PlannedService,
    ProgramServices,
    Signatures,
    Transition,
)
from contracts.types import age_on
from deploy.demo.days import Days
from deploy.demo.program import JUSTIFICATIONS, REGULAR_EARLY_CHILDHOOD, SHARES, PlannedTerms, Program

_TRANSITION_AGE = 16
_YEAR = timedelta(days=366)

_TRANSITION = Transition(
    postsecondary_goals="After high school the student will train for a job and live independently.",
    courses_of_study="Courses toward a diploma, with a work-based learning course each year.",
    agencies=("Louisiana Rehabilitation Services",),
    student_invited=True,
)
"""Transition services, needed if the student turns 16 while the IEP is in effect (LAC 28:XCVII.305.A.11)."""


def forms_of(
    program: Program,
    services: Sequence[PlannedTerms],
    environment: EnvironmentCode,
    birth_on: date,
    days: Days,
    draw: Random,
) -> tuple[Form, ...]:
    """The forms, in the order of the IEP."""
    transition: Iterator[Form] = _transition(birth_on, days)
    return (
        program.general,
        *program.plans,
        program.accommodations,
        *transition,
        ExtendedSchoolYear(screened_on=days.met_on, eligible=False),
        ProgramServices(services=tuple(_planned(service, days) for service in services)),
        _placement(environment, draw),
        Signatures(parent_signed_on=days.met_on, lea_signed_on=days.met_on),
    )


def _transition(birth_on: date, days: Days) -> Iterator[Transition]:
    if age_on(birth_on, days.begins_on + _YEAR) >= _TRANSITION_AGE:
        yield _TRANSITION


def _planned(service: PlannedTerms, days: Days) -> PlannedService:
    return PlannedService(
        service_code=service.code,
        minutes_per_week=service.sessions * service.minutes,
        begin_on=days.begins_on,
    )


def _placement(environment: EnvironmentCode, draw: Random) -> Placement:
    share = SHARES.get(environment)
    return Placement(
        environment=environment,
        percent_in_regular_class=draw.choice(share) if share else None,
        justification=JUSTIFICATIONS.get(environment, REGULAR_EARLY_CHILDHOOD),
    )
