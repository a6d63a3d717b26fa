"""The state's calendars: business days, school days, and what a change of them moves."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response

from console import rules
from console.answers import Moves
from console.backend import Answer
from console.forms import LOOK, Body, Commands, Form, NotBuilt, Typed, first
from console.names import names_of
from console.queries import CALENDAR, CALENDARS, MOVES
from console.screens import screen
from console.visits import Visit, Visiting
from contracts.calendars import Calendar, PublishCalendar
from contracts.roles import Role

router = APIRouter()

Year = Annotated[str, Path(pattern="^(19|20|21)[0-9]{2}$")]

_LEFT_OUT = "left_out"


async def _whole(visit: Visit, body: Body, typed: Typed) -> Commands:
    """The calendar as it would be: the days that it has, without those left out, and the new ones."""
    found = await visit.ask(CALENDAR, year=body["year"])
    if found.given is None and not found.missing:
        raise NotBuilt(found.findings, 503 if found.away else 422)
    left_out = set(typed.get(_LEFT_OUT, ()))
    kept = [day for day in _days(found.given) if day["day"] not in left_out]
    days = sorted([*kept, *body["days"]], key=lambda day: str(day.get("day")))
    body = body | {"days": days}
    if found.given and _says(body) == _says(found.given.model_dump(mode="json", exclude_none=True)):
        raise NotBuilt([rules.NOTHING_CHANGED.broken()], 422)
    return [(PublishCalendar, body)]


def _days(calendar: Calendar | None) -> Sequence[Body]:
    return calendar.model_dump(mode="json")["days"] if calendar else ()


def _says(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a calendar says, without what names it."""
    return {
        name: body.get(name) for name in PublishCalendar.model_fields if name not in ("year", "on_revision")
    }


PUBLISH = Form(PublishCalendar, button="Publish the calendar", role=Role.STATE, given=("year",), build=_whole)


@screen(router, "/admin/calendar")
async def calendars(visit: Visiting) -> Response:
    """The calendars, by year."""
    visit.need(Role.STATE)
    found = await visit.ask(CALENDARS)
    last = max((int(one.year) for one in found.given or ()), default=visit.today.year - 1)
    return await visit.page("calendar/list.html", title="Calendars", found=found, next_year=last + 1)


@screen(router, "/admin/calendar/{year}", PUBLISH)
async def calendar(visit: Visiting, year: Year) -> Response:
    """One calendar. A change shows first which due dates it moves; then it can be published."""
    visit.need(Role.STATE)
    found = await visit.ask(CALENDAR, year=year)
    moves = await _moves(visit, year) if first(visit.typed, LOOK) == "moves" else None
    known = found.given.model_dump(exclude={"days"}) if found.given else None
    return await visit.page(
        "calendar/one.html",
        title=f"Calendar {year}",
        year=year,
        found=found,
        form=visit.form(PUBLISH, known, year=year, on_revision=found.given.revision if found.given else 0),
        moves=moves,
        names=await names_of(
            visit, [one.student_id for one in moves.given.students] if moves and moves.given else []
        ),
        left_out=visit.typed.get(_LEFT_OUT, ()),
        typed={name: values for name, values in visit.typed.items() if name != LOOK},
    )


async def _moves(visit: Visit, year: str) -> Answer[Moves] | None:
    """The due dates that the typed calendar would move; None if it cannot be read."""
    commands = await visit.commands_of(PUBLISH)
    if commands is None:
        return None
    ((_, body),) = commands
    proposed = {name: value for name, value in body.items() if name not in ("year", "on_revision")}
    answer = await visit.ask(MOVES, body=proposed, year=year)
    if not answer.ok:
        visit.refuse(PUBLISH, answer.findings, 503 if answer.away else 422)
        return None
    return answer
