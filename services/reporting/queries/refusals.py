"""What districts are refused for: commands by the rule they broke, by service and day."""

from datetime import date

from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.types import LeaCode
from services.reporting.queries.moment import ZONE
from services.reporting.queries.scope import lea_asked

_WITHIN_LEA = (
    "AND subject IN (SELECT lpad(subject::text, 10, '0') FROM spells WHERE lea = :lea AND end_on IS NULL)"
)
_REFUSALS = f"""
SELECT owner::text AS service, (at AT TIME ZONE '{ZONE}')::date AS day, code,
    count(*) AS commands, min(message) AS example
FROM refusals
WHERE at >= CAST(:from_on AS date)::timestamp AT TIME ZONE '{ZONE}'
    AND at < (CAST(:through_on AS date) + 1)::timestamp AT TIME ZONE '{ZONE}'
    {{within}}
GROUP BY service, day, code
ORDER BY day DESC, commands DESC, service, code
"""


class RefusedFor(BaseModel):
    """How many commands to a service broke a rule on a day. `example`: what one of their senders was told."""

    service: str
    day: date
    code: str
    commands: int
    example: str


async def refusals(
    viewer: Actor, database: AsyncConnection, from_on: date, through_on: date, lea: LeaCode | None
) -> list[RefusedFor]:
    """Refusals from a day through a day: all, or about one LEA's students. Forbidden: another LEA's."""
    lea = lea_asked(viewer, lea)
    statement = text(_REFUSALS.format(within=_WITHIN_LEA if lea else ""))
    asked = {"from_on": from_on, "through_on": through_on} | ({"lea": lea} if lea else {})
    rows = (await database.execute(statement, asked)).mappings()
    return [RefusedFor.model_validate(dict(row)) for row in rows]
