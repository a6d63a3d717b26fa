"""Shows who viewed a record, and what a scope viewed. Every service does, for its own part of the record."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Row, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import SCOPE_FORM, SCOPE_MEANS, Actor, Role
from contracts.dates import begin_of
from contracts.errors import ROLE_MISSING
from contracts.message import Value
from services.chassis.answering.connection import Database
from services.chassis.answering.newest_first import INSTANT_FORM, place_in, place_of
from services.chassis.answering.viewer import Viewer
from services.chassis.answering.viewing import admit, not_of_their_scope
from services.chassis.keeping.tables import access_log

MayLook = Callable[[Actor, AsyncConnection, str, str], Awaitable[bool]]
"""Logs a view of a part of a subject's record (viewer, database, subject, part). True: the viewer sees all
views; False: those of its own scope. Forbidden or NotFound: it may see none."""

_DAY = timedelta(days=1)
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


class ViewsQuery(BaseModel):
    """Which views, a page at a time."""

    model_config = ConfigDict(extra="forbid")

    viewer: str | None = Field(default=None, description="Only those of this user, as the token names it.")
    from_on: date | None = Field(
        default=None, ge=_FIRST_DAY, le=_LAST_DAY, description="Only those of this day or later."
    )
    through_on: date | None = Field(
        default=None, ge=_FIRST_DAY, le=_LAST_DAY, description="Only those of this day or earlier."
    )
    scope: str | None = Field(
        default=None, pattern=SCOPE_FORM, description="Only those of this scope's users."
    )
    after: str = Field(
        default="",
        pattern=rf"^$|^{INSTANT_FORM} [0-9]{{1,18}}$",
        description="`next` of the previous page; blank for the first.",
    )
    limit: int = Field(default=100, ge=1, le=1000)


class ScopeViewsQuery(ViewsQuery):
    """Which views by the users of a scope."""

    scope: str | None = Field(default=None, pattern=SCOPE_FORM, description=SCOPE_MEANS)


class View(Value):
    """A view of a part of a record. `seen` false: SER refused it. `subject` is blank for a view of a list."""

    at: datetime
    viewer: str
    scope: str
    roles: tuple[str, ...]
    subject: str
    what: str
    seen: bool


class Views(Value):
    """Some views of one service's part of records, newest first; `next` is `after` of the next page."""

    service: str
    views: tuple[View, ...]
    next: str | None


def views_router(service: str, path: str, kind: Any, may_look: MayLook) -> APIRouter:
    """The route that shows the views. `kind`: the type of `{subject}` in the path."""
    router = APIRouter()

    @router.get(path, summary="Who viewed this service's part of a record, newest first")
    async def views(
        subject: kind,
        viewer: Viewer,
        database: Database,
        query: Annotated[ViewsQuery, Query()],
    ) -> Views:
        """The state, auditors, and the owner's coordinators see all views (34 CFR 300.614). A former owner's
        coordinators see the views of their own scope. Every service has this address."""

        if not (viewer.everywhere or viewer.has(Role.COORDINATOR)):
            refusal = ROLE_MISSING.broken(role=Role.COORDINATOR)
            await admit(database, viewer, subject=subject, what="views", refusal=refusal)
        everybody = await may_look(viewer, database, subject, "views")
        own = () if everybody else (access_log.c.scope == viewer.scope,)
        of_subject = access_log.c.subject == subject
        return await _page(database, service, query, of_subject, *own)

    return router


def scope_views_router(service: str) -> APIRouter:
    """The route that shows which records the users of a scope viewed."""
    router = APIRouter()

    @router.get("/views", summary="Which records of this service the users of a scope viewed, newest first")
    async def scope_views(
        viewer: Viewer, database: Database, query: Annotated[ScopeViewsQuery, Query()]
    ) -> Views:
        """For the coordinators of the scope, the state and auditors. SER logs the view of this list."""
        scope = query.scope or viewer.scope
        refusal = not_of_their_scope(viewer, scope)
        await admit(database, viewer, subject="", what=f"views of {scope}", refusal=refusal)
        of_scope = access_log.c.scope == scope
        return await _page(database, service, query, of_scope)

    return router


async def _page(
    database: AsyncConnection, service: str, query: ViewsQuery, *among: ColumnElement[bool]
) -> Views:
    log = access_log.c
    found = select(access_log).where(*among, *_conditions(query))
    found = found.order_by(log.at.desc(), log.id.desc()).limit(query.limit + 1)
    rows = (await database.execute(found)).all()
    shown = rows[: query.limit]
    more = len(rows) > query.limit
    return Views(
        service=service,
        views=tuple(map(_view, shown)),
        next=place_of(shown[-1].at, shown[-1].id) if more else None,
    )


def _conditions(query: ViewsQuery) -> Iterator[ColumnElement[bool]]:
    log = access_log.c
    at, row_id = place_in(query.after)
    if query.viewer is not None:
        yield log.viewer == query.viewer
    if query.scope is not None:
        yield log.scope == query.scope
    if query.from_on is not None:
        yield log.at >= begin_of(query.from_on)
    if query.through_on is not None:
        yield log.at < begin_of(query.through_on + _DAY)
    if at is not None and row_id is not None:
        yield tuple_(log.at, log.id) < tuple_(at, int(row_id))


def _view(row: Row[Any]) -> View:
    return View(
        at=row.at,
        viewer=row.viewer,
        scope=row.scope,
        roles=tuple(row.roles.split()),
        subject=row.subject,
        what=row.what,
        seen=row.seen,
    )
