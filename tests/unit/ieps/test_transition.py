"""The transition form has every element of Indicator 13."""

from datetime import date, timedelta

import pytest

from contracts.decision import Accepted
from contracts.forms import Form, InvitedAgency, TransitionAssessment
from contracts.message import Record
from services.ieps.domain.validation import Light
from tests.unit.ieps import scenario
from tests.unit.ieps.scenario import MET, TRANSITION
from tests.unit.ieps.test_validation import found, validated
from tests.unit.scenario import codes

DAY = timedelta(days=1)
BORN = date(2001, 5, 1)
AGENCY = InvitedAgency(agency="Louisiana Rehabilitation Services", invited_on=MET - 10 * DAY)
WITH_AGENCY = {"agency_likely": True, "agencies": (AGENCY,), "agency_consent_on": MET - 12 * DAY}


def with_transition(**changed: object) -> list[Record]:
    """A complete draft for a student of 16, whose transition form has these changes."""
    form: Form = TRANSITION.model_copy(update=changed)
    return scenario.drafted(born=BORN, forms=scenario.complete_forms(TRN=form))


def test_a_whole_transition_form_is_green() -> None:
    """With every element the form is green, with an agency and without one."""
    assert validated(with_transition()).light is Light.GREEN
    assert validated(with_transition(**WITH_AGENCY)).light is Light.GREEN


@pytest.mark.parametrize(
    ("field", "blank"),
    [
        ("assessments", ()),
        ("services", ()),
        ("courses_of_study", None),
        ("linked_goal_areas", ()),
        ("student_invited_on", None),
        ("agency_likely", None),
    ],
)
def test_each_element_is_missed(field: str, blank: object) -> None:
    """A form without one of the elements shows red there."""
    history = with_transition(**{field: blank})

    assert found(validated(history)) == [("IEP-102", f"forms.TRN.{field}")]
    assert codes(scenario.decide(history, scenario.make_official())) == {"IEP-102"}


LATE = MET + DAY
RED: list[tuple[str, str, dict[str, object]]] = [
    ("IEP-126", "goals", {"goals": TRANSITION.goals[:1]}),
    (
        "IEP-127",
        "goals.0.measurable",
        {"goals": (TRANSITION.goals[0].model_copy(update={"measurable": False}), TRANSITION.goals[1])},
    ),
    ("IEP-128", "student_invited_on", {"student_invited_on": LATE}),
    (
        "IEP-128",
        "assessments.0.on",
        {"assessments": (TransitionAssessment(assessment="interests", on=LATE),)},
    ),
    ("IEP-129", "linked_goal_areas", {"linked_goal_areas": ("Mathematics", "swimming")}),
    ("IEP-131", "agencies.0.invited_on", WITH_AGENCY | {"agency_consent_on": None}),
    ("IEP-131", "agencies.0.invited_on", WITH_AGENCY | {"agency_consent_on": MET - 9 * DAY}),
]
YELLOW: list[tuple[str, str, dict[str, object]]] = [
    ("IEP-130", "agencies", {"agency_likely": True}),
    ("IEP-130", "agencies", {"agency_likely": True, "agencies": (InvitedAgency(agency="an agency"),)}),
    ("IEP-132", "agency_likely", {"agencies": (InvitedAgency(agency="an agency"),)}),
]


@pytest.mark.parametrize(("code", "field", "changed"), RED)
def test_a_wrong_element_is_red(code: str, field: str, changed: dict[str, object]) -> None:
    """Goals are measurable, days lie before the meeting, areas have a plan, and agencies come by consent."""
    history = with_transition(**changed)

    assert found(validated(history)) == [(code, f"forms.TRN.{field}")]
    assert codes(scenario.decide(history, scenario.make_official())) == {code}


@pytest.mark.parametrize(("code", "field", "changed"), YELLOW)
def test_an_agency_that_was_not_invited_warns(code: str, field: str, changed: dict[str, object]) -> None:
    """The team documents why no agency came; an agency that nobody expects is a mistake."""
    history = with_transition(**changed)

    assert found(validated(history)) == [(code, f"forms.TRN.{field}")]
    decision = scenario.decide(history, scenario.make_official())
    assert isinstance(decision, Accepted)
    assert codes(decision) == {code}
