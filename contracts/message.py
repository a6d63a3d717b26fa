"""The base classes of all messages: a command, a record or an event about one subject."""

import string
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from contracts.tidy import make
from contracts.types import LeaCode, StaffId, StudentId, Year

EVERY = "*"
"""In place of an id: all records of the kind."""


class Value(BaseModel):
    """A piece of a message. Frozen, compared by value; a reader ignores fields it does not know yet."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)


class PersonalValue(Value):
    """A piece that identifies a person. Its text form is empty, so that no log can show it."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


class Message(Value):
    """A body on a topic. Its metadata (id, time, cause, token) travels in headers.

    The subject is the student, provider, LEA or calendar of the message. It is the Kafka key and the unit of
    order, and PostgreSQL finds a late writer by its row. `subject_form` says which fields name it:
    `OfStudent`, `OfProvider`, `OfLea`, `OfCalendar`.
    """

    version: ClassVar[int] = 1
    subject_form: ClassVar[str]

    @classmethod
    def schema_id(cls) -> str:
        """Names the body's schema: `StudentClaimed.v1`. The class of a second version ends in `V2`."""
        return f"{cls.__name__.removesuffix(f'V{cls.version}')}.v{cls.version}"

    @property
    def subject(self) -> str:
        """What the message is about, as a text: `1000000001`, or `provider/017/T-4471`."""
        return self.subject_form.format_map(self.__dict__)

    @classmethod
    def subject_fields(cls) -> tuple[str, ...]:
        """The fields that name the subject."""
        return tuple(name for _, name, _, _ in string.Formatter().parse(cls.subject_form) if name)

    @classmethod
    def subject_in(cls, body: Mapping[str, Any]) -> str | None:
        """The subject that an unchecked body names; None if it names none."""
        named = {name: body.get(name) for name in cls.subject_fields()}
        return cls.subject_form.format_map(named) if all(isinstance(v, str) for v in named.values()) else None


class OfStudent(Message):
    """A message about a student. Its subject is the bare State ID."""

    subject_form: ClassVar[str] = "{student_id}"

    student_id: StudentId

    @property
    def subject(self) -> str:
        return self.student_id


class OfProvider(Message):
    """A message about a provider of services, whom an LEA knows under a number of its own."""

    subject_form: ClassVar[str] = "provider/{lea}/{provider_id}"

    lea: LeaCode
    provider_id: StaffId


class OfLea(Message):
    """A message about a school system (LEA) and its school sites."""

    subject_form: ClassVar[str] = "lea/{lea}"

    lea: LeaCode


class OfCalendar(Message):
    """A message about the state's calendar of one year."""

    subject_form: ClassVar[str] = "calendar/{year}"

    year: Year


class Command(Message):
    """A request to change a record; its name is in the imperative.

    A service refuses unknown fields, so that it never drops a sender's data without a word.
    """

    model_config = ConfigDict(extra="forbid")

    of_any_state_id: ClassVar[bool] = False
    """Whether it is decided although the State ID that it names was merged or retired."""
    creates: ClassVar[str] = ""
    """The field with the id of the record that the command creates; blank if it creates none by an id of the
    sender's. Such an id is unique in the whole state."""

    @property
    def new_id(self) -> str | None:
        """The id of the record that the command would create."""
        return str(getattr(self, self.creates)) if self.creates else None


class Record(Message):
    """The whole state of one record.

    `revision` counts its states from 1; of two states the higher revision is newer.
    """

    kind: ClassVar[str]
    apart: ClassVar[bool] = False
    """Whether the record is stored apart, because it is large. It is loaded by name, too."""
    found_with: ClassVar[str] = ""
    """The kind of the record whose id it bears. Stored apart, it is found wherever that record stands."""
    by_name: ClassVar[bool] = False
    """Whether the record is loaded only for the messages whose `OPENS` names it, or every one of its kind."""

    revision: int = Field(ge=1, description="Counts the states of this record, from 1.")

    @property
    def record_id(self) -> str:
        """Identifies the record among those of its kind and subject.

        One of a kind per subject needs no name.
        """
        return ""

    @classmethod
    @cache
    def stored_as(cls) -> "type[Record]":
        """The model of the record itself, without what one event adds to it."""
        return next(base for base in cls.__mro__ if issubclass(base, Record) and "kind" in vars(base))

    @classmethod
    def of(cls, earlier: "Record", **changes: Any) -> Self:
        """The next state of a record: everything `earlier` says, with `changes`, one revision on."""
        kept = {name: getattr(earlier, name) for name in cls.stored_as().model_fields}
        return make(cls, kept | {"revision": earlier.revision + 1} | changes)

    @classmethod
    def noted(cls, event: "Record", **more: Any) -> Self:
        """What a service keeps of another service's event: this model's fields, as the event has them."""
        kept = {name: getattr(event, name) for name in cls.model_fields if name not in more}
        return make(cls, kept | more)


class Movable(Record):
    """A record of a student that goes along when eScholar merges the student's State ID.

    It belongs to the State ID under which it was made, wherever it stands.
    """

    belongs_to: StudentId | None = Field(
        default=None, description="The State ID to which the record belongs, if it is not `student_id`."
    )
    moved_to: StudentId | None = Field(
        default=None,
        description="The State ID under which the record stands from this revision on, if not `student_id`.",
    )

    @property
    def owned_by(self) -> StudentId:
        """The State ID to which the record belongs."""
        return self.belongs_to or self.subject


class Guest(OfStudent, Record):
    """Whether the records of another State ID stand here, as this service has moved them. Never published.

    `revision`: of the word of `students` about that State ID.
    """

    kind: ClassVar[str] = "guest"

    guest_id: StudentId
    here: bool

    @property
    def record_id(self) -> str:
        return self.guest_id


class Event(Record):
    """A record's new state, published, under a name in the past tense that gives the reason for it."""
