"""Forms as long as the forms of a real IEP: about 39 KB of JSON. The words are made up."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from contracts.forms import (
    Accommodations,
    AlternateAssessment,
    BreakScores,
    ExtendedSchoolYear,
    Form,
    GeneralInformation,
    GiftedTalented,
    GoalDomain,
    Graduation,
    InstructionalPlan,
    InvitedAgency,
    Placement,
    PlannedService,
    PostsecondaryGoal,
    ProgramServices,
    ServicesPlan,
    Signatures,
    SiteDetermination,
    SpecialFactor,
    Transition,
    TransitionAssessment,
)

AREAS = ("Reading", "Written expression", "Mathematics", "Communication", "Social skills", "Daily living")

_VOCABULARY = (
    "the student reads writes solves explains answers listens attends completes begins organizes compares"
    " identifies sequences retells requests initiates maintains transitions participates demonstrates with"
    " without after before during across within grade-level independently prompting support visual verbal"
    " schedule checklist passage paragraph sentence fluency comprehension decoding vocabulary computation"
    " fraction measurement articulation conversation peer adult teacher parent classroom hallway cafeteria"
    " assignment assessment evaluation observation baseline progress accuracy trials sessions consecutive"
    " weekly daily minutes percent standard score range average below expected appropriate consistent"
    " strategy behavior attention frustration break sensory motor fine gross adaptive technology device"
    " accommodation modification small group instruction extended time separate setting and or to of in for"
)
_WORDS = tuple(_VOCABULARY.split())


def realistic_forms(draw: Random, met_on: date, begins_on: date) -> tuple[Form, ...]:
    """Every form of an IEP of a student from 6 through 21, complete and signed."""
    return (
        GeneralInformation(
            participants=("parent", "special education teacher", "regular education teacher", "evaluator"),
            strengths=_text(draw, 1600),
            parent_concerns=_text(draw, 1600),
            evaluation_results=_text(draw, 1400),
            district_assessments=_text(draw, 400),
            special_factors=(
                SpecialFactor(factor="communication", plan=_text(draw, 300)),
                SpecialFactor(factor="assistive technology", plan=_text(draw, 300)),
            ),
        ),
        *(realistic_plan(draw, area) for area in AREAS),
        Accommodations(
            instruction=tuple(_text(draw, 60) for _ in range(14)),
            assessment=tuple(_text(draw, 60) for _ in range(8)),
            personnel_supports=tuple(_text(draw, 60) for _ in range(2)),
        ),
        _transition(draw, met_on),
        _summer(draw, met_on),
        ProgramServices(services=tuple(_services(begins_on))),
        Placement(environment="RC80", percent_in_regular_class=85, justification=_text(draw, 1000)),
        Signatures(parent_signed_on=met_on, lea_signed_on=met_on, parent_consents=True),
    )


def every_form(draw: Random, met_on: date, begins_on: date, plans: int) -> tuple[Form, ...]:
    """Every form there is but that of amendments, with so many instructional plans."""
    more = tuple(realistic_plan(draw, f"Area {number}") for number in range(plans - len(AREAS)))
    return (
        *realistic_forms(draw, met_on, begins_on),
        *more,
        GiftedTalented(
            areas=("music",), strengths=_text(draw, 300), services=_text(draw, 300), goals=(_text(draw, 300),)
        ),
        AlternateAssessment(
            significant_cognitive_disability=True,
            alternate_standards=True,
            extensive_supports=True,
            parent_informed_on=met_on,
            explanation=_text(draw, 600),
        ),
        Graduation(
            diploma_pathway="career diploma",
            expected_on=begins_on,
            adjustments=(_text(draw, 60),),
            reason=_text(draw, 300),
        ),
        SiteDetermination(school="017002", reason=_text(draw, 300), transportation=False),
        ServicesPlan(private_school="a school", services=_text(draw, 300), consulted_on=met_on),
    )


def realistic_plan(draw: Random, area: str) -> InstructionalPlan:
    """The instructional plan of one area."""
    return InstructionalPlan(
        area=area,
        present_level=_text(draw, 2100),
        annual_goal=_text(draw, 500),
        objectives=tuple(_text(draw, 350) for _ in range(4)),
        progress_measured_by=_text(draw, 60),
        progress_reported="with each report card",
    )


def _transition(draw: Random, met_on: date) -> Transition:
    return Transition(
        goals=tuple(
            PostsecondaryGoal(domain=domain, text=_text(draw, 350), measurable=True) for domain in GoalDomain
        ),
        assessments=tuple(
            TransitionAssessment(assessment=_text(draw, 40), on=met_on - timedelta(days=30 + n))
            for n in range(3)
        ),
        services=tuple(_text(draw, 80) for _ in range(4)),
        courses_of_study=_text(draw, 700),
        linked_goal_areas=AREAS[:2],
        student_invited_on=met_on - timedelta(days=14),
        agency_likely=True,
        agencies=(
            InvitedAgency(agency="Louisiana Rehabilitation Services", invited_on=met_on - timedelta(days=14)),
        ),
        agency_consent_on=met_on - timedelta(days=20),
    )


def _summer(draw: Random, met_on: date) -> ExtendedSchoolYear:
    """Two breaks after which the highest score is lower than before."""
    breaks = tuple(
        BreakScores(
            break_began_on=met_on - timedelta(days=days),
            break_ended_on=met_on - timedelta(days=days - 9),
            before=(72, 78),
            after=(60, 64),
        )
        for days in (250, 130)
    )
    return ExtendedSchoolYear(
        screened_on=met_on,
        eligible=True,
        criterion="regression-recoupment",
        breaks=breaks,
        evidence=_text(draw, 300),
        decided_on=met_on,
        parent_notified_on=met_on,
    )


def _services(begins_on: date) -> Iterator[PlannedService]:
    for code, sessions in (("SPI", 10), ("SPE", 2), ("OTH", 1), ("COU", 1)):
        yield PlannedService(service_code=code, begin_on=begins_on, sessions=sessions, minutes_per_session=30)
    summer = begins_on + timedelta(days=250)
    yield PlannedService(
        service_code="SPI",
        begin_on=summer,
        end_on=summer + timedelta(days=40),
        sessions=4,
        minutes_per_session=60,
        extended_school_year=True,
    )


def _text(draw: Random, length: int) -> str:
    """Words until the text has about so many characters."""
    words: list[str] = []
    while length > 0:
        words.append(draw.choice(_WORDS))
        length -= len(words[-1]) + 1
    return " ".join(words).capitalize() + "."
