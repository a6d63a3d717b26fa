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
    AlternateAssessment,
    BreakScores,
    ExtendedSchoolYear,
    Form,
    GeneralInformation,
    GiftedTalented,
    GoalDomain,
    InstructionalPlan,
    InvitedAgency,
    Placement,
    PlannedService,
    PostsecondaryGoal,
    ProgramServices,
    ServicesPlan,
    Signatures,
    SpecialFactor,
    Transition,
    TransitionAssessment,
)
from contracts.ieps import PlanKind
from contracts.terms import Setting
from contracts.types import age_on
from deploy.demo.breaks import breaks_before
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
    gifted: GiftedTalented | None = None
    alternate_assessment: bool = False


def _program(found: dict[str, Any]) -> Program:
    return Program(
        general=GeneralInformation(
            participants=_PARTICIPANTS,
            strengths=found["strengths"],
            parent_concerns=found["concerns"],
            evaluation_results=found["results"],
            district_assessments="The scores of the last state and district assessments are in the report.",
            special_factors=tuple(SpecialFactor(**factor) for factor in found["special_factors"]),
        ),
        plans=tuple(_plan(plan) for plan in found["plans"]),
        accommodations=Accommodations(instruction=found["instruction"], assessment=found["assessment"]),
        services=tuple(PlannedTerms(**service) for service in found["services"]),
        gifted=GiftedTalented(**found["gifted"]) if "gifted" in found else None,
        alternate_assessment=found.get("alternate_assessment", False),
    )


def _plan(found: dict[str, Any]) -> InstructionalPlan:
    return InstructionalPlan(
        area=found["area"],
        present_level=found["present"],
        annual_goal=found["goal"],
        objectives=found["objectives"],
        progress_measured_by="Data of each session, charted every week",
        progress_reported="With each report card",
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
_TESTED_AGE = 8
_YEAR = timedelta(days=366)
_TWO_WEEKS = timedelta(days=14)

_SUMMER = 0.1
"""The probability that a student of school age is eligible for extended school year services."""
_SUMMER_FROM_AGE = 6
_SUMMER_AFTER, _SUMMER_LASTS = timedelta(days=250), timedelta(days=30)

_PRIVATE = "PPPS"

_GOALS = (
    (GoalDomain.EDUCATION, "Within a year of graduation the student will complete a course for a job."),
    (GoalDomain.EMPLOYMENT, "Within a year of graduation the student will work twenty hours a week for pay."),
)


def forms_of(
    program: Program,
    services: Sequence[PlannedTerms],
    environment: EnvironmentCode,
    birth_on: date,
    dates: HistoryDates,
    draw: Random,
) -> tuple[Form, ...]:
    """The forms of an IEP, filled in, in their order."""
    summer = age_on(birth_on, dates.met_on) >= _SUMMER_FROM_AGE and draw.random() < _SUMMER
    planned = [_planned(service, dates) for service in services]
    return (
        program.general,
        *program.plans,
        *([program.gifted] if program.gifted else []),
        *_assessment(program, birth_on, dates),
        *_transition(program, birth_on, dates),
        _summer_screening(dates, eligible=summer),
        ProgramServices(services=(*planned, *([_in_summer(planned[0], dates)] if summer else []))),
        _placement(environment, draw),
        *([_private(dates)] if environment == _PRIVATE else []),
        Signatures(parent_signed_on=dates.met_on, lea_signed_on=dates.met_on, parent_consents=True),
    )


def plan_kind_of(program: Program, environment: EnvironmentCode) -> PlanKind:
    """The kind of plan: by the placement in a private school, or by giftedness alone."""
    if program.gifted:
        return PlanKind.GIFTED
    return PlanKind.SERVICES_PLAN if environment == _PRIVATE else PlanKind.IEP


def _private(dates: HistoryDates) -> ServicesPlan:
    return ServicesPlan(
        private_school="The school that the parents chose",
        services="The services of the form Program/Services, at the private school.",
        consulted_on=dates.met_on,
    )


def _assessment(program: Program, birth_on: date, dates: HistoryDates) -> Iterator[Form]:
    """Accommodations; for some disabilities the alternate assessment from the third grade on."""
    if not program.alternate_assessment or age_on(birth_on, dates.met_on) < _TESTED_AGE:
        yield program.accommodations
        return
    yield program.accommodations.model_copy(update={"alternate_assessment": True})
    yield AlternateAssessment(
        significant_cognitive_disability=True,
        alternate_standards=True,
        extensive_supports=True,
        parent_informed_on=dates.met_on,
        explanation="The student learns by alternate standards, with help in every task.",
    )


def _transition(program: Program, birth_on: date, dates: HistoryDates) -> Iterator[Transition]:
    """Transition services: required if the student turns 16 during the IEP (LAC 28:XCVII.305.A.11)."""
    if age_on(birth_on, dates.begins_on + _YEAR) < _TRANSITION_AGE:
        return
    invited_on = dates.met_on - _TWO_WEEKS
    yield Transition(
        goals=tuple(PostsecondaryGoal(domain=domain, text=text, measurable=True) for domain, text in _GOALS),
        assessments=(TransitionAssessment(assessment="Interview about interests and skills", on=invited_on),),
        services=("Visits to work places", "Lessons in applying for a job"),
        courses_of_study="Courses toward a diploma, with a work-based learning course each year.",
        linked_goal_areas=tuple(plan.area for plan in program.plans),
        student_invited_on=invited_on,
        agency_likely=True,
        agencies=(InvitedAgency(agency="Louisiana Rehabilitation Services", invited_on=invited_on),),
        agency_consent_on=invited_on,
    )


def _summer_screening(dates: HistoryDates, *, eligible: bool) -> ExtendedSchoolYear:
    """Every student is screened. An eligible one lost skills after two breaks."""
    if not eligible:
        return ExtendedSchoolYear(screened_on=dates.met_on, eligible=False)
    breaks = tuple(
        BreakScores(break_began_on=began_on, break_ended_on=ended_on, before=(72, 78), after=(60, 64))
        for began_on, ended_on in breaks_before(dates.met_on)
    )
    return ExtendedSchoolYear(
        screened_on=dates.met_on,
        eligible=True,
        criterion="regression-recoupment",
        breaks=breaks,
        decided_on=dates.met_on,
        parent_notified_on=dates.met_on,
    )


def _planned(service: PlannedTerms, dates: HistoryDates) -> PlannedService:
    return PlannedService(
        service_code=service.code,
        begin_on=dates.begins_on,
        sessions=service.sessions,
        minutes_per_session=service.minutes,
    )


def _in_summer(service: PlannedService, dates: HistoryDates) -> PlannedService:
    begin_on = dates.begins_on + _SUMMER_AFTER
    more = {"begin_on": begin_on, "end_on": begin_on + _SUMMER_LASTS, "extended_school_year": True}
    return service.model_copy(update=more)


def _placement(environment: EnvironmentCode, draw: Random) -> Placement:
    share = SHARES.get(environment)
    return Placement(
        environment=environment,
        percent_in_regular_class=draw.choice(share) if share else None,
        justification=JUSTIFICATIONS.get(environment, REGULAR_EARLY_CHILDHOOD),
    )
