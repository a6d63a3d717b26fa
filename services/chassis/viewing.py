"""The record of who looked at whose record."""

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from services.chassis.tables import access_log


async def log_view(
    database: AsyncConnection, viewer: Actor, *, subject: str, what: str, seen: bool = True
) -> None:
    """Note that `viewer` looked at `what` of a subject's record, or (`seen` false) was turned away."""
    row = {
        "viewer": viewer.sub,
        "scope": viewer.scope,
        "roles": " ".join(sorted(viewer.roles)),
        "subject": subject,
        "what": what,
        "seen": seen,
    }
    await database.execute(insert(access_log), row)
