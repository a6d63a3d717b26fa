"""An IEP on paper: its forms as the team filled them in, with lines to sign."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel

from console.fields import Option
from console.forms import blank_form
from console.pages.iep_forms import AREA, EDITORS, options_of
from console.pages.student import banner_of, student_page
from console.paper import Line, lines_of
from console.queries import ONE_IEP
from console.screens import screen
from console.visits import NoPage, Visit, Visiting
from console.words import FORMS, form_name
from contracts.deadlines import last_day_of_iep
from contracts.forms import Form, FormCode, InstructionalPlan, Signatures
from contracts.types import StudentId

router = APIRouter()

Options = dict[str, Sequence[Option]]


@dataclass(frozen=True, slots=True)
class PrintedForm:
    """One form on paper: its title, and what it says."""

    title: str
    lines: Sequence[Line]


@screen(router, "/students/{student_id}/ieps/{iep_id}/print")
async def printed(visit: Visiting, student_id: StudentId, iep_id: UUID) -> Response:
    """The IEP as its forms. Blank forms are left out; the signatures come last, with lines to sign."""
    banner, iep = await asyncio.gather(
        banner_of(visit, student_id), visit.ask(ONE_IEP, student_id=student_id, iep_id=iep_id)
    )
    if iep.missing:
        raise NoPage
    forms = iep.given.contents.forms if iep.given else ()
    return await student_page(
        visit,
        "iep/print.html",
        "IEP forms",
        banner,
        about="The whole IEP",
        found=iep,
        forms=await _printed_forms(visit, forms),
        signatures=next((one for one in forms if isinstance(one, Signatures)), Signatures()),
        through=last_day_of_iep(iep.value.begin_on) if iep.given else None,
    )


async def _printed_forms(visit: Visit, forms: Sequence[Form]) -> Sequence[PrintedForm]:
    """The forms that say something, in the order of the IEP. The signatures are lines of their own."""
    order = list(FORMS)
    placed = sorted(forms, key=lambda one: order.index(one.form))
    every = [
        PrintedForm(_title(one), said(one, await options_of(visit, one.form)))
        for one in placed
        if one.form != FormCode.SIG
    ]
    return [one for one in every if one.lines]


def _title(form: Form) -> str:
    return form_name(form.form, form.area if isinstance(form, InstructionalPlan) else None)


def said(content: BaseModel, options: Options) -> Sequence[Line]:
    """What the form says. The area of an instructional plan is in its title."""
    code = content.model_dump(include={"form"})["form"]
    return lines_of(blank_form(EDITORS[code], {"forms": {"0": content}}, options), without=(AREA,))
