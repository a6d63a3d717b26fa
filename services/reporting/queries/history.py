"""Every state of everything about one student, in the order in which it was said."""

import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.types import StudentId
from services.reporting.queries.scope import look_at

_HISTORY = text("""
SELECT at, owner::text AS service, sequence, name AS event, event_id::text, kind, record_id, revision,
    sender, body
FROM revisions WHERE subject = :subject ORDER BY at, owner, sequence
""")


class Revision(BaseModel):
    """One event: the state of a record from then on."""

    at: datetime = Field(description="When Kafka received the event.")
    service: str
    sequence: int
    event: str
    event_id: str
    kind: str
    record_id: str
    revision: int
    sender: str | None = Field(
        description="Changed by: LEA and user who sent the command, `017/m.landry`. Blank if nobody did."
    )
    body: dict[str, Any]


async def history(viewer: Actor, database: AsyncConnection, student: StudentId) -> list[Revision]:
    """All that was said about a student; to a former owner what bears its LEA. NotFound, Forbidden."""
    part = await look_at(database, viewer, student, "history")
    rows = (await database.execute(_HISTORY, {"subject": student})).mappings()
    revisions = [Revision.model_validate(dict(row) | {"body": json.loads(row["body"])}) for row in rows]
    return [revision for revision in revisions if part is None or revision.body.get("lea") == part]
