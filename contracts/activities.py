"""The messages of `ieps` about sped activities: a student's entry into special education and exit from it."""

from typing import ClassVar

from contracts.message import Command, Event, OfStudent, Record
from contracts.types import ActivityId, Day, IEPId, LeaCode, OrBlank


class SpedActivity(OfStudent, Record):
    """A time in special education: from the first submitted IEP to the exit."""

    kind: ClassVar[str] = "sped_activity"

    activity_id: ActivityId
    lea: LeaCode
    iep_id: IEPId
    entered_on: Day
    exited_on: OrBlank[Day | None] = None

    @property
    def record_id(self) -> str:
        return str(self.activity_id)


class SpedActivityBegun(SpedActivity, Event):
    """The student entered special education."""


COMMANDS: tuple[type[Command], ...] = ()
EVENTS = (SpedActivityBegun,)
