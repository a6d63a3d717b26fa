"""The bridge's messages: which person has which State ID in eScholar. Only the bridge writes them."""

from typing import ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.codes import RaceCode, SexAsSent
from contracts.message import Event, OfStudent, PersonalValue, Record, Value
from contracts.types import Day, LeaCode, LocalStudentId, Name, OrBlank, ShortText, StudentId


class Named(PersonalValue):
    """A person's name. A person with one name leaves the other field blank."""

    first_name: OrBlank[Name | None] = None
    last_name: OrBlank[Name | None] = None
    suffix: OrBlank[Name | None] = None

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if self.first_name is None and self.last_name is None:
            raise PydanticCustomError("no_name", "a person has a first name or a last name")
        return self


class Person(Named):
    """The demographic fields. Only eScholar corrects them."""

    middle_name: OrBlank[Name | None] = None
    birth_on: Day
    sex: OrBlank[SexAsSent | None] = None
    hispanic: bool = False
    races: tuple[RaceCode, ...] = Field(
        default=(), description="Every race that applies, Hispanic/Latino apart."
    )


class Alias(Value):
    """The number under which one LEA's own system knows the student."""

    lea: LeaCode
    local_student_id: LocalStudentId


class Identity(OfStudent, Record):
    """The person with a State ID. `revision` counts eScholar's snapshots of that identity."""

    kind: ClassVar[str] = "identity"

    person: Person
    aliases: tuple[Alias, ...] = ()


class IdentityAssigned(Identity, Event):
    """eScholar gave this State ID to this person. That alone makes no student of special education."""


class IdentityCorrected(Identity, Event):
    """eScholar corrected the person behind a State ID: a full snapshot, never a difference."""

    corrected_fields: tuple[ShortText, ...] = ()
    reason: ShortText


class Link(OfStudent, Record):
    """What became of a State ID. `into`: the State ID that the person bears instead; it may be merged itself.

    `revision` counts everything that eScholar says of the State ID, whatever the message: assigned 1, merged
    2, corrected 3.
    """

    kind: ClassVar[str] = "link"

    into: OrBlank[StudentId | None] = None
    reason: ShortText


class IdentityMerged(Link, Event):
    """Whoever bore this State ID bears `into` from now on. This one is retired."""

    into: StudentId


class IdentitySeparated(Link, Event):
    """The merge was a mistake: the person bears this State ID again, or the new one that `into` names."""


class IdentityRetired(Link, Event):
    """Nobody bears this State ID any more, and eScholar names no other: `into` is blank."""


class Split(OfStudent, Record):
    """Two persons bore one State ID. `new_id`: the State ID that one of the two bears from now on.

    `revision` counts everything that eScholar says of the State ID, as in `Link`.
    """

    kind: ClassVar[str] = "split"

    new_id: StudentId
    reason: ShortText

    @property
    def record_id(self) -> str:
        return self.new_id


class IdentitySplit(Split, Event):
    """eScholar found that two persons bore this State ID, and gave one of them a new one."""


EVENTS = (
    IdentityAssigned,
    IdentityCorrected,
    IdentityMerged,
    IdentitySeparated,
    IdentityRetired,
    IdentitySplit,
)
