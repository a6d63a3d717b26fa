"""Read your own write: a response about one subject has a header with the subject's sequence.

A command's outcome has the subject's `sequence` too. If the header's number is not lower, the response
includes the command's change.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import Depends, Request, Response
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.message import Message
from services.chassis.answering.http import Database, Viewer
from services.chassis.keeping.tables import aggregates

HEADER = "Ser-Sequence"


def described_header(description: str, schema: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of the header."""
    return {200: {"headers": {HEADER: {"description": description, "schema": schema}}}}


async def sequence_of(database: AsyncConnection, subject: str) -> int:
    """The number of the service's last event about a subject; 0 if there is none."""
    reached = select(aggregates.c.sequence).where(aggregates.c.subject == subject)
    return (await database.execute(reached)).scalar() or 0


def with_sequence_header(of: type[Message]) -> dict[str, Any]:
    """The arguments of a route about one subject, whose path has the fields of `of`.

    The route reads the number before the answer. So the answer may include more events, never fewer.
    """

    async def add_header(request: Request, response: Response, viewer: Viewer, database: Database) -> None:
        try:
            subject = of.model_validate(request.path_params).subject
        except ValidationError:
            return  # the route itself refuses the path
        response.headers[HEADER] = str(await sequence_of(database, subject))

    about = described_header(
        "The number (`ce_sequence`) of this service's last event about the subject in this response. If the"
        " `sequence` of a command's outcome is not greater, the response includes the command's change.",
        {"type": "integer", "minimum": 0},
    )
    return {"dependencies": [Depends(add_header)], "responses": about}
