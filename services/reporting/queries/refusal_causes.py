"""Why commands were refused: refusals grouped by rule, kind of command, LEA and period.

A command counts for each rule that it broke. A command whose fact never came (MSG-007) counts for the rule
that names the fact, since that one is the cause.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.dates import ZONE
from contracts.errors import NEVER_CAME
from services.reporting.queries.refusals import DAYS, RefusalsFilter, filtered


class Each(StrEnum):
    """The period of a cause: all days that were asked for, a month, or a day in Louisiana."""

    WHOLE = "whole"
    MONTH = "month"
    DAY = "day"


_DAY = f"(at AT TIME ZONE '{ZONE}')::date"
_PERIOD = {Each.WHOLE: "NULL::date", Each.MONTH: f"date_trunc('month', {_DAY})::date", Each.DAY: _DAY}


def _newest(column: str) -> str:
    """The SQL for a column of the group's newest refusal."""
    return f"(array_agg({column} ORDER BY at DESC, command_id DESC))[1] AS {column}"


_CAUSES = f"""
SELECT sender_lea AS lea, owner::text AS service, command, code, {{period}} AS begins_on,
    count(*) AS commands, count(DISTINCT subject) FILTER (WHERE subject ~ '^[0-9]+$') AS students,
    min(at) AS first_at, max(at) AS last_at,
    {_newest("command_id")}, {_newest("message")}, {_newest("solution")}
FROM refusals
WHERE {DAYS}
    AND (code <> '{NEVER_CAME.code}' OR NOT EXISTS (
        SELECT FROM refusals AS other
        WHERE other.command_id = refusals.command_id AND other.code <> '{NEVER_CAME.code}'
    ))
GROUP BY lea, service, command, code, begins_on
ORDER BY commands DESC, begins_on DESC, lea, service, command, code
LIMIT :limit + 1 OFFSET :after
"""


class CausesFilter(RefusalsFilter):
    """A page of causes."""

    each: Each = Field(default=Each.WHOLE, description="The period of a cause.")
    after: int = Field(default=0, ge=0, le=1_000_000, description="`next` of the previous page.")
    limit: int = Field(default=100, ge=1, le=1000)


class Cause(BaseModel):
    """A rule that refused commands of one name, of one LEA, in one period."""

    lea: str | None = Field(description="The LEA of the senders; blank if no token could be trusted.")
    service: str
    command: str
    code: str
    begins_on: date | None = Field(description="The first day of the period; blank for the whole time.")
    commands: int
    students: int = Field(description="How many students the commands were about.")
    first_at: datetime
    last_at: datetime
    command_id: UUID = Field(description="The receipt of the newest of these commands, as an example.")
    message: str = Field(description="What was wrong with that one.")
    solution: str = Field(description="What to do about it.")


class Causes(BaseModel):
    """A page of causes, those of the most commands first."""

    causes: tuple[Cause, ...]
    next: int | None = Field(description="`after` of the next page; blank on the last.")


async def causes(viewer: Actor, database: AsyncConnection, wanted: CausesFilter) -> Causes:
    """Refusals by cause. Forbidden: another LEA's."""
    statement, values = filtered(
        viewer, _CAUSES.format(period=_PERIOD[wanted.each], within="{within}"), wanted
    )
    page = {"after": wanted.after, "limit": wanted.limit}
    rows = (await database.execute(text(statement), values | page)).mappings().all()
    found = tuple(Cause.model_validate(dict(row)) for row in rows[: wanted.limit])
    return Causes(causes=found, next=wanted.after + wanted.limit if len(rows) > wanted.limit else None)
