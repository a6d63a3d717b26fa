"""After a split: the records of one State ID, and the ones to give to the person with another State ID."""

import asyncio
from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import Response

from console.forms import Body, Commands, Form, Typed
from console.queries import TO_ASSIGN
from console.screens import screen
from console.visits import NoPage, Visit, Visiting, uuid_in
from contracts.attachments import AssignAttachment
from contracts.evaluations import AssignEvaluation
from contracts.ieps import AssignIEP
from contracts.jurisdiction import AssignSpell
from contracts.provision import AssignService
from contracts.roles import Role
from contracts.state_ids import Assignment
from contracts.students import AssignGuardian
from contracts.types import StudentId

router = APIRouter()

TICKED = "records"

_FIELDS: Mapping[type[Assignment], str] = {
    AssignGuardian: "guardian_id",
    AssignAttachment: "attachment_id",
    AssignEvaluation: "evaluation_id",
    AssignIEP: "iep_id",
    AssignService: "service_id",
    AssignSpell: "spell_id",
}
"""The commands in the order in which they are sent, each with its field for the record.

A spell goes last: the LEA of an ended one then sees the records that the person has by then.
"""

_KINDS: Mapping[str, str] = {
    "AssignGuardian": "Parent or guardian",
    "AssignAttachment": "Attachment",
    "AssignEvaluation": "Evaluation",
    "AssignIEP": "IEP, with its amendments",
    "AssignService": "Service, with its sessions",
    "AssignSpell": "Jurisdiction",
}


async def _ticked(visit: Visit, body: Body, typed: Typed) -> Commands:
    """A command for each ticked record."""
    wanted = [text.partition(".") for text in typed.get(TICKED, ())]
    if any(name not in _KINDS or uuid_in(record_id) is None for name, _, record_id in wanted):
        raise NoPage
    return [
        (command, {**body, field: record_id})
        for command, field in _FIELDS.items()
        for name, _, record_id in wanted
        if name == command.__name__
    ]


ASSIGN = Form(
    AssignService,
    button="Assign the ticked records",
    role=Role.SECURE_ID_MANAGER,
    given=("student_id", "to"),
    shown=(),
    build=_ticked,
    name="AssignRecords",
)


@screen(router, "/state-ids/{one}/{other}/records", ASSIGN)
async def records(visit: Visiting, one: StudentId, other: StudentId) -> Response:
    """The records under one State ID, each with a box: those ticked go to the person with the other one."""
    visit.need(Role.SECURE_ID_MANAGER)
    found = await asyncio.gather(
        *(visit.ask(query, student_id=one, params={"other": other}) for query in TO_ASSIGN.values())
    )
    given = {
        kind: [each for answer in found for each in answer.given or () if each.command == kind]
        for kind in _KINDS
    }
    return await visit.page(
        "state_ids/records.html",
        title=f"Records of {one}, and those of {other}",
        heading=f"Records under {one}",
        one=one,
        other=other,
        parts_away=[(name, answer) for name, answer in zip(TO_ASSIGN, found, strict=True) if not answer.ok],
        given={kind: listed for kind, listed in given.items() if listed},
        kinds=_KINDS,
        form=visit.form(ASSIGN, student_id=one, to=other),
        ticked=visit.typed.get(TICKED, ()),
    )
