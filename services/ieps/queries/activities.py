"""A student's entries into special education and exits."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.activities import SpedActivity
from services.ieps.queries.record import record_of, visible


async def sped_activity(viewer: Actor, database: AsyncConnection, student_id: str) -> Sequence[SpedActivity]:
    """The student's entries into special education and exits, newest first."""
    record = await record_of(viewer, database, student_id, "sped activity")
    return sorted(
        visible(viewer, record, SpedActivity), key=lambda activity: activity.entered_on, reverse=True
    )
