"""What `jurisdiction` is told and says: which LEA owns a student, and since when."""

from typing import ClassVar

from pydantic import Field

from contracts.errors import Finding
from contracts.message import Command, Event, OfStudent, Record, Value
from contracts.types import Choice, ClaimId, Day, LeaCode, LocalStudentId, OrBlank, SchoolCode, SpellId


class ClaimJurisdiction(OfStudent, Command):
    """Take the student into the jurisdiction of one's own LEA, which is the one named in the token."""

    begin_on: Day
    school: SchoolCode
    local_student_id: OrBlank[LocalStudentId | None] = None


class TransferSchool(OfStudent, Command):
    """Move the student to another school site of the LEA that owns the student."""

    begin_on: Day
    school: SchoolCode


class SchoolStay(Value):
    """From when the student attends a school site; until the next stay begins or the spell ends."""

    school: SchoolCode
    begin_on: Day


class Spell(OfStudent, Record):
    """A time in the jurisdiction of one LEA, from `begin_on` to `end_on`, both included; open while
    `end_on` is blank."""

    kind: ClassVar[str] = "spell"

    spell_id: SpellId
    lea: LeaCode
    begin_on: Day
    end_on: OrBlank[Day | None] = None
    schools: tuple[SchoolStay, ...] = Field(
        min_length=1, description="Stays at school sites, earliest first."
    )
    local_student_id: OrBlank[LocalStudentId | None] = None

    @property
    def record_id(self) -> str:
        return str(self.spell_id)


class StudentClaimed(Spell, Event):
    """An LEA took the student into its jurisdiction."""


class JurisdictionEnded(Spell, Event):
    """A spell ended, because another LEA's begins the day after."""


class SchoolTransferred(Spell, Event):
    """The student moved to another school site of the same LEA."""


class TransferState(Choice):
    """Where a transfer between LEAs stands."""

    REQUESTED = "requested"
    COMPLETED = "completed"
    REFUSED = "refused"


class Transfer(OfStudent, Record):
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
    findings: tuple[Finding, ...] = ()

    @property
    def record_id(self) -> str:
        return str(self.claim_id)


class TransferRequested(Transfer, Event):
    """An LEA claimed a student whom another LEA owns: are services open there?"""


class TransferCompleted(Transfer, Event):
    """The claim was won; the new spell has begun."""


class TransferRefused(Transfer, Event):
    """The claim failed; `findings` say why and name the LEA and its open services."""


COMMANDS = (ClaimJurisdiction, TransferSchool)
EVENTS = (
    StudentClaimed,
    JurisdictionEnded,
    SchoolTransferred,
    TransferRequested,
    TransferCompleted,
    TransferRefused,
)
