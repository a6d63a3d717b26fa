"""The requests to delete IEPs that a second person decides."""

from fastapi import APIRouter
from fastapi.responses import Response

from console.names import names_of
from console.queries import DELETIONS
from console.screens import screen
from console.visits import Visiting
from contracts.roles import Role

router = APIRouter()


@screen(router, "/iep-deletions")
async def deletions(visit: Visiting, lea: str = "", after: str = "") -> Response:
    """The open requests of an LEA, for its coordinators; the state office names an LEA."""
    visit.need(Role.COORDINATOR, Role.STATE)
    chosen = lea if visit.person.of_state else visit.person.lea
    found = await visit.ask(DELETIONS, lea=chosen, params={"after": after, "limit": 50}) if chosen else None
    listed = found.given.deletions if found and found.given else ()
    names = await names_of(visit, [one.student_id for one in listed])
    return await visit.page(
        "iep/deletions.html", title="Requests to delete IEPs", found=found, lea=chosen, names=names
    )
