"""The record of who looked at whose record."""

from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.errors import Finding
from services.chassis.answering.problems import Forbidden
from services.chassis.keeping.tables import access_log


async def admit(
    database: AsyncConnection, viewer: Actor, *, subject: str, what: str, refusal: Finding | None
) -> None:
    """Let `viewer` look, and note it; Forbidden, and noted as well, if there is a `refusal`."""
    await log_view(database, viewer, subject=subject, what=what, seen=refusal is None)
    if refusal is not None:
        raise Forbidden(refusal)


async def log_view(
    database: AsyncConnection, viewer: Actor, *, subject: str, what: str, seen: bool = True
) -> None:
    """Note that `viewer` looked at `what` of a subject's record, or (`seen` false) was turned away."""
    await database.execute(insert(access_log), _row(viewer, subject, what, seen))


async def log_views(database: AsyncConnection, viewer: Actor, *, subjects: Sequence[str], what: str) -> None:
    """Note that `viewer` looked at `what` of each subject's record."""
    if subjects:
        await database.execute(insert(access_log), [_row(viewer, one, what, True) for one in subjects])


def _row(viewer: Actor, subject: str, what: str, seen: bool) -> dict[str, object]:
    return {
        "viewer": viewer.sub,
        "scope": viewer.scope,
        "roles": " ".join(sorted(viewer.roles)),
        "subject": subject,
        "what": what,
        "seen": seen,
    }
