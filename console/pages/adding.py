"""Adding a student whom eScholar knows: find the person, check, then add, claim, save a guardian."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from console.fields import Field, fields_of
from console.forms import Body, Form, Typed
from console.queries import IDENTITY, SCHOOLS
from console.schools import school_options
from console.screens import screen
from console.visits import Visit, Visiting
from contracts.jurisdiction import ClaimJurisdiction
from contracts.message import Command
from contracts.roles import Role
from contracts.students import AddStudent, SaveGuardian
from contracts.types import StudentId

router = APIRouter()

_CLAIM = ("begin_on", "school", "local_student_id")


async def _three(_: Visit, body: Body, typed: Typed) -> Sequence[tuple[type[Command], Body]]:
    """Add the student, claim, save the guardian; the claim and the guardian only if they were filled in."""
    student = _some(body, "student_id")
    claim = _some(body, *_CLAIM)
    guardian = body.get("guardian", {})
    named = guardian.get("first_name") or guardian.get("last_name")
    commands: list[tuple[type[Command], Body]] = [
        (AddStudent, student | {"profile": body.get("profile", {})})
    ]
    if claim:
        commands.append((ClaimJurisdiction, student | claim))
    if named:
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
    return await visit.page(
        "adding/find.html", title="Add a student from eScholar", typed=state_id, wrong=bool(state_id)
    )


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
    return await visit.page(
        "adding/check.html",
        title=f"Add student {student_id}",
        identity=identity,
        student_id=student_id,
        form=filled,
        groups=_GROUPS,
    )
