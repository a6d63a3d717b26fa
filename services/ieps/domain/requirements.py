"""What each form must contain (LAC 28:XCVII.303 and 305)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from contracts.codes import SERVICES
from contracts.errors import Finding, Rule
from contracts.forms import (
    Accommodations,
    AmendmentForm,
    ExtendedSchoolYear,
    Form,
    GeneralInformation,
    InstructionalPlan,
    Placement,
    ProgramServices,
    Signatures,
    SiteDetermination,
    Transition,
)
from contracts.ieps import IEP
from services.ieps.domain import form_rules, iep_rules
from services.ieps.domain.forms import name_of
from services.ieps.domain.placement import misplaced


@dataclass(frozen=True, slots=True)
class Case:
    """What the checks of a form need: birth date, IEP, its year, and whether it brings the first services.

    The year begins with the first IEP of the line. An amendment does not begin another year.
    """

    birth_on: date
    iep: IEP
    year_began: date
    last_day: date
    first_provision: bool


def judge(form: Form, case: Case) -> Iterator[Finding]:  # noqa: C901 - one case a form, no more
    """The errors and the warnings of one form."""
    match form:
        case GeneralInformation():
            yield from _general(form)
        case InstructionalPlan():
            yield from _instructional_plan(form)
        case Accommodations():
            yield from _accommodations(form)
        case Transition():
            yield from _transition(form)
        case ExtendedSchoolYear():
            yield from _extended_school_year(form)
        case ProgramServices():
            yield from _program_services(form, case)
        case Placement():
            yield from _placement(form, case)
        case SiteDetermination():
            yield from _lacks(form, reason="the reason")
        case Signatures():
            yield from _signatures(form, case)
        case AmendmentForm():
            return
        case _:
            assert_never(form)


def _lacks(form: Form, rule: Rule = form_rules.CONTENT_MISSING, **contents: str) -> Iterator[Finding]:
    for field, content in contents.items():
        if getattr(form, field) in (None, "", ()):
            yield rule.broken(at=_at(form, field), form=name_of(form), content=content)


def _at(form: Form, field: str) -> str:
    return f"forms.{name_of(form)}.{field}"


def _general(form: GeneralInformation) -> Iterator[Finding]:
    yield from _lacks(
        form,
        participants="the participants of the meeting",
        strengths="the student's strengths",
        parent_concerns="the parent's concerns",
        evaluation_results="the results of the evaluation",
    )


def _instructional_plan(form: InstructionalPlan) -> Iterator[Finding]:
    yield from _lacks(form, present_level="the present level", annual_goal="the measurable annual goal")
    yield from _lacks(form, form_rules.CONTENT_ADVISED, objectives="objectives or benchmarks")


def _accommodations(form: Accommodations) -> Iterator[Finding]:
    if form.none_needed == bool(form.accommodations):
        yield form_rules.ACCOMMODATIONS_UNDECIDED.broken(at=_at(form, "none_needed"))


def _transition(form: Transition) -> Iterator[Finding]:
    yield from _lacks(
        form, postsecondary_goals="the postsecondary goals", courses_of_study="the courses of study"
    )
    if not form.student_invited:
        yield form_rules.CONTENT_ADVISED.broken(
            at=_at(form, "student_invited"), form=form.form, content="an invitation of the student"
        )


def _extended_school_year(form: ExtendedSchoolYear) -> Iterator[Finding]:
    yield from _lacks(form, screened_on="the date of screening", eligible="the decision on eligibility")
    if form.eligible:
        yield from _lacks(form, criterion="the criterion of eligibility")


def _program_services(form: ProgramServices, case: Case) -> Iterator[Finding]:
    yield from _lacks(form, services="at least one service")
    for service in form.services:
        if not case.year_began <= service.begin_on <= case.last_day:
            yield form_rules.SERVICE_OUTSIDE_YEAR.broken(
                at=_at(form, "services"),
                service=SERVICES.label(service.service_code),
                day=service.begin_on,
                first=case.year_began,
                last=case.last_day,
            )


def _placement(form: Placement, case: Case) -> Iterator[Finding]:
    yield from _lacks(form, environment="the educational environment", justification="the justification")
    yield from misplaced(form, case.birth_on, case.iep.begin_on, case.last_day)


def _signatures(form: Signatures, case: Case) -> Iterator[Finding]:
    yield from _lacks(form, lea_signed_on="the signature for the LEA")
    yield from _consent(form, case)
    for field in ("parent_signed_on", "lea_signed_on"):
        day: date | None = getattr(form, field)
        if day and day < case.iep.meeting_on:
            yield iep_rules.SIGNED_BEFORE_MEETING.broken(
                at=_at(form, field), day=day, meeting_on=case.iep.meeting_on
            )


def _consent(form: Signatures, case: Case) -> Iterator[Finding]:
    at = _at(form, "parent_signed_on")
    if form.parent_signed_on is None:
        rule = form_rules.CONSENT_MISSING if case.first_provision else form_rules.PARENT_UNSIGNED
        yield rule.broken(at=at)
    elif case.first_provision and form.parent_signed_on > case.iep.begin_on:
        yield form_rules.CONSENT_LATE.broken(at=at, day=form.parent_signed_on, begin_on=case.iep.begin_on)
