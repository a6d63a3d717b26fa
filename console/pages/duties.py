"""The calendar of duties: what is due in the next weeks, a whole school year, and the feed for calendars."""

from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from console.answers import DutiesAhead
from console.backend import Answer, Services
from console.queries import DUTIES, DUTIES_AHEAD, DUTIES_FEED
from console.rates import Rate
from console.screens import screen
from console.shared import shared_by
from console.visits import Visit, Visiting
from contracts.roles import Role

router = APIRouter()

_BEGINS = (7, 1)
_STATE, _LEA = "state", "LEA"


async def next_duties(visit: Visit) -> Answer[DutiesAhead] | None:
    """What is to be done in the next six weeks. None: it is nothing for the person.

    In an LEA the coordinator does it, in the state office the role `state`.
    """
    if not visit.person.has(Role.COORDINATOR, Role.STATE):
        return None
    return await visit.ask(DUTIES_AHEAD, params={"whose": _whose(visit)})


@screen(router, "/duties")
async def duties(visit: Visiting, year: str = "") -> Response:
    """The duties of a school year, with the source of each day; and the address of the feed."""
    chosen = year.strip() or _school_year(visit.today)
    found = await visit.ask(DUTIES, params={"whose": _whose(visit)}, school_year=chosen)
    if not (found.ok or found.away):
        visit.status = found.status
    return await visit.page(
        "duties/year.html",
        title=f"Calendar of duties {chosen}",
        found=found,
        year=chosen,
        feed=f"{visit.app.settings.url.rstrip('/')}/duties.ics?whose={_whose(visit)}",
    )


@router.get("/duties.ics", name="duties_feed")
async def feed(request: Request, whose: str = "") -> Response:
    """The feed. A calendar program cannot sign in, and the feed has nothing of a student: it is public."""
    state = shared_by(request)
    state.rates.count(Rate.FEED, request.client.host if request.client else "")
    services = Services(state.client, state.settings, None)
    sent = await services.download(DUTIES_FEED, params={"whose": whose} if whose else None)
    if sent.pieces is None:
        return PlainTextResponse(" ".join(finding.message for finding in sent.findings), sent.status)
    return StreamingResponse(sent.pieces, headers=sent.headers)


def _whose(visit: Visit) -> str:
    return _STATE if visit.person.of_state else _LEA


def _school_year(day: date) -> str:
    begins = day.year - ((day.month, day.day) < _BEGINS)
    return f"{begins}-{(begins + 1) % 100:02d}"
