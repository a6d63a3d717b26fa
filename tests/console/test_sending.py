"""Forms that send several commands, and commands that another person sent."""

import html
import re
from uuid import uuid4

import pytest

from tests.console.children import Children
from tests.console.people import Visitor

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_several_commands_that_cannot_be_read_say_so(
    visitors: dict[str, Visitor], children: Children
) -> None:
    """Two services are ticked, and the last day is blank: the page says what is missing."""
    page = f"/students/{children.id('served')}/services"
    ticked = [str(uuid4()), str(uuid4())]
    form = {"form": "TerminateService", "command_id": str(uuid4()), "student_id": children.id("served")}
    answer = await visitors["writer"].post(page, form | {"service_id": ticked})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    answer = await visitors["reader"].post(page, form | {"service_id": ticked, "end_on": "t"})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text


async def test_a_form_is_about_the_student_of_its_page(
    visitors: dict[str, Visitor], children: Children
) -> None:
    """A form about another student is none of this page."""
    form = {"form": "SaveProfile", "command_id": str(uuid4()), "student_id": children.id("served")}
    answer = await visitors["writer"].post(f"/students/{children.id('judged')}/profile", form)
    assert answer.status_code == 404


async def test_a_draft_begins_with_an_iep_that_can_be_read(
    visitors: dict[str, Visitor], children: Children
) -> None:
    """If the chosen earlier IEP gives no answer, no draft without its forms is made."""
    student, iep, command = children.id("served"), str(uuid4()), str(uuid4())
    typed = {"iep_type": "review", "meeting_on": "t", "begin_on": "t", "copies": str(uuid4())}
    form = {"form": "DraftIEP", "command_id": command, "student_id": student, "iep_id": iep} | typed
    await visitors["writer"].post(f"/students/{student}/ieps/new", form)
    assert "<dd>Refused</dd>" in (await visitors["writer"].settled(f"/outcomes/{command}")).text
    listed = await visitors["writer"].get(f"/students/{student}/ieps")
    assert iep not in listed.text


async def test_nobody_ends_another_persons_receipt(visitors: dict[str, Visitor], children: Children) -> None:
    """Histories show the ids of commands. Who sends a form with such an id changes no other person's list."""
    student, command = children.id("guarded"), str(uuid4())
    page = f"/students/{student}/profile"
    form = {"form": "SaveProfile", "command_id": command, "student_id": student}
    sent = await visitors["writer"].post(page, form)
    assert sent.status_code == 303
    await visitors["coordinator"].post(page, form | {"on_revision": "x"})
    await visitors["coordinator"].post(page, form)
    mine = await visitors["writer"].settled(f"/outcomes/{command}")
    assert mine.status_code == 200
    assert "<dd>Done</dd>" in mine.text
    assert (await visitors["coordinator"].get(f"/outcomes/{command}")).status_code == 404


async def test_another_lea_is_not_named_after_a_similar_state_id(
    visitors: dict[str, Visitor], children: Children
) -> None:
    """A reader sees no name of another LEA's student, and not that of an own one with a similar State ID."""
    shown = await visitors["reader"].get(f"/students/{children.id('elsewhere')}")
    assert shown.status_code == 403
    name = re.search(r'<p class="name">([^<]*)</p>', shown.text)
    assert name
    assert html.unescape(name[1]) == f"State ID {children.id('elsewhere')}"
