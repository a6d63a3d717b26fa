"""Forms as long as the forms of a real IEP: about 39 KB of JSON. The words are made up."""

from collections.abc import Iterator
from datetime import date
from random import Random

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
            evaluation_results=_text(draw, 2900),
            special_factors=("communication", "assistive technology"),
        ),
        *(realistic_plan(draw, area) for area in AREAS),
        Accommodations(accommodations=tuple(_text(draw, 60) for _ in range(24))),
        Transition(
            postsecondary_goals=_text(draw, 1600),
            courses_of_study=_text(draw, 1200),
            agencies=("Louisiana Rehabilitation Services",),
            student_invited=True,
        ),
        ExtendedSchoolYear(screened_on=met_on, eligible=True, criterion="regression and recoupment"),
        ProgramServices(services=tuple(_services(begins_on))),
        Placement(environment="RC80", percent_in_regular_class=85, justification=_text(draw, 2600)),
        Signatures(parent_signed_on=met_on, lea_signed_on=met_on),
    )


def realistic_plan(draw: Random, area: str) -> InstructionalPlan:
    """The instructional plan of one area."""
    return InstructionalPlan(
        area=area,
        present_level=_text(draw, 2100),
        annual_goal=_text(draw, 500),
        objectives=tuple(_text(draw, 350) for _ in range(4)),
    )


def _services(begins_on: date) -> Iterator[PlannedService]:
    for code, minutes in (("SPI", 300), ("SPE", 60), ("OTH", 30), ("COU", 30)):
        yield PlannedService(service_code=code, minutes_per_week=minutes, begin_on=begins_on)


def _text(draw: Random, length: int) -> str:
    """Words until the text has about so many characters."""
    words: list[str] = []
    while length > 0:
        words.append(draw.choice(_WORDS))
        length -= len(words[-1]) + 1
    return " ".join(words).capitalize() + "."
