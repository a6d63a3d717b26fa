"""Why commands were refused, by cause: those of the person's LEA, or of every LEA."""

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import Response

from console.queries import REFUSAL_CAUSES
from console.screens import screen
from console.visits import Visiting

router = APIRouter()

_PERIODS = {"7": "7 days", "30": "30 days", "366": "A year"}
_USUAL = "30"


@screen(router, "/refusals")
async def refusals(visit: Visiting, days: str = _USUAL, lea: str = "", after: str = "") -> Response:
    """The causes of the most commands first. The state office may choose an LEA."""
    days = days if days in _PERIODS else _USUAL
    lea = lea if visit.person.everywhere else ""
    since = visit.today - timedelta(days=int(days))
    params = {"from_on": since, "lea": lea, "after": after if after.isdecimal() else "", "limit": 50}
    return await visit.page(
        "outcome/causes.html",
        title="Why commands were refused",
        found=await visit.ask(REFUSAL_CAUSES, params=params),
        days=days,
        periods=_PERIODS,
        lea=lea,
    )
