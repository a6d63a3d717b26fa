"""A student's IEPs: the list, a new one, one IEP with its steps to official, submitted, amended, deleted."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from console import days
from console.answers import ListedIEP
from console.differences import in_one_text
from console.fields import Option
from console.forms import FilledForm, Form
from console.pages.help import every_rule
from console.pages.opened_iep import Opened, opened
from console.pages.student import banner_of, student_page
from console.queries import CHANGES, IEPS
from console.screens import screen
from console.visits import Visiting, uuid_in
from console.words import iep_name
from contracts.ieps import (
    AmendIEP,
    ApproveIEPDeletion,
    DeclineIEPDeletion,
    DeletionState,
    DiscardIEP,
    DraftIEP,
    IEPStage,
    IEPType,
    MakeIEPOfficial,
    RequestIEPDeletion,
    SubmitIEP,
)
from contracts.roles import Role
from contracts.types import LeaCode, StudentId

router = APIRouter()

_GIVEN = ("student_id", "iep_id")
_ONE = "/students/{student_id}/ieps/{iep_id}"

DRAFT = Form(DraftIEP, button="Draft the IEP", given=_GIVEN, leave_out=("forms",), next=_ONE)
OFFICIAL = Form(MakeIEPOfficial, button="Make this IEP official", given=_GIVEN)
SUBMIT = Form(SubmitIEP, button="Submit to SER", given=_GIVEN, role=Role.IEP_SUBMITTER)
DISCARD = Form(DiscardIEP, button="Throw this draft away", given=_GIVEN, next="/students/{student_id}/ieps")
REQUEST = Form(RequestIEPDeletion, button="Request the deletion", given=_GIVEN)
APPROVE = Form(ApproveIEPDeletion, button="Delete this IEP", given=_GIVEN, role=Role.COORDINATOR)
DECLINE = Form(DeclineIEPDeletion, button="Decline the request", given=_GIVEN, role=Role.COORDINATOR)
AMEND = Form(
    AmendIEP,
    button="Begin the amendment",
    given=("student_id", "iep_id", "amends"),
    leave_out=("forms",),
    next=_ONE,
)


@screen(router, "/students/{student_id}/ieps")
async def ieps(visit: Visiting, student_id: StudentId) -> Response:
    """The IEPs and amendments, newest first; those thrown away or deleted apart."""
    banner, found = await asyncio.gather(banner_of(visit, student_id), visit.ask(IEPS, student_id=student_id))
    given = found.given or ()
    return await student_page(
        visit,
        "iep/list.html",
        "IEP forms",
        banner,
        found=found,
        standing=[one for one in given if not one.over],
        over=[one for one in given if one.over],
    )


@screen(router, "/students/{student_id}/ieps/new", DRAFT)
async def new(visit: Visiting, student_id: StudentId, copies: str = "") -> Response:
    """Draft an IEP, if wanted with the forms of another one. `copies`: the draft to adopt or to repeat."""
    banner, found = await asyncio.gather(banner_of(visit, student_id), visit.ask(IEPS, student_id=student_id))
    known = found.given or ()
    adopted = next((one for one in known if one.iep_id == uuid_in(copies)), None)
    copied = [Option(str(one.iep_id), _to_copy(one)) for one in known if may_be_copied(one, visit.person.lea)]
    filled = visit.form(
        DRAFT,
        _begun_from(adopted) if adopted else _proposed(known),
        options={"copies": copied},
        student_id=student_id,
        iep_id=visit.fresh("iep_id"),
    )
    if found.ok and not copied:
        filled = _without(filled, "copies")
    return await student_page(
        visit, "iep/new.html", "IEP forms", banner, about="Draft an IEP", form=filled, adopted=adopted
    )


def may_be_copied(one: ListedIEP, lea: LeaCode) -> bool:
    """Whether an LEA's new IEP may begin with its forms. Of its own drafts and deleted IEPs it may not."""
    own_draft = one.stage is IEPStage.DRAFT and one.lea == lea
    return one.stage is not IEPStage.DELETED and not own_draft


def _to_copy(one: ListedIEP) -> str:
    return f"{iep_name(one)}, {one.stage}, team met {days.shown(one.meeting_on)}"


def _begun_from(adopted: ListedIEP) -> dict[str, Any]:
    """The same IEP, as one's own."""
    same = ("iep_type", "plan_kind", "meeting_on", "begin_on")
    return {name: getattr(adopted, name) for name in same} | {"copies": str(adopted.iep_id)}


def _proposed(known: Iterable[ListedIEP]) -> dict[str, Any]:
    """A review with last year's forms, if there is a submitted IEP; else an initial IEP."""
    last = next((one for one in known if one.stage is IEPStage.SUBMITTED), None)
    if last is None:
        return {"iep_type": IEPType.INITIAL}
    return {"iep_type": IEPType.REVIEW, "plan_kind": last.plan_kind, "copies": str(last.iep_id)}


@screen(router, _ONE, OFFICIAL, SUBMIT, DISCARD, REQUEST, APPROVE, DECLINE)
async def one(visit: Visiting, student_id: StudentId, iep_id: UUID) -> Response:
    """One IEP: its forms with their lights, what is wrong, and the next step."""
    shown = await opened(visit, student_id, iep_id)
    given: dict[str, Any] = {"student_id": student_id, "iep_id": iep_id}
    forms = {form.key: visit.form(form, prefix=f"{form.key}-", **given) for form in _forms_of(shown)}
    if OFFICIAL.key in forms and not shown.late:
        forms[OFFICIAL.key] = _without(forms[OFFICIAL.key], "late_reason")
    return await student_page(
        visit,
        "iep/one.html",
        "IEP forms",
        shown.banner,
        about="IEP",
        opened=shown,
        rules=await every_rule(visit),
        forms=forms,
    )


def _without(filled: FilledForm, path: str) -> FilledForm:
    """The form without a field that has nothing to say: the reason of an IEP that is not late."""
    return replace(filled, fields=tuple(one for one in filled.fields if one.path != path))


def _forms_of(shown: Opened) -> Sequence[Form]:
    """The steps that are possible now. Roles are the template's business."""
    if shown.iep.given is None:
        return ()
    deletion = shown.iep.given.deletion
    if deletion and deletion.state is DeletionState.REQUESTED:
        return (APPROVE, DECLINE)
    match shown.iep.given.stage:
        case IEPStage.DRAFT:
            return (OFFICIAL, DISCARD)
        case IEPStage.OFFICIAL:
            return (SUBMIT, REQUEST)
        case IEPStage.SUBMITTED:
            return (REQUEST,)
        case _:
            return ()


@screen(router, "/students/{student_id}/ieps/{iep_id}/changes")
async def changes(visit: Visiting, student_id: StudentId, iep_id: UUID) -> Response:
    """What differs from the IEP before it, field by field."""
    shown, found = await asyncio.gather(
        opened(visit, student_id, iep_id), visit.ask(CHANGES, student_id=student_id, iep_id=iep_id)
    )
    return await student_page(
        visit,
        "iep/changes.html",
        "IEP forms",
        shown.banner,
        about="IEP changes",
        opened=shown,
        found=found,
        text=in_one_text(found.given.changes) if found.given else "",
    )


@screen(router, "/students/{student_id}/ieps/{iep_id}/amend", AMEND)
async def amend(visit: Visiting, student_id: StudentId, iep_id: UUID) -> Response:
    """Begin an amendment. The day on which the team met stays as it is."""
    shown = await opened(visit, student_id, iep_id)
    filled = visit.form(AMEND, student_id=student_id, iep_id=visit.fresh("iep_id"), amends=iep_id)
    return await student_page(
        visit, "iep/amend.html", "IEP forms", shown.banner, about="Amend an IEP", opened=shown, form=filled
    )
