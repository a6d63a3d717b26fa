"""What the bridge to eScholar says: who bears which State ID. The bridge writes these; nobody else may."""

from typing import ClassVar

from pydantic import Field

from contracts.codes import RaceCode, SexCode
from contracts.message import Event, OfStudent, PersonalValue, Record, Value
from contracts.types import Day, LeaCode, LocalStudentId, Name, ShortText


class Person(PersonalValue):
    """The demographic fields, which are corrected in eScholar and nowhere else."""

    first_name: Name
    middle_name: Name | None = None
    last_name: Name
    suffix: Name | None = None
    birth_on: Day
    sex: SexCode
    hispanic: bool = False
    races: tuple[RaceCode, ...] = Field(
        default=(), description="Every race that applies, Hispanic/Latino apart."
    )


class Alias(Value):
    """The number under which one LEA's own system knows the student."""

    lea: LeaCode
    local_student_id: LocalStudentId


class Identity(OfStudent, Record):
    """Who bears a State ID. `revision` counts eScholar's own snapshots of that identity."""

    kind: ClassVar[str] = "identity"

    person: Person
    aliases: tuple[Alias, ...] = ()


class IdentityAssigned(Identity, Event):
    """eScholar gave this State ID to this person. Nobody is a student of special education by that alone."""


class IdentityCorrected(Identity, Event):
    """eScholar corrected the person behind a State ID: a full snapshot, never a difference."""

    corrected_fields: tuple[ShortText, ...] = ()
    reason: ShortText


EVENTS = (IdentityAssigned, IdentityCorrected)
