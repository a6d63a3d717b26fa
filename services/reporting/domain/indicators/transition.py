"""Indicator 13, secondary transition: IEPs of students of 16 and older that have every element.

Each element is `yes`, `no` or `not applicable`; a blank is `no`. An IEP is whole if no element is `no`.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum

from contracts.deadlines import anniversary
from contracts.forms import Transition

FROM_AGE = 16


class Element(StrEnum):
    """What the IEP must have (20 U.S.C. 1416(a)(3)(B))."""

    GOALS = "measurable postsecondary goals"
    UPDATED = "updated annually"
    ASSESSMENTS = "transition assessments"
    SERVICES = "transition services"
    COURSES = "courses of study"
    ANNUAL_GOALS = "annual goals for the transition"
    STUDENT_INVITED = "student invited"
    AGENCY_INVITED = "agency invited with consent"


class Answer(StrEnum):
    """Whether an IEP has an element."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not applicable"


def elements(form: Transition | None, meeting_on: date, day: date) -> Mapping[Element, Answer]:
    """Each element of an IEP on a day. `form`: its transition form; None: it has none."""
    plan = form or Transition()
    answers = dict(_present(plan, meeting_on, day))
    return {
        element: Answer.YES if answers[element] else Answer.NO for element in Element if element in answers
    } | {Element.AGENCY_INVITED: _agency_invited(plan)}


def whole(answers: Mapping[Element, Answer]) -> bool:
    """Whether the IEP has every element that applies."""
    return Answer.NO not in answers.values()


def _present(plan: Transition, meeting_on: date, day: date) -> Iterator[tuple[Element, bool]]:
    yield Element.GOALS, bool(plan.goals) and all(goal.measurable for goal in plan.goals)
    yield Element.UPDATED, day <= anniversary(meeting_on, 1)
    yield Element.ASSESSMENTS, bool(plan.assessments)
    yield Element.SERVICES, bool(plan.services)
    yield Element.COURSES, bool(plan.courses_of_study)
    yield Element.ANNUAL_GOALS, bool(plan.linked_goal_areas)
    yield Element.STUDENT_INVITED, plan.student_invited_on is not None


def _agency_invited(plan: Transition) -> Answer:
    """Each likely agency was invited, after the parent or the student of age had consented."""
    if plan.agency_likely is False:
        return Answer.NOT_APPLICABLE
    invited = [agency.invited_on for agency in plan.agencies]
    consent_on = plan.agency_consent_on
    if not plan.agency_likely or not invited or consent_on is None:
        return Answer.NO
    return Answer.YES if all(day is not None and consent_on <= day for day in invited) else Answer.NO
