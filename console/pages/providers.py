"""The directory of an LEA's providers, and one provider with the caseload."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from console.forms import Form
from console.names import names_of
from console.queries import CASELOAD, PROVIDER, PROVIDERS
from console.screens import screen
from console.visits import NoPage, Visiting
from contracts.provision import RegisterProvider

router = APIRouter()

Number = Annotated[str, Path(pattern="^[0-9A-Za-z-]{1,20}$")]

_LINES = 100

REGISTER = Form(RegisterProvider, button="Register the provider", given=("lea",))
SAVE = Form(RegisterProvider, button="Save the provider", given=("lea", "provider_id"))


@screen(router, "/admin/providers", REGISTER)
async def providers(visit: Visiting, number: str = "", active: str = "", after: str = "") -> Response:
    """The providers of the person's LEA, by number; `active`: only those who work there today."""
    lea = None if visit.person.of_state else visit.person.lea
    params = {"number": number.strip()[:20], "after": after[:20], "limit": _LINES}
    if active:
        params["active_on"] = visit.today.isoformat()
    found = await visit.ask(PROVIDERS, lea=lea, params=params) if lea else None
    return await visit.page(
        "provider/list.html",
        title="Providers",
        found=found,
        number=number,
        active=active,
        after=after,
        form=visit.form(REGISTER, lea=lea) if lea else None,
    )


@screen(router, "/admin/providers/{provider_id}", SAVE)
async def provider(visit: Visiting, provider_id: Number, after: str = "", taught_after: str = "") -> Response:
    """One provider: what the directory says, and the students whose open services name the provider."""
    if visit.person.of_state:
        return await visit.page("provider/list.html", title=f"Provider {provider_id}", found=None, form=None)
    lea = visit.person.lea
    own = {"after": after[:10], "limit": _LINES}
    as_teacher = {"part": "teacher_of_record", "after": taught_after[:10], "limit": _LINES}
    found, caseload, taught = await asyncio.gather(
        visit.ask(PROVIDER, lea=lea, provider_id=provider_id),
        visit.ask(CASELOAD, lea=lea, provider_id=provider_id, params=own),
        visit.ask(CASELOAD, lea=lea, provider_id=provider_id, params=as_teacher),
    )
    if found.missing:
        raise NoPage
    students = {one.student_id for page in (caseload, taught) if page.given for one in page.given.students}
    one = found.given
    return await visit.page(
        "provider/one.html",
        title=f"Provider {provider_id}",
        found=found,
        caseload=caseload,
        taught=taught,
        after=after,
        taught_after=taught_after,
        names=await names_of(visit, sorted(students)),
        form=visit.form(
            SAVE, one, lea=lea, provider_id=provider_id, on_revision=one.revision if one else None
        ),
    )
