"""The outcomes of commands over HTTP: of one command, and of many at once.

They are receipts for the sender, who knows the ids. So SER does not log these views.
"""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts import errors
from contracts.access import Actor
from contracts.message import Value
from contracts.outcome import Outcome
from services.chassis.answering.connection import Database
from services.chassis.answering.door import Door
from services.chassis.answering.preferences import Prefer, seconds_of
from services.chassis.answering.problems import NotFound, documented
from services.chassis.answering.receipts import receipts
from services.chassis.answering.requests import body_as, described_body
from services.chassis.answering.viewer import Viewer

_MOST_IDS = 500


class WantedOutcomes(Value):
    """The ids of commands."""

    ids: tuple[UUID, ...] = Field(max_length=_MOST_IDS)


class Outcomes(Value):
    """The outcome so far of each command, by its id; null for one without an outcome, or another scope's."""

    outcomes: Mapping[UUID, Outcome | None]


def outcome_routes() -> APIRouter:
    """A GET for the outcome of one command, and a POST for those of many."""
    router = APIRouter()

    @router.get(
        "/commands/{command_id}",
        summary="The outcome of a command",
        responses=documented(401, 404, 422, 503),
    )
    async def outcome(command_id: UUID, request: Request, viewer: Viewer, prefer: Prefer = None) -> Outcome:
        """For the sender's scope, the state and auditors. Not found as long as there is no outcome."""
        return await _outcome(viewer, request.app.state.door, command_id, seconds_of(prefer))

    @router.post(
        "/commands/outcomes",
        summary=f"The outcomes of up to {_MOST_IDS} commands, by id",
        openapi_extra=described_body(WantedOutcomes),
        responses=documented(401, 413, 415, 422, 503),
    )
    async def outcomes(
        viewer: Viewer,
        wanted: Annotated[WantedOutcomes, Depends(body_as(WantedOutcomes))],
        database: Database,
    ) -> Outcomes:
        """Null: the command has no outcome yet, or another scope sent it."""
        return await _outcomes(viewer, database, wanted)

    return router


async def _outcome(viewer: Actor, door: Door, command_id: UUID, seconds: int) -> Outcome:
    """The final outcome; after `seconds`, the outcome so far. NotFound: there is none for the viewer."""
    given = await door.wait(command_id, seconds)
    if given is None or not given.may_be_read_by(viewer):
        raise NotFound(errors.NO_OUTCOME.broken())
    return given.outcome


async def _outcomes(viewer: Actor, database: AsyncConnection, wanted: WantedOutcomes) -> Outcomes:
    found = await receipts(database, wanted.ids)
    readable = {each: one.outcome for each, one in found.items() if one.may_be_read_by(viewer)}
    return Outcomes(outcomes={each: readable.get(each) for each in wanted.ids})
