"""The messages of `ieps` about entry into special education, exit, and a parent's consent to services."""

from typing import ClassVar

from pydantic import Field

from contracts.codes import ExitReasonCode
from contracts.message import Command, Event, Movable, OfStudent
from contracts.revisions import Replaces
from contracts.types import ActivityId, ConsentId, Day, IEPId, LeaCode, OrBlank, ShortText


class ExitSpecialEducation(OfStudent, Command):
    """Record that the student exited special education."""

    exited_on: Day
    reason: ExitReasonCode
    ends_services: bool = Field(
        default=True, description="Whether the open services of the student's LEA end with the exit."
    )


class CorrectSpedActivity(OfStudent, Replaces):
    """Correct the dates or the exit reason of a sped activity. A blank field stays as it is."""

    activity_id: ActivityId
    entered_on: OrBlank[Day | None] = None
    exited_on: OrBlank[Day | None] = None
    exit_reason: OrBlank[ExitReasonCode | None] = None
    never_left: bool = Field(
        default=False, description="The exit was recorded in error: the student is in special education."
    )
    explanation: ShortText


class VoidSpedActivity(OfStudent, Command):
    """Void a sped activity that was recorded in error. It counts nowhere from then on."""

    activity_id: ActivityId
    explanation: ShortText


class RefuseInitialServices(OfStudent, Command):
    """Record that the parent of an eligible student refused the first services."""

    creates: ClassVar[str] = "consent_id"

    consent_id: ConsentId
    refused_on: Day


class RevokeConsent(OfStudent, Command):
    """Record that the parent revoked the consent to services. It ends the student's sped activity."""

    creates: ClassVar[str] = "consent_id"

    consent_id: ConsentId
    revoked_on: Day
    notice_on: OrBlank[Day | None] = Field(
        default=None, description="The day of the LEA's written notice that the services end."
    )


class SpedActivity(OfStudent, Movable):
    """A time in special education: from the first submitted IEP to the exit."""

    kind: ClassVar[str] = "sped_activity"

    activity_id: ActivityId
    lea: LeaCode
    iep_id: IEPId
    entered_on: Day
    exited_on: OrBlank[Day | None] = None
    exit_reason: OrBlank[ExitReasonCode | None] = None
    voided: bool = Field(default=False, description="It was recorded in error, and counts nowhere.")

    @property
    def record_id(self) -> str:
        return str(self.activity_id)

    @property
    def open(self) -> bool:
        """Whether the student is in special education by this activity."""
        return self.exited_on is None and not self.voided


class SpedActivityBegun(SpedActivity, Event):
    """The student entered special education."""


class SpedActivityEnded(SpedActivity, Event):
    """The student exited special education."""

    ends_services: bool = Field(
        default=True, description="Whether the open services of the student's LEA end with the exit."
    )


class SpedActivityCorrected(SpedActivity, Event):
    """The LEA corrected the dates or the exit reason."""

    explanation: ShortText


class SpedActivityVoided(SpedActivity, Event):
    """The LEA voided a sped activity that was recorded in error."""

    explanation: ShortText


class SpedActivityMoved(SpedActivity, Event):
    """A sped activity came from another State ID, or went to one (`moved_to`)."""


class Consent(OfStudent, Movable):
    """A parent's decision against services: the first ones refused, or the consent revoked.

    One of `refused_on` and `revoked_on` is filled in.
    """

    kind: ClassVar[str] = "consent"

    consent_id: ConsentId
    lea: LeaCode
    refused_on: OrBlank[Day | None] = None
    revoked_on: OrBlank[Day | None] = None
    notice_on: OrBlank[Day | None] = None

    @property
    def record_id(self) -> str:
        return str(self.consent_id)


class InitialServicesRefused(Consent, Event):
    """The parent refused the first services."""


class ConsentRevoked(Consent, Event):
    """The parent revoked the consent to services."""


class ConsentMoved(Consent, Event):
    """A parent's decision came from another State ID, or went to one (`moved_to`)."""


COMMANDS = (
    ExitSpecialEducation,
    CorrectSpedActivity,
    VoidSpedActivity,
    RefuseInitialServices,
    RevokeConsent,
)
EVENTS = (
    SpedActivityBegun,
    SpedActivityEnded,
    SpedActivityCorrected,
    SpedActivityVoided,
    InitialServicesRefused,
    ConsentRevoked,
    SpedActivityMoved,
    ConsentMoved,
)
