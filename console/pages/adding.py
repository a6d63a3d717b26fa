"""Adding a student whom eScholar knows: find the person, check, then add, claim, save a guardian."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console import days, rules
from console.answers import Candidate, IdentityView
from console.fields import Field, fields_of
from console.forms import Body, Form, Typed, first
from console.kept_searches import LARGEST, keep, kept
from console.queries import CANDIDATES, IDENTITY, SCHOOLS
from console.rates import Rate
from console.schools import school_options
from console.screens import screen
from console.visits import Visit, Visiting
from contracts.jurisdiction import ClaimJurisdiction
from contracts.message import Command
from contracts.roles import Role
from contracts.students import AddStudent, SaveGuardian
from contracts.types import StudentId

router = APIRouter()

_ADD = "Add a student from eScholar"
_PERSON = ("first_name", "last_name", "birth_on", "sex")
_CLAIM = ("begin_on", "school", "local_student_id")
_PROPOSED = ("relationship",)
"""The form has a value in this field of the guardian before anybody types."""


async def _three(_: Visit, body: Body, typed: Typed) -> Sequence[tuple[type[Command], Body]]:
    """Add the student, claim, save the guardian; the claim and the guardian only if they were filled in."""
    student = _some(body, "student_id")
    claim = _some(body, *_CLAIM)
    guardian = body.get("guardian", {})
    typed_of_guardian = [name for name, text in guardian.items() if text and name not in _PROPOSED]
    commands: list[tuple[type[Command], Body]] = [
        (AddStudent, student | {"profile": body.get("profile", {})})
    ]
    if claim:
        commands.append((ClaimJurisdiction, student | claim))
    if typed_of_guardian:
        commands.append((SaveGuardian, student | _some(body, "guardian_id", "guardian")))
    return commands


def _some(body: Body, *names: str) -> Body:
    return {name: body[name] for name in names if name in body}


_GROUPS: Mapping[str, tuple[Field, ...]] = {
    "Profile": fields_of(AddStudent, ("student_id", "profile.effective_on")),
    "Jurisdiction": fields_of(ClaimJurisdiction, ("student_id",)),
    "Parent or guardian": fields_of(SaveGuardian, ("student_id", "guardian_id", "on_revision")),
}
"""The fields of the form, by the command that takes them."""


ADD = Form(
    AddStudent,
    button="Add student",
    given=("student_id", "guardian_id"),
    shown=tuple(chain.from_iterable(_GROUPS.values())),
    build=_three,
    chain=True,
    next="/students/{student_id}",
)


@screen(router, "/students/new")
async def find(visit: Visiting, state_id: str = "") -> Response:
    """Step 1: the State ID."""
    visit.need(Role.WRITER)
    digits = "".join(letter for letter in state_id if letter.isdigit())
    if len(digits) == 10:
        return RedirectResponse(f"/students/new/{digits}", 303)
    return await _find_page(visit, typed=state_id, wrong=bool(state_id))


@router.post("/candidates", response_class=HTMLResponse)
async def look_alike(visit: Visiting) -> Response:
    """Step 1 without a State ID: name, birth date and sex are kept, and get an address with a number."""
    visit.need(Role.WRITER)
    visit.limit(Rate.SEARCH)
    typed = {name: first(visit.typed, name).strip() for name in _PERSON}
    wanted = {name: text for name, text in typed.items() if text}
    if not wanted:
        return RedirectResponse("/students/new", 303)
    return RedirectResponse(f"/candidates/{await keep(visit, wanted)}", 303)


@screen(router, "/candidates/{number}")
async def candidates(visit: Visiting, number: Annotated[int, Path(ge=1, le=LARGEST)]) -> Response:
    """Step 1 without a State ID: the persons of eScholar who are like the one looked for."""
    visit.need(Role.WRITER)
    wanted = await kept(visit, number)
    if wanted is None:
        return await _find_page(visit, f"The candidates {number} are gone", stale=rules.STALE_SEARCH.broken())
    found = await visit.ask(CANDIDATES, body=_sought(visit, wanted))
    return await _find_page(visit, f"Candidates {number}", wanted=wanted, found=found)


async def _find_page(visit: Visit, title: str = _ADD, **context: Any) -> Response:
    shown = {"typed": "", "wrong": False, "wanted": {}, "found": None, "stale": None} | context
    return await visit.page("adding/find.html", title=title, heading=_ADD, **shown)


def _sought(visit: Visit, wanted: Mapping[str, str]) -> Body:
    """The person looked for, as the service reads it. It says what is wrong with a day that is none."""
    body: Body = dict(wanted)
    day = days.read_day(wanted.get("birth_on", ""), visit.today)
    return body | {"birth_on": day.isoformat()} if day else body


async def _others_alike(visit: Visit, identity: IdentityView) -> Sequence[Candidate]:
    """Persons of eScholar with other State IDs who may be the same person."""
    named = identity.person.model_dump(mode="json", include=set(_PERSON))
    found = await visit.ask(CANDIDATES, body={name: text for name, text in named.items() if text})
    others = found.value.candidates if found.given else ()
    return [one for one in others if one.student_id != identity.student_id]


@screen(router, "/students/new/{student_id}", ADD)
async def check(visit: Visiting, student_id: StudentId) -> Response:
    """Steps 2 and 3: is this the student, and what the LEA keeps of the student."""
    visit.need(Role.WRITER)
    identity, schools = await asyncio.gather(
        visit.ask(IDENTITY, student_id=student_id), visit.ask(SCHOOLS, lea=visit.person.lea)
    )
    filled = visit.form(
        ADD,
        options={"school": school_options(schools)},
        student_id=student_id,
        guardian_id=visit.fresh("guardian_id"),
    )
    new = identity.given and not identity.value.added
    return await visit.page(
        "adding/check.html",
        others=await _others_alike(visit, identity.value) if new else (),
        title=f"Add student {student_id}",
        identity=identity,
        student_id=student_id,
        form=filled,
        groups=_GROUPS,
    )
