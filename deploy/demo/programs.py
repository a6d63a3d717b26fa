"""What each disability calls for: the forms of an IEP and the services (`programs.toml`)."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from contracts.codes import EnvironmentCode, ServiceCode
from contracts.forms import (
    Accommodations,
    ExtendedSchoolYear,
    Form,
    GeneralInformation,
    InstructionalPlan,
    Placement,
    PlannedService,
    ProgramServices,
    Signatures,
    Transition,
)
from contracts.provision import Setting
from contracts.types import age_on
from deploy.demo.dates import HistoryDates

_PARTICIPANTS = ("parent", "special education teacher", "regular education teacher", "LEA representative")


@dataclass(frozen=True, slots=True)
class PlannedTerms:
    """A planned service: sessions a week, and minutes a session."""

    code: ServiceCode
    sessions: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Program:
    """The forms that are the same for every child of a disability, and the services it may call for."""

    general: GeneralInformation
    plans: tuple[InstructionalPlan, ...]
    accommodations: Accommodations
    services: tuple[PlannedTerms, ...]


def _program(found: dict[str, Any]) -> Program:
    return Program(
        general=GeneralInformation(
            participants=_PARTICIPANTS,
            strengths=found["strengths"],
            parent_concerns=found["concerns"],
            evaluation_results=found["results"],
            special_factors=found["special_factors"],
        ),
        plans=tuple(_plan(plan) for plan in found["plans"]),
        accommodations=Accommodations(accommodations=found["accommodations"]),
        services=tuple(PlannedTerms(**service) for service in found["services"]),
    )


def _plan(found: dict[str, Any]) -> InstructionalPlan:
    return InstructionalPlan(
        area=found["area"],
        present_level=found["present"],
        annual_goal=found["goal"],
        objectives=found["objectives"],
    )


_TEXTS = tomllib.loads(Path(__file__).with_name("programs.toml").read_text(encoding="utf-8"))
PROGRAMS = {disability: _program(found) for disability, found in _TEXTS.items()}
"""The program of each federal disability. `GFT` is the gifted program."""

CODES: dict[str, tuple[tuple[str, int], ...]] = {
    "EMN": (("ED", 1),),
    "HI": (("HH", 7), ("DEAF", 3)),
    "ID": (("IDM", 60), ("IDMO", 28), ("IDS", 9), ("IDP", 3)),
}
"""The exceptionality codes of a federal disability, with their proportions. Other disabilities have one."""

SETTINGS: dict[EnvironmentCode, Setting] = {
    "RC80": Setting.GENERAL,
    "RC79TO40": Setting.GENERAL,
    "REC10YSVCS": Setting.GENERAL,
    "REC09YSVCS": Setting.GENERAL,
    "HH": Setting.HOME,
    "H": Setting.HOME,
    "SPL": Setting.COMMUNITY,
    "CF": Setting.OTHER,
}
"""The setting of services by environment. In every other environment it is special education."""

SHARES: dict[EnvironmentCode, range] = {
    "RC80": range(80, 101),
    "RC79TO40": range(40, 80),
    "RC39": range(40),
    "SS": range(1),
    "RF": range(1),
    "HH": range(1),
}
"""The percentages of the day in the regular class that an environment allows, if it has a limit."""

JUSTIFICATIONS: dict[EnvironmentCode, str] = {
    "RC80": "With supports the student learns in the regular class for most of the day.",
    "RC79TO40": "Part of the day calls for instruction in a small group.",
    "RC39": "Most of the day calls for intensive instruction in a small group.",
    "SS": "The needs cannot be met on a regular campus, even with supplementary aids.",
    "RF": "The needs call for care and instruction around the clock.",
    "HH": "The physician has the student stay at home or in hospital.",
    "CF": "The student is in a correctional facility.",
    "PPPS": "The parents have placed the student in a private school; services are by services plan.",
    "SC": "A small class with intensive instruction is needed at this age.",
    "H": "Services are given at home.",
    "SPL": "Services are given where the provider is.",
}
"""Why the placement is the least restrictive one. A regular early childhood program has one text for all."""

REGULAR_EARLY_CHILDHOOD = "The child learns with others in a regular early childhood program."


_TRANSITION_AGE = 16
_YEAR = timedelta(days=366)

_TRANSITION = Transition(
    postsecondary_goals="After high school the student will train for a job and live independently.",
    courses_of_study="Courses toward a diploma, with a work-based learning course each year.",
    agencies=("Louisiana Rehabilitation Services",),
    student_invited=True,
)
"""Transition services: required if the student turns 16 during the IEP (LAC 28:XCVII.305.A.11)."""


def forms_of(
    program: Program,
    services: Sequence[PlannedTerms],
    environment: EnvironmentCode,
    birth_on: date,
    dates: HistoryDates,
    draw: Random,
) -> tuple[Form, ...]:
    """The forms of an IEP, filled in, in their order."""
    transition: Iterator[Form] = _transition(birth_on, dates)
    return (
        program.general,
        *program.plans,
        program.accommodations,
        *transition,
        ExtendedSchoolYear(screened_on=dates.met_on, eligible=False),
        ProgramServices(services=tuple(_planned(service, dates) for service in services)),
        _placement(environment, draw),
        Signatures(parent_signed_on=dates.met_on, lea_signed_on=dates.met_on),
    )


def _transition(birth_on: date, dates: HistoryDates) -> Iterator[Transition]:
    if age_on(birth_on, dates.begins_on + _YEAR) >= _TRANSITION_AGE:
        yield _TRANSITION


def _planned(service: PlannedTerms, dates: HistoryDates) -> PlannedService:
    return PlannedService(
        service_code=service.code,
        minutes_per_week=service.sessions * service.minutes,
        begin_on=dates.begins_on,
    )


def _placement(environment: EnvironmentCode, draw: Random) -> Placement:
    share = SHARES.get(environment)
    return Placement(
        environment=environment,
        percent_in_regular_class=draw.choice(share) if share else None,
        justification=JUSTIFICATIONS.get(environment, REGULAR_EARLY_CHILDHOOD),
    )
