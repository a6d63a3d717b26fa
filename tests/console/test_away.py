"""A service that does not answer is no empty record, and nobody loses a typed text by it."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from console.answers import FoundStudent
from console.backend import Answer
from console.pages.student import Banner, Step, steps_of
from console.rendering import environment, render
from tests.console.children import Children
from tests.console.people import Visitor, hidden_inputs
from tests.console.running import ConsoleSystem

NAMES = ("first_name", "middle_name", "last_name", "suffix")

AWAY: Answer[Any] = Answer(503)
NONE: Answer[Any] = Answer(404)
BLANK: Answer[Any] = Answer(200, ())


def said(banner: Banner) -> str:
    """The banner as a page shows it."""
    return render(environment(), "student/_banner.html", {"banner": banner, "student_id": banner.student_id})


def test_an_unknown_owner_is_not_called_none() -> None:
    """While jurisdiction does not answer, no page says that no LEA owns the student."""
    assert "no LEA yet" not in said(Banner("0900000001", AWAY, AWAY))
    assert "no LEA yet" in said(Banner("0900000001", AWAY, NONE))


def test_the_owner_of_another_leas_student_is_known_from_the_search() -> None:
    """The search names the owner, also while jurisdiction does not answer."""
    found = FoundStudent.model_validate(
        {"student_id": "0900000001", "lea": "017"} | dict.fromkeys(NAMES, None)
    )
    assert "East Baton Rouge" in said(Banner("0900000001", Answer(403), AWAY, found))


def test_a_step_is_unknown_while_its_service_does_not_answer() -> None:
    """The overview calls no step of a student *not yet* if it cannot know."""
    steps = {one.name: one for one in steps_of(Banner("0900000001", AWAY, AWAY), AWAY, AWAY, AWAY)}
    assert {one.done for one in steps.values()} == {None}
    known = steps_of(Banner("0900000001", NONE, NONE), BLANK, BLANK, BLANK)
    assert {one.done for one in known} == {False}


def test_every_step_has_a_page() -> None:
    """Each step leads to a section of the student."""
    steps = steps_of(Banner("0900000001", NONE, NONE), BLANK, BLANK, BLANK)
    assert all(isinstance(one, Step) and one.place.startswith("/") for one in steps)


FORMS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "students": (
        "/students/{served}/profile",
        {"form": "SaveProfile", "student_id": "{served}", "profile.home_language": "Atakapa"},
    ),
    "ieps": (
        "/students/{drafted}/ieps/{drafted_iep_id}/forms/LRE",
        {
            "form": "SaveLRE",
            "student_id": "{drafted}",
            "iep_id": "{drafted_iep_id}",
            "form_code": "LRE",
            "forms.0.justification": "The team weighed <each> setting & chose this one.",
        },
    ),
    "provision": (
        "/students/{served}/services",
        {
            "form": "TerminateService",
            "student_id": "{served}",
            "service_id": "{served_service_id}",
            "end_on": "10/1/2026",
        },
    ),
}
"""A form of each service whose page cannot show the form without the service."""


@pytest.mark.system
@pytest.mark.timeout(600)
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("service", FORMS)
async def test_a_form_outlives_its_service(
    service: str, visitors: dict[str, Visitor], children: Children, system: ConsoleSystem
) -> None:
    """The service ends while somebody types: the answer has everything typed, to be sent again as it is."""
    facts = children.facts()
    path, form = FORMS[service]
    typed = {name: value.format(**facts) for name, value in form.items()} | {"command_id": str(uuid4())}
    system.kill(service)
    try:
        answer = await visitors["writer"].post(path.format(**facts), typed)
    finally:
        system.repair()
    assert answer.status_code == 503
    assert "CON-008" in answer.text
    assert hidden_inputs(answer) == typed
