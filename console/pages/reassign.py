"""Giving services of one provider to another: choose, send them all at once, and see the verdicts."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console import rules
from console.answers import CaseloadPage, OnCaseload
from console.backend import Answer
from console.fields import Option
from console.forms import ID, NAME, Body, Form, body_of, first
from console.names import names_of
from console.queries import CASELOAD, PROVIDERS, REASSIGN, REASSIGNMENT
from console.rates import Rate
from console.screens import screen
from console.visits import NoPage, Visit, Visiting, uuid_in
from contracts.errors import Finding
from contracts.provision import ReassignProvider, Service
from contracts.roles import Role

router = APIRouter()

_ADDRESS = "/tools/reassign"
_LINES = 500
_MOST = 2000
TICKED = "service_ids"

FORM = Form(
    ReassignProvider,
    button="Reassign the ticked services",
    given=("from_provider_id",),
    leave_out=("student_id", "service_id", "reassignment_id"),
    name="ReassignServices",
)

Number = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True)
class _Caseload:
    """All services that a provider gives, by student; or the findings that say why there is no list."""

    students: Sequence[OnCaseload] = ()
    refused: Answer[CaseloadPage] | None = None

    @property
    def services(self) -> Sequence[Service]:
        """The services, by State ID."""
        return [service for one in self.students for service in one.services]


@screen(router, _ADDRESS)
async def choose(visit: Visiting, provider: Number = "", retry: str = "") -> Response:
    """Choose the provider who leaves, then the services, the new provider and the day.

    `retry`: a reassignment, of which the refused services are ticked.
    """
    return await _page(visit, provider.strip(), await _refused_in(visit, retry))


@router.post(_ADDRESS, response_class=HTMLResponse)
async def send(visit: Visiting, provider: Number = "") -> Response:
    """Send the ticked services as one reassignment, under the form's id. A form sent twice is one request."""
    visit.need(Role.WRITER)
    reassignment_id = uuid_in(first(visit.typed, ID))
    if reassignment_id is None or first(visit.typed, NAME) != FORM.key:
        raise NoPage
    body = _asked(visit, reassignment_id)
    if isinstance(body, tuple):
        visit.refuse(FORM, body)
    else:
        visit.limit(Rate.COMMAND)
        answer = await visit.ask(REASSIGN, body=body)
        if answer.ok:
            return RedirectResponse(f"/tools/reassignments/{reassignment_id}", 303)
        visit.keeps_id = answer.away
        visit.refuse(FORM, answer.findings, 503 if answer.away else 422)
    return await _page(visit, provider.strip(), visit.typed.get(TICKED, ()))


@screen(router, "/tools/reassignments/{reassignment_id:uuid}")
async def reassignment(
    visit: Visiting, reassignment_id: UUID, after: Annotated[int, Query(ge=0, le=1_000_000)] = 0
) -> Response:
    """How far a reassignment is, and the verdict on each service. Names are asked for when all is decided."""
    found = await visit.ask(
        REASSIGNMENT, reassignment_id=reassignment_id, params={"after": after, "limit": _LINES}
    )
    if found.missing:
        raise NoPage
    one = found.given
    listed = [each.student_id for each in one.verdicts] if one and not one.waiting else []
    return await visit.page(
        "provider/reassignment.html",
        title=f"Reassignment {reassignment_id}",
        heading="Reassignment",
        found=found,
        after=after,
        names=await names_of(visit, listed),
    )


def _asked(visit: Visit, reassignment_id: UUID) -> Body | tuple[Finding, ...]:
    """The reassignment as provision takes it; or the findings that say what is lacking."""
    body = body_of(FORM, visit.typed, visit.today)
    if isinstance(body, tuple):
        return body
    ticked = list(dict.fromkeys(visit.typed.get(TICKED, ())))
    if not ticked:
        return (rules.NOTHING_CHOSEN.broken(at=TICKED),)
    return body | {"reassignment_id": str(reassignment_id), "lea": visit.person.lea, TICKED: ticked}


async def _refused_in(visit: Visit, reassignment: str) -> Collection[str] | None:
    """The services that a reassignment did not change; None without one."""
    if (reassignment_id := uuid_in(reassignment)) is None:
        return None
    found = await visit.ask(REASSIGNMENT, reassignment_id=reassignment_id)
    return [one.service_id for one in found.given.verdicts if one.state == "Refused"] if found.given else None


async def _page(visit: Visit, provider: str, ticked: Collection[str] | None) -> Response:
    visit.need(Role.WRITER)
    caseload, directory = await asyncio.gather(
        _caseload(visit, provider), visit.ask(PROVIDERS, lea=visit.person.lea, params={"limit": _LINES})
    )
    there = directory.given.providers if directory.given else ()
    options = [Option(one.provider_id, f"{one.provider_id}, {one.provider_type}") for one in there]
    return await visit.page(
        "provider/reassign.html",
        title=f"Reassign the services of {provider}" if provider else "Reassign services",
        provider=provider,
        caseload=caseload,
        options=options,
        ticked=ticked,
        names=await names_of(visit, [one.student_id for one in caseload.students]),
        form=visit.form(
            FORM,
            options={"provider_id": [one for one in options if one.value != provider]},
            from_provider_id=provider,
        ),
    )


async def _caseload(visit: Visit, provider: str) -> _Caseload:
    """Every page of a provider's caseload, up to 2,000 students."""
    students: list[OnCaseload] = []
    after: str | None = ""
    while provider and after is not None and len(students) < _MOST:
        params = {"after": after, "limit": _LINES}
        found = await visit.ask(CASELOAD, lea=visit.person.lea, provider_id=provider, params=params)
        if found.given is None:
            return _Caseload(refused=found)
        students += found.given.students
        after = found.given.next
    return _Caseload(students)
