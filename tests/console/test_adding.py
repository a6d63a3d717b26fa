"""What the form of adding a student sends: as many commands as there is something typed for."""

from datetime import date
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest

from console.forms import body_of
from console.pages.adding import ADD
from console.visits import Visit

_GIVEN = {"student_id": ["0900000001"], "guardian_id": [str(uuid4())], "guardian.relationship": ["parent"]}


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ({}, ["AddStudent"]),
        ({"guardian.last_name": "Landry"}, ["AddStudent", "SaveGuardian"]),
        ({"guardian.phone": "504 555 0100"}, ["AddStudent", "SaveGuardian"]),
        ({"school": "017001"}, ["AddStudent", "ClaimJurisdiction"]),
    ],
    ids=["nothing", "a guardian's name", "a guardian's phone alone", "a school"],
)
async def test_nothing_typed_is_dropped(typed: dict[str, str], sent: list[str]) -> None:
    """A phone without a name is sent too, so that SER asks for the name."""
    given = _GIVEN | {name: [text] for name, text in typed.items()}
    body: Any = body_of(ADD, given, date(2026, 1, 2))
    assert ADD.build is not None
    commands = await ADD.build(cast(Visit, SimpleNamespace()), body, given)
    assert [command.__name__ for command, _ in commands] == sent
