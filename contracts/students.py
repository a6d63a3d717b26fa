"""The messages of `students`: a student's profiles and the parents or guardians."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from pydantic import Field

from contracts.codes import GradeCode
from contracts.identity import Named, Person
from contracts.message import Command, Event, Movable, OfStudent, Value
from contracts.revisions import Replaces
from contracts.state_ids import Assignment
from contracts.types import FIRST_DAY, Day, GuardianId, LeaCode, Name, OrBlank, Phone, ShortText


class Profile(Value):
    """What an LEA keeps of a student besides the demographic fields, and from which day on it holds."""

    effective_on: OrBlank[Day | None] = Field(
        default=None,
        description="From when this profile holds; until the next one begins. Blank in AddStudent, and"
        " everywhere the day of birth: since ever. Blank in SaveProfile: from the day on which the command is"
        " received.",
    )
    grade: OrBlank[GradeCode | None] = Field(
        default=None, description="Grade code of this project; blank if the student has none yet."
    )
    home_language: OrBlank[ShortText] = "English"
    english_learner: bool = False
    military_connected: bool = Field(
        default=False, description="A parent or guardian is on active duty in the armed forces."
    )
    surrogate_parent: bool = False
    medicaid: bool = False

    @property
    def since(self) -> date:
        """The first day on which the profile holds."""
        return self.effective_on or FIRST_DAY


class AddStudent(OfStudent, Command):
    """Take a person whom eScholar knows into the special-education record."""

    profile: Profile


class SaveProfile(OfStudent, Replaces):
    """Say which profile a student has from a day on. It replaces a profile that begins on the same day."""

    profile: Profile


class GuardianDetails(Named):
    """A parent or guardian."""

    title: OrBlank[Name | None] = None
    relationship: OrBlank[ShortText] = "parent"
    phone: OrBlank[Phone | None] = None
    email: OrBlank[ShortText | None] = None
    address: OrBlank[ShortText | None] = None


class SaveGuardian(OfStudent, Replaces):
    """Add a parent or guardian, or replace what is known of one."""

    creates: ClassVar[str] = "guardian_id"

    guardian_id: GuardianId
    guardian: GuardianDetails


class RemoveGuardian(OfStudent, Command):
    """Take a parent or guardian off the record; the student keeps another one."""

    guardian_id: GuardianId
    reason: ShortText = Field(description="Why, in the LEA's words; for example: parental rights ended.")


class AssignGuardian(OfStudent, Assignment):
    """Say that a parent or guardian is one of the person with another State ID."""

    guardian_id: GuardianId


class Student(OfStudent, Movable):
    """A student of special education: the person as eScholar has it, and the LEA's profiles."""

    kind: ClassVar[str] = "student"

    person: Person
    identity_revision: int = Field(ge=1, description="Which of eScholar's snapshots `person` is.")
    profile: Profile = Field(description="The profile that begins last; it may begin on a day to come.")
    earlier_profiles: tuple[Profile, ...] = Field(
        default=(), description="The profiles that begin before it, the latest first."
    )
    added_by: LeaCode

    @property
    def record_id(self) -> str:
        return self.belongs_to or ""

    @property
    def profiles(self) -> Sequence[Profile]:
        """Every profile, the one that begins last first."""
        return (self.profile, *self.earlier_profiles)

    def profile_on(self, day: date) -> Profile | None:
        """The profile that holds on a day; None before the first one begins."""
        return next((one for one in self.profiles if one.since <= day), None)


class StudentAdded(Student, Event):
    """A person became a student of the special-education record."""


class ProfileSaved(Student, Event):
    """The LEA said which profile the student has from a day on."""


class StudentCorrected(Student, Event):
    """The demographic fields were replaced by eScholar's correction."""


class StudentMoved(Student, Event):
    """The student's record came from another State ID, or went to one (`moved_to`)."""


class Guardian(OfStudent, Movable):
    """A parent or guardian of a student. A removed one keeps the record, with the day and the reason."""

    kind: ClassVar[str] = "guardian"

    guardian_id: GuardianId
    guardian: GuardianDetails
    removed_on: Day | None = Field(
        default=None, description="The day on which the LEA removed the guardian; blank if it did not."
    )
    removal_reason: ShortText | None = None

    @property
    def record_id(self) -> str:
        return str(self.guardian_id)


class GuardianSaved(Guardian, Event):
    """A parent or guardian was added, or what is known of one was replaced."""


class GuardianRemoved(Guardian, Event):
    """The LEA took a parent or guardian off the record."""


class GuardianMoved(Guardian, Event):
    """A parent or guardian came from another State ID, or went to one (`moved_to`)."""


COMMANDS = (AddStudent, SaveProfile, SaveGuardian, RemoveGuardian, AssignGuardian)
EVENTS = (
    StudentAdded,
    ProfileSaved,
    StudentCorrected,
    GuardianSaved,
    GuardianRemoved,
    StudentMoved,
    GuardianMoved,
)
