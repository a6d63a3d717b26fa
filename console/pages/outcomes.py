"""What the person sent: every command of the last seven days with its state, and each receipt."""

import asyncio
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from console.screens import screen
from console.sending import Sent
from console.visits import NoPage, Visit, Visiting

router = APIRouter()


@screen(router, "/outcomes")
async def outcomes(visit: Visiting) -> Response:
    """Newest first; what is not final is asked for now."""
    listed = await visit.app.sending.latest(visit.person)
    open_ones = {one.command_id: one for one in await _now(visit, [one for one in listed if not one.final])}
    shown = [open_ones.get(one.command_id, one) for one in listed]
    return await visit.page("outcome/list.html", title="What I sent", listed=shown)


@screen(router, "/outcomes/{command_id}")
async def receipt(visit: Visiting, command_id: UUID) -> Response:
    """One command: what SER said about it, and the form again if it was refused."""
    found = await visit.app.sending.named(visit.person, visit.services, [command_id])
    if not found:
        raise NoPage
    return await visit.page("outcome/one.html", title=f"Receipt {command_id}", one=found[0])


async def _now(visit: Visit, some: list[Sent]) -> list[Sent]:
    groups = await asyncio.gather(
        *(visit.app.sending.named(visit.person, visit.services, [one.command_id]) for one in some[:20])
    )
    return [one for group in groups for one in group]
