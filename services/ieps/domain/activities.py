"""Sped activities: each begins with the first submitted IEP and ends with the exit."""

from datetime import date
from uuid import UUID, uuid5

from contracts.activities import SpedActivity, SpedActivityBegun
from contracts.decision import Known
from contracts.ieps import IEP

_ACTIVITIES = UUID("0c4b6f0e-6a52-5d0c-9a55-3d1b8f0f6f3e")


def open_activity(known: Known) -> SpedActivity | None:
    """The student's open sped activity; there is at most one."""
    return next((activity for activity in known.all(SpedActivity) if activity.exited_on is None), None)


def last_exit(known: Known) -> date:
    """The day of the student's last exit. No exit: `date.min`."""
    exits = (activity.exited_on for activity in known.all(SpedActivity) if activity.exited_on)
    return max(exits, default=date.min)


def entry(submitted: IEP) -> SpedActivityBegun:
    """The sped activity that begins with this IEP."""
    return SpedActivityBegun(
        student_id=submitted.student_id,
        revision=1,
        activity_id=uuid5(_ACTIVITIES, str(submitted.iep_id)),
        lea=submitted.lea,
        iep_id=submitted.iep_id,
        entered_on=submitted.begin_on,
    )
