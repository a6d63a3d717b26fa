"""The editor of an IEP: one of its forms on the screen, all others at the side."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel

from console.fields import Option, fields_of
from console.forms import Body, Form, Typed, first
from console.pages.ieps import Opened, opened
from console.pages.student import student_page
from console.queries import SCHOOLS
from console.schools import school_options
from console.screens import screen
from console.visits import NoPage, Visit, Visiting
from contracts import forms
from contracts.forms import InstructionalPlan
from contracts.ieps import RemoveIEPForm, SaveIEPForms
from contracts.message import Command
from contracts.types import StudentId

router = APIRouter()

_AT = "forms.0."
_NEXT = "/students/{student_id}/ieps/{iep_id}/forms/IPL?area={forms.0.area}"
"""An instructional plan is known by its area, which may have just been typed."""

MODELS: Mapping[str, type[BaseModel]] = {
    model.model_fields["form"].default: model for model in get_args(get_args(forms.Form)[0])
}
"""The model of each form, by its code."""


async def _one_form(_: Visit, body: Body, typed: Typed) -> Sequence[tuple[type[Command], Body]]:
    """The form that was on the screen, saved by itself."""
    code = _code(typed)
    content = body["forms"]["0"] if "forms" in body else {}
    return [(SaveIEPForms, body | {"forms": [content | {"form": code}]})]


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
async def form(visit: Visiting, student_id: StudentId, iep_id: UUID, code: str, area: str = "") -> Response:
    """One form of an IEP. A draft's can be changed; of an official IEP it is shown as it is."""
    if code not in EDITORS:
        raise NoPage
    shown = await opened(visit, student_id, iep_id)
    content = _content(shown, code, area)
    given: dict[str, Any] = {"student_id": student_id, "iep_id": iep_id, "form_code": code}
    options = await _options(visit, code)
    filled = visit.form(
        EDITORS[code],
        {"forms": {"0": content}} if content else None,
        options=options,
        **given,
        on_revision=shown.iep.value.revision if shown.iep.given else None,
    )
    sheet = next((s for _, s in shown.sheets if s.code == code and (s.area or "") == area), None)
    return await student_page(
        visit,
        "iep/form.html",
        "IEP forms",
        shown.banner,
        about=sheet.name if sheet else "IEP form",
        opened=shown,
        code=code,
        area=area,
        sheet=sheet,
        content=content,
        form=filled,
        remove=visit.form(REMOVE, prefix="remove-", **given, area=area or None),
    )


def _content(shown: Opened, code: str, area: str) -> BaseModel | None:
    """What the IEP has of a form now."""
    for known in shown.iep.given.contents.forms if shown.iep.given else ():
        if known.form == code and (not isinstance(known, InstructionalPlan) or known.area == area):
            return known
    return None


async def _options(visit: Visit, code: str) -> dict[str, Sequence[Option]]:
    """Values to choose that the model does not know: the school sites of the person's LEA."""
    if code != "SIT" or visit.person.of_state:
        return {}
    return {f"{_AT}school": school_options(await visit.ask(SCHOOLS, lea=visit.person.lea))}
