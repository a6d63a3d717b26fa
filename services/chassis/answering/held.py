"""The messages that a service holds, over HTTP.

A sender sees the commands of its own scope; the state and auditors see all. With the role `state` an
operator retries held messages, or refuses one.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts import errors
from contracts.access import SCOPE_FORM, Actor, Role
from contracts.message import Value
from contracts.social_security import looks_like_one
from services.chassis.answering.connection import Database
from services.chassis.answering.problems import Forbidden, NotFound, Problem
from services.chassis.answering.requests import body_as, takes
from services.chassis.answering.viewer import Viewer
from services.chassis.answering.viewing import admit, another_scope, log_views
from services.chassis.deciding.batch import HeldAction
from services.chassis.decoding.messages import Due, GivenUp
from services.chassis.holding.listing import HeldCause, HeldMessage, Why, held_causes, held_messages
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.keeping.tables import held, held_actions

TakeUp = Callable[[Sequence[Due | GivenUp]], Awaitable[None]]
"""Processes held messages. TimeoutError: it takes longer than an operator waits."""

_LONGEST_REASON = 300
_WHAT = "held"
_SCOPE = "Only commands of this scope. Blank: the viewer's own; for the state and auditors: everything."


class HeldQuery(BaseModel):
    """Chooses held messages, a page at a time."""

    model_config = ConfigDict(extra="forbid")

    scope: str | None = Field(default=None, pattern=SCOPE_FORM, description=_SCOPE)
    subject: str | None = Field(default=None, description="Only those about this subject.")
    why: Why | None = Field(default=None, description="Only those held for this reason.")
    code: str | None = Field(default=None, description="Only those with this finding, such as `MSG-009`.")
    defect: str | None = Field(
        default=None, description="Only those that met this class of exception, such as `KeyError`."
    )
    after: str = Field(
        default="",
        pattern=r"^$|^\S{1,200} [0-9]{1,9}$",
        description="`next` of the page before; blank for the first page.",
    )
    limit: int = Field(default=100, ge=1, le=1000)


class HeldPage(Value):
    """A page of held messages, by subject and in their order. `next`: the `after` of the next page."""

    held: tuple[HeldMessage, ...]
    next: str | None


class Retry(Value):
    """Retry all held messages of a subject."""

    subject: str = Field(min_length=1, max_length=200)


class Retried(Value):
    """The number of the subject's messages that are still held."""

    subject: str
    still_held: int


class GiveUp(Value):
    """Refuse a held command for this reason. A held event becomes a dead letter.

    The sender reads the reason, and SER keeps it for ever. It must name nobody.
    """

    subject: str = Field(min_length=1, max_length=200)
    id: str = Field(min_length=1, max_length=200, description="The message's id, as `GET /held` gives it.")
    reason: str = Field(
        min_length=1, max_length=_LONGEST_REASON, pattern=r"^[^\x00-\x1f\x7f]+$", description="One line."
    )


class GivenUpOn(Value):
    """The result: `action` is `refused` (a command) or `dead letter` (an event)."""

    subject: str
    id: str
    name: str
    action: str


def held_routes(service: ServiceDefinition) -> APIRouter:
    """The list of held messages, their causes, and an operator's actions."""
    router = APIRouter()
    awaited = frozenset(event.__name__ for event in service.awaited)

    @router.get("/held", summary="Held messages with subject, sender, cause and time")
    async def held(viewer: Viewer, database: Database, query: Annotated[HeldQuery, Query()]) -> HeldPage:
        """A scope sees its own commands; the state and auditors see all. SER logs each shown subject."""
        return await _page(viewer, database, query)

    @router.get("/held/causes", summary="The number of held messages by cause")
    async def causes(
        viewer: Viewer,
        database: Database,
        scope: Annotated[str | None, Query(pattern=SCOPE_FORM, description=_SCOPE)] = None,
    ) -> list[HeldCause]:
        """A scope counts its own commands; the state and auditors count all messages."""
        among = _scope(viewer, scope)
        return list(await held_causes(database, exact=viewer.everywhere, scope=among))

    @router.post(
        "/held/retry",
        summary="Retry all held messages of a subject",
        **takes(Retry),
    )
    async def retry(
        request: Request,
        viewer: Viewer,
        wanted: Annotated[Retry, Depends(body_as(Retry))],
        database: Database,
    ) -> Retried:
        """Needs the role `state`. Messages whose cause is still there stay held."""
        return await _retry(request.app.state.take_up, viewer, database, wanted.subject)

    @router.post(
        "/held/refuse",
        summary="Refuse a held message, with a reason for its sender",
        **takes(GiveUp),
    )
    async def refuse(
        request: Request,
        viewer: Viewer,
        wanted: Annotated[GiveUp, Depends(body_as(GiveUp))],
        database: Database,
    ) -> GivenUpOn:
        """Needs the role `state`. A command gets its final outcome: refused (MSG-045). An event becomes a
        dead letter, unless the outcome of a command follows from it. The messages behind it go on. SER keeps
        the user, the time and the reason."""
        return await _give_up(request.app.state.take_up, viewer, database, wanted, awaited)

    return router


def _scope(viewer: Actor, wanted: str | None) -> str | None:
    """The scope whose commands the viewer sees; None for everything. Forbidden: another scope's."""
    if wanted is not None and (refusal := another_scope(viewer, wanted)):
        raise Forbidden(refusal)
    return wanted if viewer.everywhere else viewer.scope


async def _page(viewer: Actor, database: AsyncConnection, query: HeldQuery) -> HeldPage:
    subject, _, position = query.after.rpartition(" ")
    rows = await held_messages(
        database,
        query.limit + 1,
        exact=viewer.everywhere,
        scope=_scope(viewer, query.scope),
        subject=query.subject,
        why=query.why,
        code=query.code,
        defect=query.defect,
        after=(subject, int(position)) if subject else None,
    )
    shown = rows[: query.limit]
    await log_views(database, viewer, subjects=sorted({name for (name, _), _ in shown}), what=_WHAT)
    more = len(rows) > query.limit
    place = "{} {}".format(*shown[-1][0]) if more else None
    return HeldPage(held=tuple(message for _, message in shown), next=place)


async def _retry(take_up: TakeUp, viewer: Actor, database: AsyncConnection, subject: str) -> Retried:
    await _may_act(database, viewer, subject)
    if not await _count(database, subject):
        raise NotFound(errors.NOT_HELD.broken())
    action = HeldAction(viewer.sender, "retried", subject, "", "", "")
    await database.execute(insert(held_actions), action._asdict())
    await _done(take_up, database, Due(subject, retry_defects=True))
    return Retried(subject=subject, still_held=await _count(database, subject))


async def _give_up(
    take_up: TakeUp, viewer: Actor, database: AsyncConnection, wanted: GiveUp, awaited: Collection[str]
) -> GivenUpOn:
    if looks_like_one(wanted.reason):
        raise Problem(422, [errors.SSN_SHAPED.broken(at="reason")])
    await _may_act(database, viewer, wanted.subject)
    found = await _find(database, wanted)
    if found is None:
        raise NotFound(errors.NOT_HELD.broken())
    if found.name in awaited:
        raise Problem(422, [errors.AWAITED.broken(event=found.name)])
    reason = wanted.reason.rstrip(". ")
    given_up = GivenUp(wanted.subject, found.position, wanted.id, viewer.sender, reason)
    await _done(take_up, database, given_up)
    await _done(take_up, database, Due(wanted.subject, retry_defects=True))
    action = await _last_action(database, wanted)
    if action is not None:
        return GivenUpOn(subject=wanted.subject, id=wanted.id, name=action.name, action=action.action)
    if await _find(database, wanted) is None:
        raise NotFound(errors.NOT_HELD.broken())  # the service has processed it meanwhile
    raise Problem(503, [errors.STILL_HELD.broken()])


async def _may_act(database: AsyncConnection, viewer: Actor, subject: str) -> None:
    allowed = viewer.has(Role.STATE)
    refusal = None if allowed else errors.ROLE_MISSING.broken(role=Role.STATE)
    await admit(database, viewer, subject=subject, what=_WHAT, refusal=refusal)


async def _done(take_up: TakeUp, database: AsyncConnection, work: Due | GivenUp) -> None:
    """Queue the work behind the running batches, and wait for it without an open transaction."""
    await database.commit()
    try:
        await take_up([work])
    except TimeoutError:
        raise Problem(503, [errors.STILL_HELD.broken()]) from None


async def _count(database: AsyncConnection, subject: str) -> int:
    rows = await database.execute(select(held.c.position).where(held.c.subject == subject))
    return len(rows.all())


async def _find(database: AsyncConnection, wanted: GiveUp) -> Any | None:
    """Name and position of the held message."""
    mine = select(held.c.name, held.c.position).where(
        held.c.subject == wanted.subject, held.c.message_id == wanted.id
    )
    return (await database.execute(mine.order_by(held.c.position).limit(1))).one_or_none()


async def _last_action(database: AsyncConnection, wanted: GiveUp) -> Any | None:
    kept = held_actions.c
    mine = select(held_actions).where(kept.subject == wanted.subject, kept.message_id == wanted.id)
    return (await database.execute(mine.order_by(kept.id.desc()).limit(1))).one_or_none()
