"""Shows who viewed a record. Every service has this address, for its own part of the record."""

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
"""Logs a view of a part of a subject's record (viewer, database, subject, part). True: the viewer sees all
views; False: those of its own scope. Forbidden or NotFound: it may see none."""


class View(Value):
    """A view of a part of the record. `seen` false: SER refused it."""

    at: datetime
    viewer: str
    scope: str
    roles: tuple[str, ...]
    what: str
    seen: bool


class Views(Value):
    """The latest views of one service's part of a record, newest first. `more`: there are earlier ones."""

    service: str
    views: tuple[View, ...]
    more: bool = False


def views_router(service: str, path: str, kind: Any, may_look: MayLook) -> APIRouter:
    """The route that shows the views. `kind`: the type of `{subject}` in the path."""
    router = APIRouter()

    @router.get(path, summary="Who viewed this service's part of a record, newest first")
    async def views(
        subject: kind,
        viewer: Viewer,
        database: Database,
        limit: Annotated[int, Query(ge=1, le=1000, description="The most views to show.")] = 100,
    ) -> Views:
        """The state, auditors, and the owner's coordinators see all views (34 CFR 300.614). A former owner's
        coordinators see the views of their own scope. Every service has this address."""

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
