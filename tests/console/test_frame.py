"""The frame of every page: who is signed in, the navigation, the search box."""

from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from fastapi import Request

from console import rules
from console.answers import DutiesAhead, DutyDescribed, IdentityView, StudentDue
from console.backend import Answer
from console.bare_pages import bare_page
from console.fields import fields_of
from console.forms import blank_form, typed_form
from console.guard import NONCE
from console.pages.adding import ADD
from console.pages.find import FIELDS
from console.pages.home import KINDS
from console.pages.student import Banner, steps_of
from console.person import PERSON
from console.person import Person as Visitor
from console.rendering import environment
from contracts.errors import FIELD_INVALID
from contracts.identity import Person
from contracts.roles import Role
from contracts.students import SaveGuardian
from services.reporting.domain.rules import NO_DUTIES

COORDINATOR = Visitor(b"", "c", "District coordinator", "017", frozenset({Role.COORDINATOR, Role.WRITER}), "")
STATE = Visitor(b"", "s", "State office", "LA", frozenset({Role.STATE}), "")
AUDITOR = Visitor(b"", "a", "Auditor", "LA", frozenset({Role.AUDITOR}), "")
READER = Visitor(b"", "r", "Principal", "017", frozenset({Role.READER}), "")


def asked(person: Visitor | None, cookie: str = "") -> Request:
    """A request; `person` is signed in."""
    shared = SimpleNamespace(templates=environment(), settings=SimpleNamespace(idle_minutes=60))
    signed_in = {} if person is None else {PERSON: person}
    headers = [(b"cookie", cookie.encode())]
    app = SimpleNamespace(state=shared)
    return Request({"type": "http", "headers": headers, "app": app, NONCE: "n", "path": "/none", **signed_in})


def failed(person: Visitor | None, cookie: str = "") -> str:
    """The page for an address that there is not."""
    findings = [rules.NO_PAGE.broken()]
    page = bare_page(asked(person, cookie), "failed.html", 404, title="No such page", findings=findings)
    return bytes(page.body).decode()


def test_a_page_that_is_not_there_keeps_the_search_box() -> None:
    """A person who typed a wrong address goes on from there, with the shortcuts as the person set them."""
    page = failed(COORDINATOR)
    assert 'id="find"' in page
    assert "District coordinator" in page
    assert 'href="/outcomes"' in page
    assert "data-shortcuts" not in page
    assert 'data-shortcuts="off"' in failed(COORDINATOR, "ser-shortcuts=off")


def test_nobody_is_named_without_a_sign_in() -> None:
    """The page for a stranger has no search box and no name."""
    page = failed(None)
    assert "CON-006" in page
    assert 'id="find"' not in page
    assert "Sign out" not in page


_LEADS = ("/due", "/ieps", "/held", "/iep-deletions", "/admin/calendar")


@pytest.mark.parametrize(
    ("person", "links"),
    [(STATE, set(_LEADS)), (AUDITOR, {"/due", "/ieps", "/held"})],
    ids=["state", "auditor"],
)
def test_the_state_office_finds_its_pages(person: Visitor, links: set[str]) -> None:
    """The work list of the state office leads to each page that the role may open, and to no other."""
    page = shown("home/state.html", person)
    main = page[page.index("<main") : page.index("</main>")]
    assert {one for one in _LEADS if f'href="{one}"' in main} == links


def test_a_date_to_remember_leads_to_its_screen() -> None:
    """A day that no official source has is marked. A year without a calendar is named."""
    duty = DutyDescribed(
        title="Count",
        whose="state",
        due_on=date(2026, 10, 15),
        official=False,
        source="project",
        do="Count the children",
        where="/child-count",
    )
    found = DutiesAhead(duties=(duty,), findings=(NO_DUTIES.broken(year="2027-28", known="2026-27"),))
    page = shown("home/state.html", STATE, ahead=Answer(200, found))
    assert '<a href="/child-count">Count</a>, Oct 15, 2026 (day chosen by this project)' in page
    assert "RPT-440" in page
    assert "cannot be shown" in shown("home/state.html", STATE, ahead=Answer(503))


@pytest.mark.parametrize(
    ("person", "owner", "offered"),
    [
        (COORDINATOR, Answer(404), True),
        (COORDINATOR, Answer(503), False),
        (READER, Answer(404), False),
        (STATE, Answer(404), False),
    ],
    ids=["nobody's", "owner unknown", "reader", "state"],
)
def test_a_student_without_an_lea_can_be_claimed(person: Visitor, owner: Answer[Any], offered: bool) -> None:
    """The student's first page offers the claim, and the letter c opens it."""
    none: Answer[Any] = Answer(200, ())
    banner = Banner("0900000001", Answer(404), owner)
    page = shown(
        "student/overview.html",
        person,
        banner=banner,
        student_id="0900000001",
        section="Overview",
        sections=[],
        ieps=none,
        services=none,
        evaluations=none,
        due=Answer(200, StudentDue(as_of=date(2026, 1, 2), due=())),
        determined=None,
        steps=steps_of(banner, none, none, none),
    )
    assert ('href="/students/0900000001/claim" data-key="c"' in page) is offered
    assert "0 services in all" in page


def test_the_state_office_chooses_an_lea_by_its_name() -> None:
    """Nobody has to know that Caddo is 009."""
    page = shown("home/due.html", STATE, found=None, lea="009", kind="", days=30, kinds=KINDS, unclear=[])
    assert '<option value="009" selected>Caddo (009)</option>' in page
    assert page.index("Acadia (001)") < page.index("Zachary")


def test_a_search_that_cannot_be_read_names_its_field() -> None:
    """Of several dates the person sees which one is wrong, and a link leads into it."""
    unread = FIELD_INVALID.broken(at="born_on", problem="write the day as 2018-01-08", where="the schema")
    found: Answer[Any] = Answer(422, findings=(unread,))
    page = shown("find/_results.html", COORDINATOR, found=found, number=3, labels=FIELDS, live=False)
    assert '<a href="#born_on">Born on: Write the date as 10/1/2026.</a>' in page


@pytest.mark.parametrize("refused", [True, False])
def test_a_refused_guardian_is_not_lost(refused: bool) -> None:
    """SER added the student and refused the guardian: the page shows the whole form with everything typed."""
    person = Person(first_name="Ada", last_name="Sample", birth_on=date(2017, 1, 3))
    known = IdentityView(student_id="0900000001", person=person, identity_revision=1, added=True, lea="017")
    typed = {"form": ["AddStudent"], "guardian.first_name": ["Grace"], "guardian.phone": ["5" * 81]}
    long = FIELD_INVALID.broken(at="guardian.phone", problem="it may have at most 80 characters", where="x")
    blank = blank_form(ADD, student_id="0900000001")
    page = shown(
        "adding/check.html",
        COORDINATOR,
        identity=Answer(200, known),
        others=(),
        student_id="0900000001",
        groups={"Parent or guardian": fields_of(SaveGuardian, ("student_id", "guardian_id", "on_revision"))},
        form=typed_form(blank, typed, [long], uuid4()) if refused else blank,
    )
    assert ('value="Grace"' in page) is refused
    assert ('<a href="#guardian.phone">Phone: ' in page) is refused
    assert ("The student is in SER now." in page) is refused
    assert ("Open the student</a>" in page) is not refused


def shown(template: str, person: Visitor, **context: Any) -> str:
    """A page as the person sees it."""
    no_claim = SimpleNamespace(ok=True, given=None, value=SimpleNamespace(claims=()))
    nothing: dict[str, Any] = {"ahead": None, "escalated": no_claim}
    nothing |= dict.fromkeys(("circles", "retired"), SimpleNamespace(ok=True, given=None))
    page = bare_page(asked(person), template, title="A page", **nothing | context)
    return bytes(page.body).decode()
