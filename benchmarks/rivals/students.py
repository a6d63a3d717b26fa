"""Adds a student for one writer of one LEA, without a token: models, decision, messages."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

LEA, SENDER = "017", "demo"
"""The sender of the commands: an LEA and its user."""

COMMANDS, OUTCOMES, EVENTS = "students.commands", "students.outcomes", "StudentAdded"

_StudentId = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,6}$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Profile(_Model):
    """The fields that the LEA saves about the student."""

    effective_on: date | None = None
    grade: _Code | None = None
    home_language: _Text = "English"
    english_learner: bool = False
    military_connected: bool = False
    surrogate_parent: bool = False
    medicaid: bool = False


class AddStudent(_Model):
    """The command."""

    student_id: _StudentId
    profile: Profile


class Person(_Model):
    """The demographic fields."""

    first_name: _Name
    middle_name: _Name | None = None
    last_name: _Name
    suffix: _Name | None = None
    birth_on: date
    sex: _Code
    hispanic: bool = False
    races: tuple[_Code, ...] = ()


class Identity(_Model):
    """eScholar's record of the person with a State ID."""

    student_id: _StudentId
    revision: int
    person: Person


class StudentAdded(_Model):
    """The event, and the student as the rivals keep it."""

    student_id: _StudentId
    revision: int
    belongs_to: str | None = None
    moved_to: str | None = None
    person: Person
    identity_revision: int
    profile: Profile
    earlier_profiles: tuple[Profile, ...] = ()
    added_by: str


class Outcome(_Model):
    """The answer to a command."""

    command_id: UUID
    command: str
    subject: str
    status: str
    findings: tuple[str, ...] = ()
    sequence: int


def decide(
    command: AddStudent, identity: Identity | None, student: StudentAdded | None, on: date
) -> StudentAdded | None:
    """The added student. None: eScholar does not know the person, or the student was added before."""
    if identity is None or student is not None or identity.person.birth_on > on:
        return None
    return StudentAdded(
        student_id=command.student_id,
        revision=1,
        person=identity.person,
        identity_revision=identity.revision,
        profile=command.profile,
        added_by=LEA,
    )


def outcome(command: AddStudent, command_id: UUID, added: StudentAdded | None) -> Outcome:
    """The outcome of the decision."""
    return Outcome(
        command_id=command_id,
        command="AddStudent",
        subject=command.student_id,
        status="refused" if added is None else "accepted",
        sequence=1,
    )
