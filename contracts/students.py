"""What `students` is told and says: the student's profile and the parents or guardians."""

from typing import ClassVar

from pydantic import Field

from contracts.codes import GradeCode
from contracts.identity import Named, Person
from contracts.message import Command, Event, OfStudent, Record, Value
from contracts.types import GuardianId, LeaCode, Name, OrBlank, Phone, ShortText


class Profile(Value):
    """What an LEA keeps of a student besides the demographic fields."""

    grade: OrBlank[GradeCode | None] = Field(
        default=None, description="Grade code of this project; blank if the student has none yet."
    )
    home_language: OrBlank[ShortText] = "English"
    english_learner: bool = False
    surrogate_parent: bool = False
    medicaid: bool = False


class AddStudent(OfStudent, Command):
    """Take a person whom eScholar knows into the special-education record."""

    profile: Profile


class SaveProfile(OfStudent, Command):
    """Replace the profile of a student."""

    profile: Profile


class GuardianDetails(Named):
    """A parent or guardian."""

    title: OrBlank[Name | None] = None
    relationship: OrBlank[ShortText] = "parent"
    phone: OrBlank[Phone | None] = None
    email: OrBlank[ShortText | None] = None
    address: OrBlank[ShortText | None] = None


class SaveGuardian(OfStudent, Command):
    """Add a parent or guardian, or replace what is known of one."""

    creates: ClassVar[str] = "guardian_id"

    guardian_id: GuardianId
    guardian: GuardianDetails


class Student(OfStudent, Record):
    """A student of special education: the person as eScholar has it, and the LEA's profile."""

    kind: ClassVar[str] = "student"

    person: Person
    identity_revision: int = Field(ge=1, description="Which of eScholar's snapshots `person` is.")
    profile: Profile
    added_by: LeaCode


class StudentAdded(Student, Event):
    """A person became a student of the special-education record."""


class ProfileSaved(Student, Event):
    """The LEA replaced the student's profile."""


class StudentCorrected(Student, Event):
    """The demographic fields were replaced by eScholar's correction."""


class Guardian(OfStudent, Record):
    """A parent or guardian of a student."""

    kind: ClassVar[str] = "guardian"

    guardian_id: GuardianId
    guardian: GuardianDetails

    @property
    def record_id(self) -> str:
        return str(self.guardian_id)


class GuardianSaved(Guardian, Event):
    """A parent or guardian was added, or what is known of one was replaced."""


COMMANDS = (AddStudent, SaveProfile, SaveGuardian)
EVENTS = (StudentAdded, ProfileSaved, StudentCorrected, GuardianSaved)
