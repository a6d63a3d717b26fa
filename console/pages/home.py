"""The work list, which is home: what is due, and what waits."""

from fastapi import APIRouter
from fastapi.responses import Response

from console.visits import Visiting, screen

router = APIRouter()


@screen(router, "/")
async def work_list(visit: Visiting) -> Response:
    """The work of the person's LEA."""
    return await visit.page("home/page.html", title="Work list")
