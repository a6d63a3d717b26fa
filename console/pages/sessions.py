"""The sessions of a student's services: entered several at once, corrected, and held against the terms."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter
from fastapi.responses import Response

from console import days
from console.fields import Field, Kind, Option, fields_of
from console.forms import ID, NAME, Body, Commands, Form, Typed, first
from console.names import names_of
from console.pages.providers import Number
from console.pages.student import banner_of, student_page
from console.queries import DELIVERED, DELIVERED_CASELOAD, SERVICES, SESSION
from console.rows import row_numbers
from console.screens import screen
from console.visits import NoPage, Visit, Visiting, uuid_in
from contracts.codes import SERVICES as SERVICE_CODES
from contracts.errors import Finding
from contracts.provision import CorrectSession, RecordSession, RemoveSession, Service
from contracts.types import StudentId

router = APIRouter()

ROWS, ENTRY = "sessions", "entry_id"
_MOST_ROWS = 50
_LINES = 100
_BY_TERMS = frozenset({"minutes", "provider_id"})
"""The columns that may stay blank. The service's terms fill them in."""
_NAMED = ("student_id", "session_id", "service_id", "recorded_on")

_COLUMNS = tuple(
    replace(one, required=one.required and one.path not in _BY_TERMS)
    for one in fields_of(RecordSession, ("student_id", "session_id"))
)


async def _each_row(visit: Visit, body: Body, typed: Typed) -> Commands:
    """A command for each row. Its session id derives from the form and the row, so it is recorded once."""
    found = await visit.ask(SERVICES, student_id=body["student_id"])
    services = {str(one.service_id): one for one in found.given or ()}
    return [
        (RecordSession, _completed(row, services) | _names(body, place))
        for place, row in enumerate(body[ROWS][:_MOST_ROWS])
    ]


def _names(body: Body, place: int) -> Body:
    entry = uuid_in(body[ENTRY])
    if entry is None:
        raise NoPage
    return {"student_id": body["student_id"], "session_id": str(uuid5(entry, str(place)))}


def _completed(row: Body, services: Mapping[str, Service]) -> Body:
    """The row, with minutes and provider of the service's terms of that day where they are blank."""
    service, day = services.get(row.get("service_id", "")), row.get("given_on")
    if service is None or day is None:
        return row
    terms = service.terms_on(date.fromisoformat(day))
    by_terms = {"minutes": terms.minutes_per_session, "provider_id": terms.provider_id}
    return {name: value for name, value in by_terms.items() if value is not None} | row


ENTER = Form(
    RecordSession,
    button="Record the sessions",
    given=("student_id", ENTRY),
    shown=(Field(ROWS, Kind.ROWS, "Sessions", columns=_COLUMNS),),
    build=_each_row,
    each="session_id",
    verdicts=True,
    name="RecordSessions",
)
CORRECT = Form(
    CorrectSession,
    button="Save the session",
    given=_NAMED,
    next="/students/{student_id}/services/delivered",
)
REMOVE = Form(
    RemoveSession,
    button="Remove the session",
    given=_NAMED,
    next="/students/{student_id}/services/delivered",
)


@screen(router, "/students/{student_id}/services/delivered", ENTER)
async def delivered(visit: Visiting, student_id: StudentId, since: str = "", through: str = "") -> Response:
    """Delivered sessions against prescribed minutes, the sessions, and the form for several more."""
    banner, found, services = await asyncio.gather(
        banner_of(visit, student_id),
        visit.ask(DELIVERED, student_id=student_id, params=_period(visit, since, through)),
        visit.ask(SERVICES, student_id=student_id),
    )
    await _reopen_refused(visit)
    given = [one for one in services.given or () if one.lea == visit.person.lea]
    return await student_page(
        visit,
        "service/delivered.html",
        "Services",
        banner,
        about="Sessions",
        found=found,
        services={str(one.service_id): one for one in services.given or ()},
        given=given,
        since=since,
        through=through,
        form=visit.form(ENTER, options=_options(given), student_id=student_id, entry_id=visit.fresh(ENTRY)),
    )


@screen(router, "/students/{student_id}/services/sessions/{session_id:uuid}", CORRECT, REMOVE)
async def session(visit: Visiting, student_id: StudentId, session_id: UUID) -> Response:
    """One session, to be corrected or removed."""
    banner, found, services = await asyncio.gather(
        banner_of(visit, student_id),
        visit.ask(SESSION, student_id=student_id, session_id=session_id),
        visit.ask(SERVICES, student_id=student_id),
    )
    if found.missing:
        raise NoPage
    one = found.given
    named: dict[str, Any] = {"student_id": student_id, "session_id": session_id}
    if one:
        named |= {"service_id": one.service_id, "recorded_on": one.given_on, "on_revision": one.revision}
    of = next((each for each in services.given or () if one and each.service_id == one.service_id), None)
    return await student_page(
        visit,
        "service/session.html",
        "Services",
        banner,
        about="One session",
        found=found,
        service=of,
        correcting=visit.form(CORRECT, one, **named),
        removing=visit.form(REMOVE, **named),
    )


@screen(router, "/admin/providers/{provider_id}/delivered")
async def caseload(
    visit: Visiting, provider_id: Number, since: str = "", through: str = "", after: str = ""
) -> Response:
    """A provider's open services: delivered sessions against prescribed minutes."""
    if visit.person.of_state:
        return await visit.page(
            "provider/list.html", title=f"Sessions of {provider_id}", found=None, form=None
        )
    params = _period(visit, since, through) | {"after": after[:10], "limit": _LINES}
    found = await visit.ask(DELIVERED_CASELOAD, lea=visit.person.lea, provider_id=provider_id, params=params)
    if found.missing:
        raise NoPage
    students = found.given.students if found.given else ()
    return await visit.page(
        "provider/delivered.html",
        title=f"Sessions of provider {provider_id}",
        provider=provider_id,
        found=found,
        since=since,
        through=through,
        names=await names_of(visit, [one.student_id for one in students]),
    )


def _period(visit: Visit, since: str, through: str) -> dict[str, Any]:
    """The typed days as a service reads them. A day that cannot be read is as if it were blank."""
    read = {"since": days.read_day(since, visit.today), "through": days.read_day(through, visit.today)}
    return {name: day.isoformat() for name, day in read.items() if day}


def _options(services: Sequence[Service]) -> Mapping[str, Sequence[Option]]:
    """The services to choose from, in each row."""
    options = [
        Option(
            str(one.service_id),
            f"{SERVICE_CODES.label(one.terms.service_code)}, {days.shown(one.begin_on.isoformat())}",
        )
        for one in services
    ]
    return {f"{ROWS}.{number}.service_id": options for number in range(_MOST_ROWS)}


async def _reopen_refused(visit: Visit) -> None:
    """Show the rows again that SER has just refused, each finding at its field. The others are recorded."""
    sent = {one.command_id: one for one in await visit.sent()} if visit.request.method == "GET" else {}
    typed = await visit.app.sending.typed(visit.person, next(iter(sent))) if sent else None
    if not typed or visit.typed or first(typed, NAME) != ENTER.key:
        return
    root, entry = uuid_in(first(typed, ID)), uuid_in(first(typed, ENTRY))
    if root is None or entry is None:
        return
    again: dict[str, Sequence[str]] = {}
    findings: list[Finding] = []
    for place, number in enumerate(_filled(typed)):
        one = sent.get(uuid5(root, str(uuid5(entry, str(place)))))
        if one is None or one.state != "Refused":
            continue
        row = len({name.split(".")[1] for name in again})
        again |= {
            f"{ROWS}.{row}.{name.split('.', 2)[2]}": values
            for name, values in typed.items()
            if name.startswith(f"{ROWS}.{number}.")
        }
        findings += [each.model_copy(update={"field": f"{ROWS}.{row}.{each.field}"}) for each in one.said]
    if again:
        names = {"student_id": typed["student_id"], NAME: [ENTER.key], ENTRY: [str(uuid4())]}
        visit.typed = {**again, **names}
        visit.refused[ENTER.key] = tuple(findings)


def _filled(typed: Typed) -> Sequence[int]:
    """The numbers of the rows in which something was typed, as `body_of` reads them."""
    return [
        number
        for number in sorted(row_numbers(ROWS, typed))
        if any(
            first(typed, f"{ROWS}.{number}.{one.path}").strip() not in ("", one.default) for one in _COLUMNS
        )
    ]
