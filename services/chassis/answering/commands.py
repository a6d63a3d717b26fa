"""The list of commands: those that the viewer sent, or that the users of the viewer's scope sent."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import SCOPE_FORM, SCOPE_MEANS, Actor, Whose
from contracts.message import Value
from contracts.outcome import Outcome, Status
from services.chassis.answering.connection import Database
from services.chassis.answering.newest_first import INSTANT_FORM, place_in, place_of
from services.chassis.answering.problems import documented
from services.chassis.answering.viewer import Viewer
from services.chassis.answering.viewing import admit, log_views, not_of_their_scope

_WHAT = "commands"
_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

# A sender is named `scope/user`, and `0` follows `/` in the order of bytes. The index `ledger_sender` finds
# the next sender of a scope and the newest commands of a sender, so the query reads no other rows.
_SENDERS = {
    Whose.MINE: "senders AS (SELECT :sender AS sender)",
    Whose.SCOPE: """
        senders AS (
            SELECT min(sender) AS sender FROM ledger WHERE sender > :scope || '/' AND sender < :scope || '0'
            UNION ALL
            SELECT (
                SELECT min(sender) FROM ledger WHERE sender > senders.sender AND sender < :scope || '0'
            ) FROM senders WHERE sender IS NOT NULL
        )
    """,
}
_WHERE = {
    "status": "status = :status",
    "command": "outcome ->> 'command' = :command",
    "subject": "subject = :subject",
    "since": "received_at >= :since",
    "before_at": "(received_at, command_id) < (:before_at, CAST(:before_id AS uuid))",
}
_NEWEST_FIRST = "ORDER BY received_at DESC, command_id DESC LIMIT :limit"


class CommandsQuery(BaseModel):
    """Which commands, a page at a time."""

    model_config = ConfigDict(extra="forbid")

    whose: Whose = Whose.MINE
    scope: str | None = Field(
        default=None, pattern=SCOPE_FORM, description=f"With `{Whose.SCOPE}`: {SCOPE_MEANS}"
    )
    status: Status | None = Field(default=None, description="Only those with this outcome so far.")
    since: AwareDatetime | None = Field(
        default=None,
        ge=_EARLIEST,
        lt=_LATEST,
        description="Only those that Kafka received at this instant or later.",
    )
    command: str | None = Field(default=None, description="Only those of this name.")
    subject: str | None = Field(default=None, description="Only those about this subject.")
    after: str = Field(
        default="",
        pattern=rf"^$|^{INSTANT_FORM} [0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$",
        description="`next` of the previous page; blank for the first.",
    )
    limit: int = Field(default=100, ge=1, le=1000)


class SentCommand(Outcome):
    """A command with its outcome so far."""

    sender: str
    received_at: datetime = Field(description="When Kafka received the command.")
    answered_at: datetime = Field(description="When the service gave this outcome.")


class CommandPage(Value):
    """Some commands, newest first; `next` is `after` of the next page."""

    commands: tuple[SentCommand, ...]
    next: str | None


def command_list() -> APIRouter:
    """The list of commands."""
    router = APIRouter()

    @router.get(
        "/commands",
        summary="Commands with their outcomes: the viewer's own, or a scope's; newest first",
        responses=documented(401, 403, 422, 503),
    )
    async def commands(
        viewer: Viewer, database: Database, query: Annotated[CommandsQuery, Query()]
    ) -> CommandPage:
        """A scope's commands need the role coordinator, state or auditor. The list has no command whose token
        could not be trusted, and none without an outcome. SER logs each shown subject."""
        return await _page(viewer, database, query)

    return router


async def _page(viewer: Actor, database: AsyncConnection, query: CommandsQuery) -> CommandPage:
    scope = query.scope or viewer.scope
    if query.whose is Whose.SCOPE and (refusal := not_of_their_scope(viewer, scope)):
        await admit(database, viewer, subject="", what=f"{_WHAT} of {scope}", refusal=refusal)
    rows = await _found(database, query, {"sender": viewer.sender, "scope": scope})
    shown = [_command(row) for row in rows[: query.limit]]
    subjects = sorted({one.subject for one in shown if one.subject})
    await log_views(database, viewer, subjects=subjects, what=_WHAT)
    last = shown[-1] if len(rows) > query.limit else None
    return CommandPage(
        commands=tuple(shown), next=place_of(last.received_at, last.command_id) if last else None
    )


async def _found(database: AsyncConnection, query: CommandsQuery, of: dict[str, str]) -> list[Row[Any]]:
    """One command more than the page holds, if there are so many."""
    before_at, before_id = place_in(query.after)
    wanted: dict[str, Any] = {
        "status": query.status,
        "command": query.command,
        "subject": query.subject,
        "since": query.since,
        "before_at": before_at,
    }
    conditions = "".join(f" AND {_WHERE[name]}" for name, value in wanted.items() if value is not None)
    statement = f"""
        WITH RECURSIVE {_SENDERS[query.whose]}
        SELECT found.* FROM senders CROSS JOIN LATERAL (
            SELECT outcome, sender, received_at, at, command_id FROM ledger
            WHERE ledger.sender = senders.sender {conditions} {_NEWEST_FIRST}
        ) AS found
        {_NEWEST_FIRST}
    """
    values = wanted | of | {"before_id": before_id, "limit": query.limit + 1}
    return list((await database.execute(text(statement), values)).all())


def _command(row: Row[Any]) -> SentCommand:
    more = {"sender": row.sender, "received_at": row.received_at, "answered_at": row.at}
    return SentCommand.model_validate(row.outcome | more)
