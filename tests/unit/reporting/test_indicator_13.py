"""Indicator 13: the elements of transition in an IEP."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.forms import GoalDomain, InvitedAgency, PostsecondaryGoal, Transition, TransitionAssessment
from services.reporting.domain.indicators.transition import Element, elements, whole

DAY = date(2024, 10, 1)
MET = date(2024, 3, 4)
INVITED, CONSENT = date(2024, 2, 12), date(2024, 2, 5)
AGENCY = InvitedAgency(agency="Rehabilitation Services", invited_on=INVITED)


def form(**changes: Any) -> Transition:
    """A whole transition form, with these changes."""
    fields: dict[str, Any] = {
        "goals": (
            PostsecondaryGoal(domain=GoalDomain.EDUCATION, text="Complete a welding course", measurable=True),
        ),
        "assessments": (TransitionAssessment(assessment="Interest inventory", on=INVITED),),
        "services": ("Job shadowing",),
        "courses_of_study": "Career diploma",
        "linked_goal_areas": ("Reading",),
        "student_invited_on": INVITED,
        "agency_likely": True,
        "agencies": (AGENCY,),
        "agency_consent_on": CONSENT,
    }
    return Transition(**fields | changes)


def lacking(transition: Transition | None, met: date = MET) -> list[Element]:
    """The elements that an IEP lacks."""
    answers = elements(transition, met, DAY)
    assert list(answers) == list(Element)
    return [element for element, answer in answers.items() if answer == "no"]


def test_a_whole_iep() -> None:
    """An IEP with every element is whole."""
    assert lacking(form()) == []
    assert whole(elements(form(), MET, DAY))
    assert not whole(elements(None, MET, DAY))
    assert lacking(None) == [element for element in Element if element is not Element.UPDATED]


@pytest.mark.parametrize(
    ("changes", "element"),
    [
        ({"goals": ()}, Element.GOALS),
        ({"goals": (PostsecondaryGoal(domain=GoalDomain.EMPLOYMENT, text="Work"),)}, Element.GOALS),
        ({"assessments": ()}, Element.ASSESSMENTS),
        ({"services": ()}, Element.SERVICES),
        ({"courses_of_study": None}, Element.COURSES),
        ({"linked_goal_areas": ()}, Element.ANNUAL_GOALS),
        ({"student_invited_on": None}, Element.STUDENT_INVITED),
        ({"agency_likely": None}, Element.AGENCY_INVITED),
        ({"agencies": ()}, Element.AGENCY_INVITED),
        ({"agency_consent_on": None}, Element.AGENCY_INVITED),
        ({"agency_consent_on": INVITED + timedelta(days=1)}, Element.AGENCY_INVITED),
        ({"agencies": (AGENCY, InvitedAgency(agency="Office"))}, Element.AGENCY_INVITED),
    ],
)
def test_a_lacking_element(changes: dict[str, Any], element: Element) -> None:
    """A blank is a failure. An agency is invited only after consent."""
    assert lacking(form(**changes)) == [element]


def test_no_agency_is_likely() -> None:
    """Not applicable is no failure."""
    answers = elements(form(agency_likely=False, agencies=(), agency_consent_on=None), MET, DAY)
    assert (answers[Element.AGENCY_INVITED], whole(answers)) == ("not applicable", True)


def test_updated_annually() -> None:
    """The team met at most a year before the day."""
    assert lacking(form(), date(2023, 10, 1)) == []
    assert lacking(form(), date(2023, 9, 30)) == [Element.UPDATED]
