"""The editor of an IEP: one of its forms on the screen, all others at the side."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel

from console.answers import IEPWithContents
from console.differences import in_one_text
from console.fields import Option, fields_of
from console.forms import Body, Form, Typed, first
from console.pages.opened_iep import Opened, opened
from console.pages.student import student_page
from console.paper import lines_of
from console.queries import ONE_IEP, SCHOOLS
from console.schools import school_options
from console.screens import screen
from console.visits import NoPage, Visit, Visiting
from console.words import FORMS
from contracts import forms
from contracts.forms import InstructionalPlan
from contracts.ieps import RemoveIEPForm, SaveIEPForms
from contracts.message import Command
from contracts.types import StudentId

router = APIRouter()

_AT = "forms.0."
AREA = f"{_AT}area"
"""The field with the area of an instructional plan."""

SEEN = "seen"
"""The hidden field with the fingerprint of the form as the person opened it."""

_NEXT = "/students/{student_id}/ieps/{iep_id}/forms/IPL?area={forms.0.area}"
"""An instructional plan is known by its area, which may have just been typed."""

MODELS: Mapping[str, type[BaseModel]] = {
    model.model_fields["form"].default: model for model in get_args(get_args(forms.Form)[0])
}
"""The model of each form, by its code."""


async def _one_form(visit: Visit, body: Body, typed: Typed) -> Sequence[tuple[type[Command], Body]]:
    """The form that was on the screen, saved by itself.

    Two people may work in two forms of an IEP. The revision is the IEP's, so it takes the present one if this
    form is as the person opened it.
    """
    code = _code(typed)
    content = body["forms"]["0"] if "forms" in body else {}
    now = await visit.ask(ONE_IEP, student_id=body["student_id"], iep_id=body["iep_id"])
    if now.given and _as_opened(now.given, code, content.get("area") or "", typed):
        body["on_revision"] = now.given.revision
    return [(SaveIEPForms, body | {"forms": [content | {"form": code}]})]


def _as_opened(iep: IEPWithContents, code: str, area: str, typed: Typed) -> bool:
    """Whether nobody has saved the form since the person opened it. A plan of another area is a new form."""
    opened_as = first(typed, SEEN) if area.casefold() == first(typed, "area").casefold() else ""
    return seen(content_of(iep, code, area)) == opened_as


async def _removed(_: Visit, body: Body, typed: Typed) -> Sequence[tuple[type[Command], Body]]:
    area = first(typed, "area")
    return [(RemoveIEPForm, body | {"form": _code(typed)} | ({"area": area} if area else {}))]


def _code(typed: Typed) -> str:
    """The form that was on the screen. NoPage: there is no such form."""
    code = first(typed, "form_code")
    if code not in MODELS:
        raise NoPage
    return code


def _editor(code: str) -> Form:
    return Form(
        SaveIEPForms,
        button="Save",
        given=("student_id", "iep_id"),
        shown=fields_of(MODELS[code], prefix=_AT),
        build=_one_form,
        name=f"Save{code}",
        next=_NEXT if code == "IPL" else "",
        unfinished=True,
    )


EDITORS = {code: _editor(code) for code in MODELS}
REMOVE = Form(
    RemoveIEPForm,
    button="Remove this form",
    given=("student_id", "iep_id"),
    shown=(),
    build=_removed,
    next="/students/{student_id}/ieps/{iep_id}",
)


@screen(router, "/students/{student_id}/ieps/{iep_id}/forms/{code}", *EDITORS.values(), REMOVE)
async def form(
    visit: Visiting, student_id: StudentId, iep_id: UUID, code: str, area: str = "", propose: str = ""
) -> Response:
    """One form of an IEP. A draft's can be changed; of an official IEP it is shown as it is.

    A form that was sent on the way to another one, and was refused, is shown instead of that one.
    """
    if visit.typed:
        code, area = _code(visit.typed), first(visit.typed, "area")
    if code not in EDITORS:
        raise NoPage
    shown = await opened(visit, student_id, iep_id)
    content = content_of(shown.iep.given, code, area) if shown.iep.given else None
    given: dict[str, Any] = {"student_id": student_id, "iep_id": iep_id, "form_code": code, "area": area}
    fingerprint = seen(content)
    proposal = _proposal(shown) if code == "AMD" else ""
    if content and proposal and propose:
        content = content.model_copy(update={"explanation": proposal})
    filled = visit.form(
        EDITORS[code],
        {"forms": {"0": content}} if content else None,
        options=await options_of(visit, code),
        **given,
        seen=fingerprint,
        on_revision=shown.iep.value.revision if shown.iep.given else None,
    )
    sheet = next((one for one in shown.sheets if one.code == code and one.is_of(area)), None)
    return await student_page(
        visit,
        "iep/form.html",
        "IEP forms",
        shown.banner,
        about=sheet.name if sheet else FORMS[code],
        opened=shown,
        sheet=sheet,
        code=code,
        area=area,
        content=content,
        proposal=proposal,
        form=filled,
        lines=lines_of(filled),
        remove=visit.form(REMOVE, prefix="remove-", **given),
    )


def _proposal(shown: Opened) -> str:
    """The explanation of an amendment, from what it has changed so far. Its own form is no change."""
    found = shown.changes.given.changes if shown.changes and shown.changes.given else ()
    return in_one_text(one for one in found if one.form != "AMD")


def content_of(iep: IEPWithContents, code: str, area: str) -> BaseModel | None:
    """What the IEP has of a form now. The area identifies an instructional plan."""
    for known in iep.contents.forms:
        if known.form == code and (
            not isinstance(known, InstructionalPlan) or known.area.casefold() == area.casefold()
        ):
            return known
    return None


def seen(content: BaseModel | None) -> str:
    """The fingerprint of a form's contents; blank if the IEP does not have the form."""
    return hashlib.sha256(content.model_dump_json().encode()).hexdigest()[:16] if content else ""


async def options_of(visit: Visit, code: str) -> dict[str, Sequence[Option]]:
    """Values to choose that the model does not know: the school sites of the person's LEA."""
    if code != "SIT" or visit.person.of_state:
        return {}
    return {f"{_AT}school": school_options(await visit.ask(SCHOOLS, lea=visit.person.lea))}
