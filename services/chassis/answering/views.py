"""Who looked at whose record: the same address in every service, each for the part of the record it has."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.errors import ROLE_MISSING
from contracts.message import Value
from services.chassis.answering.http import Database, Viewer
from services.chassis.answering.viewing import admit
from services.chassis.keeping.tables import access_log

MayLook = Callable[[Actor, AsyncConnection, str, str], Awaitable[bool]]
"""Notes that somebody looks at a part of a subject's record (viewer, database, subject, part). Forbidden or
NotFound if not allowed; else whether the viewer sees everybody's views, or those of its own scope only."""


class View(Value):
    """That somebody looked at a part of the record, or (`seen` false) was turned away."""

    at: datetime
    viewer: str
    scope: str
    roles: tuple[str, ...]
    what: str
    seen: bool


class Views(Value):
    """The latest views of one service's part of a record, newest first; whether there are earlier ones."""

    service: str
    views: tuple[View, ...]
    more: bool = False


def views_router(service: str, path: str, kind: Any, may_look: MayLook) -> APIRouter:
    """The address under which a service says who looked. `kind`: the type of `{subject}` in the path."""
    router = APIRouter()

    @router.get(path, summary="Who looked at this service's part of a record, newest first")
    async def views(
        subject: kind,
        viewer: Viewer,
        database: Database,
        limit: Annotated[int, Query(ge=1, le=1000, description="Views wanted at most.")] = 100,
    ) -> Views:
        """For the state, auditors and coordinators of those who may see the record (34 CFR 300.614). One who
        had the record earlier sees the views of its own people. Every service has this address."""
        if not (viewer.everywhere or viewer.has(Role.COORDINATOR)):
            refusal = ROLE_MISSING.broken(role=Role.COORDINATOR)
            await admit(database, viewer, subject=subject, what="views", refusal=refusal)
        everybody = await may_look(viewer, database, subject, "views")
        rows = await _latest(database, subject, None if everybody else viewer.scope, limit + 1)
        return Views(service=service, views=tuple(map(_view, rows[:limit])), more=len(rows) > limit)

    return router


async def _latest(database: AsyncConnection, subject: str, scope: str | None, limit: int) -> list[Row[Any]]:
    log = access_log.c
    wanted = select(access_log).where(log.subject == subject).order_by(log.id.desc()).limit(limit)
    if scope is not None:
        wanted = wanted.where(log.scope == scope)
    return list((await database.execute(wanted)).all())


def _view(row: Row[Any]) -> View:
    return View(
        at=row.at,
        viewer=row.viewer,
        scope=row.scope,
        roles=tuple(row.roles.split()),
        what=row.what,
        seen=row.seen,
    )
