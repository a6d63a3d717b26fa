"""The IEPs of an LEA that are not submitted: drafts with their lights, and official ones."""

from fastapi import APIRouter
from fastapi.responses import Response

from console.names import names_of
from console.queries import UNSUBMITTED
from console.screens import screen
from console.visits import Visiting
from contracts.ieps import IEPStage

router = APIRouter()

STAGES = (IEPStage.DRAFT, IEPStage.OFFICIAL)


@screen(router, "/ieps")
async def unsubmitted(visit: Visiting, stage: str = "", lea: str = "", after: str = "") -> Response:
    """A page of them, of one stage or of both. The state office names an LEA."""
    chosen = lea if visit.person.of_state else visit.person.lea
    params = {"stage": stage if stage in STAGES else "", "after": after, "limit": 50}
    found = await visit.ask(UNSUBMITTED, lea=chosen, params=params) if chosen else None
    listed = found.given.ieps if found and found.given else ()
    return await visit.page(
        "iep/unsubmitted.html",
        title="IEPs that are not submitted",
        found=found,
        lea=chosen,
        stage=stage,
        stages=STAGES,
        names=await names_of(visit, [one.student_id for one in listed]),
    )
