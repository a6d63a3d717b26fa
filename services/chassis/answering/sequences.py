"""Read your own write: an answer about one subject says in a header how far the service had come with it.

An outcome names the sequence that the service had reached with the subject. An answer whose header names the
same number or a higher one includes what the command changed.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import Depends, Request, Response
from pydantic import ValidationError
from sqlalchemy import select

from contracts.message import Message
from services.chassis.answering.http import Database, Viewer
from services.chassis.keeping.tables import aggregates

HEADER = "Ser-Sequence"


def described_header(description: str, schema: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of the header."""
    return {200: {"headers": {HEADER: {"description": description, "schema": schema}}}}


def says_sequence(of: type[Message]) -> dict[str, Any]:
    """The arguments of a route about one subject, named in its path by the fields of `of`.

    The number is read before the answer is. So the answer may know more than the header says, never less.
    """

    async def say(request: Request, response: Response, viewer: Viewer, database: Database) -> None:
        try:
            subject = of.model_validate(request.path_params).subject
        except ValidationError:
            return  # the route itself refuses the path
        reached = select(aggregates.c.sequence).where(aggregates.c.subject == subject)
        response.headers[HEADER] = str((await database.execute(reached)).scalar() or 0)

    about = described_header(
        "The number (`ce_sequence`) of this service's last event about the subject that the answer includes."
        " It includes what a command changed if the `sequence` of the command's outcome is not greater.",
        {"type": "integer", "minimum": 0},
    )
    return {"dependencies": [Depends(say)], "responses": about}
