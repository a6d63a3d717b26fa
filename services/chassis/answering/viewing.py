"""Logs who viewed whose record."""

from collections.abc import Sequence

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.errors import ROLE_MISSING, Finding
from services.chassis.answering.problems import Forbidden
from services.chassis.keeping.tables import access_log

_VIEWS = text(
    "INSERT INTO access_log (viewer, scope, roles, subject, what, seen)"
    " SELECT :viewer, :scope, :roles, unnest(CAST(:subjects AS text[])), :what, :seen"
)


async def admit(
    database: AsyncConnection, viewer: Actor, *, subject: str, what: str, refusal: Finding | None
) -> None:
    """Log the view. Forbidden: there is a `refusal`; the log has it too (`seen` false)."""
    await log_view(database, viewer, subject=subject, what=what, seen=refusal is None)
    if refusal is not None:
        raise Forbidden(refusal)


def not_of_their_scope(viewer: Actor, scope: str) -> Finding | None:
    """The finding that the viewer may not see what all users of a scope did; None if the viewer may.

    A coordinator sees this of the coordinator's own scope, the state and auditors of every scope.
    """
    if not viewer.everywhere and not viewer.has(Role.COORDINATOR):
        return ROLE_MISSING.broken(role=Role.COORDINATOR)
    return another_scope(viewer, scope)


def another_scope(viewer: Actor, scope: str) -> Finding | None:
    """The finding that the viewer may not see what belongs to a scope; None if the viewer may."""
    return None if viewer.sees(scope) else ROLE_MISSING.broken(at="scope", role=Role.STATE)


async def log_view(
    database: AsyncConnection, viewer: Actor, *, subject: str, what: str, seen: bool = True
) -> None:
    """Log that `viewer` viewed the part `what` of a subject's record. `seen` false: SER refused."""
    await database.execute(insert(access_log), _row(viewer, subject, what, seen))


async def log_views(
    database: AsyncConnection, viewer: Actor, *, subjects: Sequence[str], what: str, seen: bool = True
) -> None:
    """Log that `viewer` viewed the part `what` of each subject's record, or (`seen` false) was refused."""
    if subjects:
        await database.execute(_VIEWS, _row(viewer, "", what, seen) | {"subjects": list(subjects)})


def _row(viewer: Actor, subject: str, what: str, seen: bool) -> dict[str, object]:
    return {
        "viewer": viewer.sub,
        "scope": viewer.scope,
        "roles": " ".join(sorted(viewer.roles)),
        "subject": subject,
        "what": what,
        "seen": seen,
    }
