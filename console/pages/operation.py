"""Held messages in the district's words, and whether each service makes progress."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import Response

from console.names import names_of
from console.queries import HELD, READY
from console.screens import screen
from console.visits import Visiting

router = APIRouter()


@screen(router, "/held")
async def held(visit: Visiting) -> Response:
    """The commands that wait, those of the person's LEA; the state office sees all."""
    answers = await asyncio.gather(*(visit.ask(query, params={"limit": 100}) for query in HELD.values()))
    found = dict(zip(HELD, answers, strict=True))
    subjects = [one.subject for answer in answers if answer.given for one in answer.given.held]
    names = await names_of(visit, [one for one in subjects if one.isdigit()])
    return await visit.page("held/list.html", title="Held messages", found=found, names=names)


@screen(router, "/status")
async def status(visit: Visiting) -> Response:
    """Each service in a word."""
    answers = await asyncio.gather(*(visit.ask(query) for query in READY.values()))
    return await visit.page("about/status.html", title="Status", found=dict(zip(READY, answers, strict=True)))
