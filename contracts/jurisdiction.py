"""The messages of `jurisdiction`: which LEA owns a student and since when, and an LEA's school sites."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from contracts.errors import Finding
from contracts.message import Command, Event, Movable, OfLea, OfStudent, Record, Value
from contracts.revisions import Replaces
from contracts.state_ids import AddressWord, Assignment
from contracts.types import (
    Choice,
    ClaimId,
    Day,
    LeaCode,
    LocalStudentId,
    LongText,
    OrBlank,
    SchoolCode,
    ShortText,
    SpellId,
    StudentId,
)


class ClaimJurisdiction(OfStudent, Command):
    """Take the student into the jurisdiction of one's own LEA, which is the one named in the token."""

    begin_on: Day
    school: SchoolCode
    local_student_id: OrBlank[LocalStudentId | None] = None


class TransferSchool(OfStudent, Replaces):
    """Move the student to another school site of the LEA that owns the student."""

    begin_on: Day
    school: SchoolCode


class CorrectSchoolTransfer(OfStudent, Replaces):
    """Correct the student's last school stay: another school site, another first day, or both.

    If the student has not moved since the claim, that stay is the one of the claim.
    """

    begin_on: Day
    school: SchoolCode


class EndReason(Choice):
    """Why a student's jurisdiction ended without another LEA's claim."""

    LEFT_STATE = "left the state"
    DIED = "died"
    GRADUATED = "graduated"
    AGED_OUT = "aged out"
    OTHER = "other"


class CloseJurisdiction(OfStudent, Command):
    """End the jurisdiction of one's own LEA, with no LEA after it. A later claim begins a new spell."""

    end_on: Day
    reason: EndReason


class WithdrawClaim(OfStudent, Command):
    """Take back a claim that was made in error, for the LEA that made it or the state office.

    The days belong to the LEA that had them before, as if nobody had claimed.
    """

    spell_id: SpellId
    reason: ShortText = Field(description="What was wrong with the claim.")


class CorrectClaim(OfStudent, Replaces):
    """Correct the first day, school site or local student ID of a claim. A blank field stays as it is.

    For the LEA that made the claim, or the state office.
    """

    spell_id: SpellId
    begin_on: OrBlank[Day | None] = None
    school: OrBlank[SchoolCode | None] = Field(
        default=None, description="The school site on the first day. Later school transfers stay."
    )
    local_student_id: OrBlank[LocalStudentId | None] = None
    reason: ShortText = Field(description="What was wrong with the claim.")


class WriteOnTransfer(OfStudent, Command):
    """Write about a blocked claim. Both LEAs and the state office read it with the claim."""

    claim_id: ClaimId
    text: LongText


class EscalateTransfer(OfStudent, Command):
    """Ask the state office to help with a blocked claim. It also sees claims that nobody answers in time."""

    claim_id: ClaimId


class AssignSpell(OfStudent, Assignment):
    """Say that a spell is one of the person with another State ID. Both students' spells are joined anew."""

    spell_id: SpellId


class SchoolSite(Value):
    """A school site of an LEA, and when it was open: from `open_on` through `closed_on`, blank for no end."""

    school: SchoolCode
    label: ShortText = Field(description="What people call the site.")
    open_on: Day
    closed_on: OrBlank[Day | None] = None
    made_up: bool = Field(
        default=False, description="The project invented this site; it is not on the state's list."
    )

    def open_at(self, day: date) -> bool:
        """Whether a student can attend the site on a day."""
        return self.open_on <= day and (self.closed_on is None or day <= self.closed_on)


class RegisterSchoolSites(OfLea, Replaces):
    """Enter school sites in an LEA's directory, or replace what the directory says of them. For the state."""

    sites: tuple[SchoolSite, ...] = Field(max_length=999)


class SchoolDirectory(OfLea, Record):
    """The school sites of an LEA."""

    kind: ClassVar[str] = "school_directory"

    sites: tuple[SchoolSite, ...] = Field(description="The sites, by code.")

    def site(self, school: SchoolCode) -> SchoolSite | None:
        """The site with this code."""
        return next((site for site in self.sites if site.school == school), None)


class SchoolSitesRegistered(SchoolDirectory, Event):
    """The state entered school sites in an LEA's directory, or replaced some."""


class SchoolStay(Value):
    """From when the student attends a school site; until the next stay begins or the spell ends."""

    school: SchoolCode
    begin_on: Day


class Spell(OfStudent, Movable):
    """A time in the jurisdiction of one LEA, from `begin_on` to `end_on`, both included; open while
    `end_on` is blank."""

    kind: ClassVar[str] = "spell"

    spell_id: SpellId
    lea: LeaCode
    begin_on: Day
    end_on: OrBlank[Day | None] = None
    end_reason: OrBlank[EndReason | None] = Field(
        default=None, description="Blank if the spell is open, or ended because another LEA's began."
    )
    closed_on: OrBlank[Day | None] = Field(
        default=None,
        description="The last day that the LEA recorded when it closed its jurisdiction; else blank.",
    )
    schools: tuple[SchoolStay, ...] = Field(
        min_length=1, description="Stays at school sites, earliest first."
    )
    local_student_id: OrBlank[LocalStudentId | None] = None
    withdrawn: bool = Field(
        default=False, description="The claim was made in error: the spell has no day, whatever its dates."
    )
    correction_reason: OrBlank[ShortText | None] = Field(
        default=None, description="Why the claim was withdrawn, or corrected the last time."
    )

    @property
    def record_id(self) -> str:
        return str(self.spell_id)

    @property
    def closed(self) -> bool:
        """Whether the LEA closed its jurisdiction. No LEA follows, until the next one claims."""
        return self.end_reason is not None

    def covers(self, day: date) -> bool:
        """Whether the student was in the LEA's jurisdiction on a day."""
        return not self.withdrawn and self.begin_on <= day and (self.end_on is None or day <= self.end_on)

    def over_by(self, day: date) -> bool:
        """Whether the LEA no longer writes on a day: its last day is past, or it closed its jurisdiction."""
        return self.end_on is not None and (self.closed or self.end_on < day)

    @property
    def has_days(self) -> bool:
        """Whether the spell has any day. A withdrawn one has none; of two with one first day only one has."""
        return not self.withdrawn and (self.end_on is None or self.begin_on <= self.end_on)


class StudentClaimed(Spell, Event):
    """An LEA took the student into its jurisdiction."""


class JurisdictionEnded(Spell, Event):
    """A spell ended: another LEA's begins the day after, or the LEA closed it and `end_reason` says why.

    Or it had ended, and its last day is another one now: the claim after it was corrected or withdrawn.
    """

    ends_services_of: tuple[StudentId, ...] = Field(
        default=(),
        description="The child's other State IDs when the LEA closed its jurisdiction. The LEA's services"
        " that belong to them end, too.",
    )


class JurisdictionResumed(Spell, Event):
    """A spell is open again: the claim that ended it was withdrawn, or stands under another State ID now."""


class ClaimWithdrawn(Spell, Event):
    """A claim was made in error and taken back. Its spell has no day."""


class ClaimCorrected(Spell, Event):
    """The first day, the school site or the local student ID of a claim was corrected."""


class SchoolTransferred(Spell, Event):
    """The student moved to another school site of the same LEA."""


class SchoolTransferCorrected(Spell, Event):
    """The LEA corrected the school site or the first day of the student's last stay."""


class SpellMoved(Spell, Event):
    """A spell came from another State ID, or went to one (`moved_to`)."""


class TransferState(Choice):
    """Where a transfer between LEAs stands."""

    REQUESTED = "requested"
    COMPLETED = "completed"
    REFUSED = "refused"


class Transfer(OfStudent, Movable):
    """A claim on a student whom another LEA owns. It is named by the command that claimed."""

    kind: ClassVar[str] = "transfer"

    claim_id: ClaimId
    state: TransferState
    from_lea: LeaCode
    from_spell: SpellId
    to_lea: LeaCode
    begin_on: Day
    school: SchoolCode
    local_student_id: OrBlank[LocalStudentId | None] = None
    findings: tuple[Finding, ...] = Field(
        default=(), description="Why the claim was refused. Else what a claim dated back moves."
    )
    waiting_since: OrBlank[Day | None] = Field(
        default=None,
        description="The day of the claim, or of the LEA's first claim on the student of this owner. From"
        " it the business days count within which the owner answers.",
    )
    messages: int = Field(default=0, ge=0, description="How many messages were written about it.")
    message: OrBlank[LongText | None] = Field(default=None, description="The last message.")
    answered_on: OrBlank[Day | None] = Field(
        default=None, description="The day on which the owner first wrote about it."
    )
    escalated_on: OrBlank[Day | None] = Field(
        default=None, description="The day on which an LEA asked the state office for help."
    )
    as_of: tuple[AddressWord, ...] = Field(
        default=(),
        description="What `jurisdiction` had heard of merged State IDs when it asked. `provision` answers for"
        " the same ones.",
    )

    @property
    def record_id(self) -> str:
        return str(self.claim_id)


class TransferRequested(Transfer, Event):
    """An LEA claimed a student whom another LEA owns: are services open there?"""


class TransferCompleted(Transfer, Event):
    """The claim was won; the new spell has begun."""


class TransferRefused(Transfer, Event):
    """The claim failed; `findings` say why and name the LEA and its open services."""


class TransferMessageWritten(Transfer, Event):
    """An LEA or the state office wrote about a blocked claim."""


class TransferEscalated(Transfer, Event):
    """An LEA asked the state office to help with a blocked claim."""


class TransferMoved(Transfer, Event):
    """A transfer came from another State ID, or went to one (`moved_to`)."""


COMMANDS = (
    RegisterSchoolSites,
    ClaimJurisdiction,
    TransferSchool,
    CorrectSchoolTransfer,
    CloseJurisdiction,
    WithdrawClaim,
    CorrectClaim,
    WriteOnTransfer,
    EscalateTransfer,
    AssignSpell,
)
EVENTS = (
    StudentClaimed,
    JurisdictionEnded,
    JurisdictionResumed,
    ClaimWithdrawn,
    ClaimCorrected,
    SchoolTransferred,
    SchoolTransferCorrected,
    TransferRequested,
    TransferCompleted,
    TransferRefused,
    TransferMessageWritten,
    TransferEscalated,
    SchoolSitesRegistered,
    SpellMoved,
    TransferMoved,
)
