"""Transition services (TRN): every element of Indicator 13 of the federal performance plan.

Measurable postsecondary goals from assessments, services, courses, annual goals that serve them, the student
invited, and an agency invited with consent if one is likely to provide services.
"""

from collections.abc import Iterator
from datetime import date

from contracts.errors import Finding
from contracts.forms import GoalDomain, InstructionalPlan, InvitedAgency, Transition
from services.ieps.domain import form_rules as rules
from services.ieps.domain.requirements.case import Case, at, lacks

_ALWAYS = (GoalDomain.EDUCATION, GoalDomain.EMPLOYMENT)
"""Goals for independent living are for students who need them."""


def judge(form: Transition, case: Case) -> Iterator[Finding]:
    """The findings of the transition form."""
    yield from lacks(
        form,
        assessments="age-appropriate transition assessments",
        services="the transition services",
        courses_of_study="the courses of study",
        linked_goal_areas="the annual goals that serve the transition",
        student_invited_on="when the student was invited to the meeting",
        agency_likely="whether an agency is likely to provide transition services",
    )
    yield from _goals(form)
    yield from _after_planning(form, case)
    yield from _unknown_links(form, case)
    yield from _agencies(form)


def _goals(form: Transition) -> Iterator[Finding]:
    domains = {goal.domain for goal in form.goals}
    for domain in _ALWAYS:
        if domain not in domains:
            yield rules.GOAL_MISSING.broken(at="forms.TRN.goals", domain=domain)
    for number, goal in enumerate(form.goals):
        if not goal.measurable:
            place = at(form, f"goals.{number}.measurable")
            yield rules.GOAL_UNMEASURABLE.broken(at=place, domain=goal.domain)


def _after_planning(form: Transition, case: Case) -> Iterator[Finding]:
    for field, day in _days(form):
        if day and day > case.planned_on:
            yield rules.AFTER_PLANNING.broken(at=at(form, field), day=day, planned_on=case.planned_on)


def _days(form: Transition) -> Iterator[tuple[str, date | None]]:
    """The days that are not after the planning."""
    yield "student_invited_on", form.student_invited_on
    for number, assessment in enumerate(form.assessments):
        yield f"assessments.{number}.on", assessment.on
    for number, agency in enumerate(form.agencies):
        yield f"agencies.{number}.invited_on", agency.invited_on


def _unknown_links(form: Transition, case: Case) -> Iterator[Finding]:
    areas = {plan.area.casefold() for plan in case.forms if isinstance(plan, InstructionalPlan)}
    for area in form.linked_goal_areas:
        if area.casefold() not in areas:
            yield rules.LINK_UNKNOWN.broken(at=at(form, "linked_goal_areas"), area=area)


def _agencies(form: Transition) -> Iterator[Finding]:
    invited = [agency for agency in form.agencies if agency.invited_on]
    if form.agency_likely and not invited:
        yield rules.AGENCY_UNASKED.broken(at="forms.TRN.agencies")
    if form.agency_likely is False and form.agencies:
        yield rules.AGENCY_UNEXPECTED.broken(at="forms.TRN.agency_likely")
    for number, agency in enumerate(form.agencies):
        if _without_consent(agency, form.agency_consent_on):
            yield rules.AGENCY_WITHOUT_CONSENT.broken(
                at=at(form, f"agencies.{number}.invited_on"), agency=agency.agency, day=agency.invited_on
            )


def _without_consent(agency: InvitedAgency, consent_on: date | None) -> bool:
    return agency.invited_on is not None and (consent_on is None or consent_on > agency.invited_on)
