"""Refused commands: their number by rule, and each one.

An LEA sees the refusals of its own commands, also if the student has left it. With `whose=owns` it sees those
about the students it owns now, from any sender, also under a State ID that was merged into theirs.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.dates import ZONE
from contracts.types import LeaCode
from services.chassis.answering.viewing import log_views
from services.reporting.queries.moment import today
from services.reporting.queries.running import OWNED
from services.reporting.queries.scope import lea_in_scope


class Whose(StrEnum):
    """The refusals of an LEA: of the commands it `sent`, or about the students it `owns` now."""

    SENT = "sent"
    OWNS = "owns"


_WITHIN = {
    Whose.SENT: "AND sender_lea = :lea",
    Whose.OWNS: f"""AND subject IN (
        {OWNED}
        SELECT lpad(subject::text, 10, '0') FROM owned
        UNION ALL SELECT lpad(state_ids.subject::text, 10, '0')
        FROM state_ids JOIN owned ON owned.subject = current_id::bigint
    )""",
}
DAYS = f"""
at >= CAST(:from_on AS date)::timestamp AT TIME ZONE '{ZONE}'
    AND at < (CAST(:through_on AS date) + 1)::timestamp AT TIME ZONE '{ZONE}'
    {{within}}
"""
"""The condition on the days that were asked for; `filtered` completes it."""
_BY_RULE = f"""
SELECT owner::text AS service, (at AT TIME ZONE '{ZONE}')::date AS day, code,
    count(*) AS commands, min(message) AS example
FROM refusals
WHERE {DAYS}
GROUP BY service, day, code
ORDER BY day DESC, commands DESC, service, code
"""
_EACH = f"""
SELECT at, owner::text AS service, command, command_id, subject, sender, code, message
FROM refusals
WHERE {DAYS} AND (CAST(:before_at AS timestamptz) IS NULL
    OR (at, command_id, code) < (:before_at, CAST(:before_id AS uuid), :before_code))
ORDER BY at DESC, command_id DESC, code DESC LIMIT :limit
"""


class RefusalsFilter(BaseModel):
    """The refusals from a day through a day, of all LEAs or of one."""

    model_config = ConfigDict(extra="forbid")

    from_on: date = date(2000, 1, 1)
    through_on: date = date(2999, 12, 31)
    lea: LeaCode | None = None
    whose: Whose = Whose.SENT


class RefusedCommandsFilter(RefusalsFilter):
    """A page of refused commands."""

    after: str = Field(
        default="",
        pattern=r"^$|^[0-9T:.+\-Z]{1,40} [0-9a-f-]{36} [A-Z]{3}-[0-9]{3}$",
        description="`next` of the previous page; blank for the first.",
    )
    limit: int = Field(default=100, ge=1, le=1000)

    @field_validator("after")
    @classmethod
    def _is_a_place(cls, after: str) -> str:
        try:
            _place(after)
        except (ValueError, OverflowError):
            raise PydanticCustomError("not_a_place", "use `next` of the previous page") from None
        return after


class RefusalCount(BaseModel):
    """The number of commands to a service that broke a rule on a day. `example`: one of their messages."""

    service: str
    day: date
    code: str
    commands: int
    example: str


class RefusedCommand(BaseModel):
    """A rule that a refused command broke, and the message to its sender."""

    at: datetime = Field(description="When Kafka received the outcome.")
    service: str
    command: str
    command_id: UUID
    subject: str = Field(description="The student's State ID; blank if the command named none.")
    sender: str | None = Field(description="LEA and user, `017/m.landry`.")
    code: str
    message: str


class RefusedCommands(BaseModel):
    """A page of refused commands, newest first. A command has an entry for each rule that it broke."""

    refusals: list[RefusedCommand]
    next: str | None = Field(description="`after` of the next page; blank on the last.")

    @classmethod
    def of(cls, found: Sequence[RefusedCommand], limit: int) -> Self:
        """A page, with the start of the next page if there may be one."""
        last = found[-1] if len(found) == limit else None
        where = f"{last.at.isoformat()} {last.command_id} {last.code}" if last else None
        return cls(refusals=list(found), next=where)


async def refusals(viewer: Actor, database: AsyncConnection, wanted: RefusalsFilter) -> list[RefusalCount]:
    """The number of refusals by service, day and rule. Forbidden: another LEA's."""
    statement, values = filtered(viewer, _BY_RULE, wanted)
    rows = (await database.execute(text(statement), values)).mappings()
    return [RefusalCount.model_validate(dict(row)) for row in rows]


async def refused_commands(
    viewer: Actor, database: AsyncConnection, wanted: RefusedCommandsFilter
) -> RefusedCommands:
    """Each refused command, a page at a time. Forbidden: another LEA's. Logged."""
    statement, values = filtered(viewer, _EACH, wanted)
    at, command_id, code = _place(wanted.after)
    before = {"before_at": at, "before_id": command_id, "before_code": code}
    rows = (await database.execute(text(statement), values | before | {"limit": wanted.limit})).mappings()
    found = [RefusedCommand.model_validate(dict(row)) for row in rows]
    subjects = sorted({one.subject for one in found if one.subject})
    await log_views(database, viewer, subjects=subjects, what="refusals")
    return RefusedCommands.of(found, wanted.limit)


def _place(after: str) -> tuple[datetime | None, UUID | None, str]:
    """Time, command and code of the last refusal of a page. ValueError, OverflowError: the text has none."""
    if not after:
        return None, None, ""
    at, command_id, code = after.split(" ")
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC), UUID(command_id), code


def filtered(viewer: Actor, statement: str, wanted: RefusalsFilter) -> tuple[str, dict[str, object]]:
    """A statement over `DAYS`, for what the viewer may see; and its values. Forbidden: another LEA's."""
    lea = lea_in_scope(viewer, wanted.lea)
    values: dict[str, object] = {"from_on": wanted.from_on, "through_on": wanted.through_on}
    if lea is None:
        return statement.format(within=""), values
    owns = {"on": today()} if wanted.whose is Whose.OWNS else {}
    return statement.format(within=_WITHIN[wanted.whose]), values | {"lea": lea} | owns
