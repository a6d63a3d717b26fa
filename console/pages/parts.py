"""Parts of pages that htmx asks for by themselves: the panel of outcomes, a day as it was understood."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from console import days
from console.forms import first
from console.visits import Visiting

router = APIRouter(prefix="/parts")


@router.get("/outcomes", response_class=HTMLResponse)
async def outcomes(visit: Visiting, n: Annotated[int, Query(ge=0)] = 0) -> Response:
    """The panel of the commands that were just sent, and their number in the navigation."""
    sent = await visit.sent()
    counts = await visit.app.sending.counts(visit.person)
    return visit.html("_outcomes.html", sent=sent, counts=counts, n=n + 1, alone=True)


@router.post("/stay")
async def stay(visit: Visiting) -> Response:
    """The person is still here: asking for anything keeps the sign-in for another hour."""
    return Response(status_code=204)


@router.post("/day", response_class=HTMLResponse)
async def understood(visit: Visiting, of: str) -> Response:
    """The day typed into the field `of`, in words, with its weekday; blank if it cannot be read."""
    return visit.html("_day.html", day=days.read_day(first(visit.typed, of), visit.today))
