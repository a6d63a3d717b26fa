"""A whole IEP on one page, form by form, to be printed."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from console.forms import FilledForm
from console.pages.iep_forms import EDITORS, content_of
from console.pages.opened_iep import Opened, Sheet, opened
from console.pages.student import student_page
from console.screens import screen
from console.visits import Visit, Visiting
from contracts.types import StudentId

router = APIRouter()


@screen(router, "/students/{student_id}/ieps/{iep_id}/print")
async def printed(visit: Visiting, student_id: StudentId, iep_id: UUID) -> Response:
    """Every form that the IEP has, in the order in which a team fills them in."""
    shown = await opened(visit, student_id, iep_id)
    return await student_page(
        visit,
        "iep/print.html",
        "IEP forms",
        shown.banner,
        about="The whole IEP",
        opened=shown,
        forms=[(sheet.name, _filled(visit, shown, sheet)) for sheet in shown.sheets if sheet.present],
    )


def _filled(visit: Visit, shown: Opened, sheet: Sheet) -> FilledForm:
    """The form with what the IEP says in it. It is read only."""
    iep = shown.iep.value
    content = content_of(iep, sheet.code, sheet.area or "")
    given: dict[str, Any] = {"student_id": iep.student_id, "iep_id": iep.iep_id}
    return visit.form(EDITORS[sheet.code], {"forms": {"0": content}}, **given)
