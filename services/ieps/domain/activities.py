"""Sped activities: each begins with a submitted IEP and ends with the exit. A voided one counts nowhere."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID, uuid5

from contracts.activities import (
    SpedActivity,
    SpedActivityBegun,
    SpedActivityCorrected,
    SpedActivityVoided,
)
from contracts.decision import Known
from contracts.ieps import IEP, IEPStage
from contracts.types import ActivityId, IEPId

_ACTIVITIES = UUID("0c4b6f0e-6a52-5d0c-9a55-3d1b8f0f6f3e")


def standing_activities(known: Known) -> Sequence[SpedActivity]:
    """The student's sped activities, without the voided ones."""
    return [activity for activity in known.all(SpedActivity) if not activity.voided]


def open_activities(known: Known) -> Sequence[SpedActivity]:
    """The open sped activities, earliest first: at most one for each State ID that was merged."""
    opened = (activity for activity in known.all(SpedActivity) if activity.open)
    return sorted(opened, key=lambda activity: (activity.entered_on, activity.record_id))


def open_activity(known: Known) -> SpedActivity | None:
    """The sped activity by which the student is in special education, since the earliest entry."""
    return next(iter(open_activities(known)), None)


def last_exit(known: Known) -> date:
    """The day of the student's last exit. No exit: `date.min`."""
    exits = (activity.exited_on for activity in standing_activities(known) if activity.exited_on)
    return max(exits, default=date.min)


def enters(known: Known, submitted: IEP) -> bool:
    """Whether the student enters special education with this IEP, on the day of the last exit or later. An
    amendment is no entry.

    Each State ID has its own entry. If eScholar separates a merged one, its child has one too.
    """
    if submitted.amends or any(one.owned_by == submitted.owned_by for one in open_activities(known)):
        return False
    return submitted.begin_on >= last_exit(known)


def id_of_entry(iep_id: IEPId) -> ActivityId:
    """The id of the sped activity that begins with this IEP."""
    return uuid5(_ACTIVITIES, str(iep_id))


def entry(submitted: IEP) -> SpedActivityBegun:
    """The sped activity that begins with this IEP."""
    return SpedActivityBegun(
        student_id=submitted.student_id,
        belongs_to=submitted.belongs_to,
        revision=1,
        activity_id=id_of_entry(submitted.iep_id),
        lea=submitted.lea,
        iep_id=submitted.iep_id,
        entered_on=submitted.begin_on,
    )


def entry_without(
    known: Known, deleted: IEP, because: str
) -> Sequence[SpedActivityCorrected | SpedActivityVoided]:
    """What becomes of the sped activity that began with an IEP, now that the IEP is deleted.

    It begins with the first other IEP that was submitted within it. Without one it is voided. Empty: no sped
    activity began with the deleted IEP.
    """
    activities = standing_activities(known)
    activity = next((one for one in activities if one.iep_id == deleted.iep_id), None)
    if activity is None:
        return []
    other = min(_within(known, activity), key=lambda iep: (iep.begin_on, iep.meeting_on), default=None)
    if other is None:
        return [SpedActivityVoided.of(activity, voided=True, explanation=because)]
    begins = {"iep_id": other.iep_id, "entered_on": other.begin_on}
    return [SpedActivityCorrected.of(activity, explanation=because, **begins)]


def _within(known: Known, activity: SpedActivity) -> Iterator[IEP]:
    """The other submitted IEPs that begin within a sped activity, or before its entry and after the exit
    before. Amendments begin none. Each is of the activity's own State ID: a merge may be separated again."""
    exits = (one.exited_on for one in standing_activities(known) if one.activity_id != activity.activity_id)
    since = max((day for day in exits if day and day <= activity.entered_on), default=date.min)
    for iep in known.all(IEP):
        first = iep.stage is IEPStage.SUBMITTED and iep.amends is None and iep.iep_id != activity.iep_id
        own = iep.owned_by == activity.owned_by
        if first and own and since <= iep.begin_on <= (activity.exited_on or date.max):
            yield iep
