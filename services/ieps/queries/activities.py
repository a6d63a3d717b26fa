"""A student's entries into special education and exits, and the parent's decisions against services."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.activities import Consent, SpedActivity
from services.ieps.queries.record import record_of, visible


async def sped_activity(viewer: Actor, database: AsyncConnection, student_id: str) -> Sequence[SpedActivity]:
    """The student's entries into special education and exits, newest first."""
    record = await record_of(viewer, database, student_id, "sped activity")
    return sorted(
        visible(viewer, record, SpedActivity), key=lambda activity: activity.entered_on, reverse=True
    )


async def consents(viewer: Actor, database: AsyncConnection, student_id: str) -> Sequence[Consent]:
    """The parent's refusals of first services and revocations of consent, newest first."""
    record = await record_of(viewer, database, student_id, "consents")
    return sorted(
        visible(viewer, record, Consent),
        key=lambda consent: (consent.refused_on or consent.revoked_on or date.min, consent.record_id),
        reverse=True,
    )
