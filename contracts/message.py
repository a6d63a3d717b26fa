"""What every message is made of: a body that says one record about one student, and nothing about its own
delivery."""

from functools import cache
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from contracts.types import StudentId

SUBJECT_FIELD = "student_id"
"""The field of every message that names whom it is about."""


class Value(BaseModel):
    """A piece of a message. Frozen, compared by value; a reader ignores fields it does not know yet."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)


class PersonalValue(Value):
    """A piece that identifies a person. Its text form shows nothing, so that it cannot end up in a log."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


class Message(Value):
    """A body on a topic. Its metadata (id, time, cause, token) travels in headers."""

    version: ClassVar[int] = 1

    student_id: StudentId

    @classmethod
    def schema_id(cls) -> str:
        """Names the body's schema: `StudentClaimed.v1`. The class of a second version ends in `V2`."""
        return f"{cls.__name__.removesuffix(f'V{cls.version}')}.v{cls.version}"

    @property
    def subject(self) -> str:
        """The one the message is about: key of the record, unit of order and of locking."""
        return self.student_id


class Command(Message):
    """A wish, in the imperative.

    Unknown fields are refused: something somebody typed is never dropped in silence.
    """

    model_config = ConfigDict(extra="forbid")


class Record(Message):
    """The whole state of one record.

    `revision` counts its states from 1; of two states the higher revision is newer.
    """

    kind: ClassVar[str]

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
        return cls(**(kept | {"revision": earlier.revision + 1} | changes))


class Event(Record):
    """A record's new state, published, under a name in the past tense that gives the reason for it."""
