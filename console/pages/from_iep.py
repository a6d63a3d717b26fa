"""Recording the services of a submitted IEP: its rows are filled in, and one Enter records them all."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import uuid5

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError

from console import days, rules
from console.answers import ListedIEP
from console.fields import Option
from console.forms import ID, Body, Commands, Form, NotBuilt, Typed, first
from console.pages.student import banner_of, student_page
from console.queries import IEPS, PROPOSED, PROVIDERS, SERVICES
from console.screens import screen
from console.sending import Sent
from console.visits import NoPage, Visit, Visiting, uuid_in
from contracts.ieps import IEPStage
from contracts.provision import AddService, TerminateService
from contracts.types import StudentId

router = APIRouter()

_PROVIDER, _END_ON = "provider.", "end_on."
_MOST_PROVIDERS = 500


async def _each_row(visit: Visit, _: Body, typed: Typed) -> Commands:
    """A command for each row: a service to add with its provider, and each ticked service to end."""
    adding = [_with_provider(_row(AddService, text), typed) for text in typed.get("add", ())]
    ending = [_with_last_day(_row(TerminateService, text), typed, visit) for text in typed.get("end", ())]
    return [*((AddService, body) for body in adding), *((TerminateService, body) for body in ending)]


def _row(command: type[BaseModel], text: str) -> Body:
    """A row as provision proposed it. NoPage: the console did not make this row."""
    try:
        return command.model_validate_json(text).model_dump(mode="json", exclude_none=True)
    except ValidationError as failure:
        raise NoPage from failure


def _with_provider(body: Body, typed: Typed) -> Body:
    provider = first(typed, f"{_PROVIDER}{body['service_id']}").strip()
    return body | {"terms": body["terms"] | {"provider_id": provider or None}}


def _with_last_day(body: Body, typed: Typed, visit: Visit) -> Body:
    at = f"{_END_ON}{body['service_id']}"
    day = days.read_day(first(typed, at), visit.today)
    if day is None:
        raise NotBuilt([rules.DAY_UNCLEAR.broken(at=at)], 422)
    return body | {"end_on": day.isoformat()}


RECORD = Form(
    AddService,
    button="Record the services",
    shown=(),
    build=_each_row,
    each="service_id",
    verdicts=True,
    name="RecordServices",
)


@screen(router, "/students/{student_id}/services/from-iep", RECORD)
async def from_iep(visit: Visiting, student_id: StudentId, iep: str = "") -> Response:
    """The services of an IEP that are not recorded, and recorded ones that it does not have."""
    banner, ieps, services, providers = await asyncio.gather(
        banner_of(visit, student_id),
        visit.ask(IEPS, student_id=student_id),
        visit.ask(SERVICES, student_id=student_id),
        visit.ask(PROVIDERS, lea=visit.person.lea, params={"limit": _MOST_PROVIDERS}),
    )
    chosen = _chosen(ieps.given or (), iep)
    found = (
        await visit.ask(PROPOSED, student_id=student_id, params={"iep": chosen.iep_id}) if chosen else None
    )
    verdicts, earlier = await _verdicts(visit)
    return await student_page(
        visit,
        "service/from_iep.html",
        "Services",
        banner,
        about="Services from the IEP",
        ieps=ieps,
        iep=chosen,
        found=found,
        services={str(one.service_id): one for one in services.given or ()},
        form=visit.form(RECORD, student_id=student_id),
        providers=[Option(one.provider_id, one.provider_type) for one in providers.given.providers]
        if providers.given
        else [],
        verdicts=verdicts,
        typed={name: first(earlier, name) for name in earlier},
    )


def _chosen(ieps: Sequence[ListedIEP], wanted: str) -> ListedIEP | None:
    """The wanted IEP, or the newest submitted one; None if none is submitted."""
    submitted = [one for one in ieps if one.stage is IEPStage.SUBMITTED]
    return next((one for one in submitted if str(one.iep_id) == wanted), next(iter(submitted), None))


async def _verdicts(visit: Visit) -> tuple[Mapping[str, Sent], Typed]:
    """What SER says of each row that was just sent, by the service's id; and what was typed.

    A command's id derives from the form's and from the service's.
    """
    sent = {one.command_id: one for one in await visit.sent()} if visit.request.method == "GET" else {}
    typed = visit.typed or (await visit.app.sending.typed(visit.person, next(iter(sent))) if sent else None)
    if not typed or (root := uuid_in(first(typed, ID))) is None:
        return {}, typed or {}
    rows = [*(_row(AddService, text) for text in typed.get("add", ()))]
    rows += [*(_row(TerminateService, text) for text in typed.get("end", ()))]
    by_id = {uuid5(root, row["service_id"]): row["service_id"] for row in rows}
    return {by_id[one]: sent[one] for one in sent if one in by_id}, typed
