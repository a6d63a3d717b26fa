"""A student's services: the list, adding one, terminating several."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from console.backend import Answer
from console.forms import Body, Form, Typed
from console.pages.student import Banner, banner_of, student_page
from console.queries import IEPS, SERVICE, SERVICES
from console.screens import screen
from console.terms import terms_of
from console.visits import NoPage, Visit, Visiting
from contracts.ieps import IEPStage
from contracts.message import Command
from contracts.provision import AddService, ChangeServiceTerms, RecordFirstSession, Service, TerminateService
from contracts.types import StudentId

router = APIRouter()


async def _each(_: Any, body: Body, typed: Typed) -> Sequence[tuple[type[Command], Body]]:
    """A command for each ticked service."""
    ticked = dict.fromkeys(typed.get("service_id", ()))
    return [(TerminateService, body | {"service_id": one}) for one in ticked]


TERMINATE = Form(
    TerminateService,
    button="Terminate the ticked services",
    leave_out=("service_id",),
    build=_each,
    each="service_id",
)
FIRST = Form(RecordFirstSession, button="Save the first session", given=("student_id", "service_id"))
CHANGE = Form(
    ChangeServiceTerms,
    button="Change the terms",
    given=("student_id", "service_id", "terms.service_code", "terms.begin_on"),
)
ADD = Form(
    AddService,
    button="Add service",
    given=("student_id", "service_id", "iep_id"),
    next="/students/{student_id}/services",
)


@screen(router, "/students/{student_id}/services", TERMINATE)
async def services(visit: Visiting, student_id: StudentId, end: str = "") -> Response:
    """The services, open ones first; several can be terminated at once. `end=all` ticks all open ones."""
    banner, found = await asyncio.gather(
        banner_of(visit, student_id), visit.ask(SERVICES, student_id=student_id)
    )
    given = found.given or ()
    return await student_page(
        visit,
        "service/list.html",
        "Services",
        banner,
        found=found,
        open=[one for one in given if one.open],
        ended=[one for one in given if not one.open],
        form=visit.form(TERMINATE, student_id=student_id),
        ticked=visit.typed.get("service_id", ()),
        all_ticked=end == "all" and not visit.typed,
    )


async def _opened(visit: Visit, student_id: StudentId, service_id: UUID) -> tuple[Banner, Answer[Service]]:
    """The student's banner and the service. NoPage: the student has no such service."""
    banner, found = await asyncio.gather(
        banner_of(visit, student_id), visit.ask(SERVICE, student_id=student_id, service_id=service_id)
    )
    if found.missing:
        raise NoPage
    return banner, found


@screen(router, "/students/{student_id}/services/{service_id:uuid}", FIRST)
async def service(visit: Visiting, student_id: StudentId, service_id: UUID) -> Response:
    """One service: its terms now and before, and the day of its first session."""
    banner, found = await _opened(visit, student_id, service_id)
    one = found.given
    filled = visit.form(
        FIRST,
        {"given_on": one.first_given_on} if one else None,
        student_id=student_id,
        service_id=service_id,
        on_revision=one.revision if one else None,
    )
    return await student_page(
        visit,
        "service/one.html",
        "Services",
        banner,
        about="Service",
        found=found,
        form=filled,
        history=terms_of(one) if one else (),
    )


@screen(router, "/students/{student_id}/services/{service_id:uuid}/terms", CHANGE)
async def terms(visit: Visiting, student_id: StudentId, service_id: UUID) -> Response:
    """Give a service on other terms from a day on. The form shows the present terms."""
    banner, found = await _opened(visit, student_id, service_id)
    one = found.given
    fixed: dict[str, Any] = (
        {"terms.service_code": one.terms.service_code, "terms.begin_on": one.terms.begin_on} if one else {}
    )
    filled = visit.form(
        CHANGE,
        {"terms": one.terms} if one else None,
        student_id=student_id,
        service_id=service_id,
        on_revision=one.revision if one else None,
        **fixed,
    )
    return await student_page(
        visit, "service/terms.html", "Services", banner, about="Other terms", found=found, form=filled
    )


@screen(router, "/students/{student_id}/services/new", ADD)
async def new(visit: Visiting, student_id: StudentId) -> Response:
    """Record a service of the submitted IEP."""
    banner, ieps = await asyncio.gather(banner_of(visit, student_id), visit.ask(IEPS, student_id=student_id))
    submitted = [one for one in ieps.given or () if one.stage is IEPStage.SUBMITTED]
    filled = visit.form(
        ADD,
        student_id=student_id,
        service_id=visit.fresh("service_id"),
        iep_id=submitted[0].iep_id if submitted else None,
    )
    return await student_page(
        visit,
        "service/new.html",
        "Services",
        banner,
        about="Add a service",
        ieps=ieps,
        iep=submitted[0] if submitted else None,
        form=filled,
    )
