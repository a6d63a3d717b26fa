"""Messages from Kafka: raw, or decoded as a command, an event, or an unreadable message."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from contracts.access import Actor
from contracts.envelope import Envelope
from contracts.errors import Finding
from contracts.heartbeat import Heartbeat
from contracts.message import Command, Event
from contracts.outcome import Outcome

_FRAMING = 8


class RawMessage(NamedTuple):
    """A Kafka message. `at`: when Kafka received it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    at: datetime


def envelope_size(raw: RawMessage) -> int:
    """Bytes of the record besides its value, roughly: a header without a name and a value takes space too."""
    size = len(raw.key or b"") + _FRAMING * len(raw.headers)
    for name, value in raw.headers:
        size += len(name) + len(value or b"")
    return size


class ReceivedCommand(NamedTuple):
    """A command.

    `findings` are what is wrong with its form or its token; then `command` and `actor` may be missing.
    """

    raw: RawMessage
    envelope: Envelope
    command_id: UUID
    name: str
    subject: str
    fingerprint: str
    day: date
    command: Command | None = None
    actor: Actor | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def id(self) -> str:
        """The command's id, as text."""
        return self.envelope.id

    @property
    def sender(self) -> str | None:
        """Who sent the command, as its verified token says; a header of that name proves nothing."""
        return self.actor.sender if self.actor else None


class ReceivedEvent(NamedTuple):
    """An event, or another service's outcome or heartbeat. `body` is its JSON as it came."""

    raw: RawMessage
    envelope: Envelope
    message: Event | Outcome | Heartbeat
    owner: str

    @property
    def id(self) -> str:
        """The event's id, derived from what caused it."""
        return self.envelope.id

    @property
    def name(self) -> str:
        """The event's name."""
        return self.envelope.type

    @property
    def sequence(self) -> int | None:
        """The owner's count of its events about this subject."""
        return self.envelope.sequence

    @property
    def sender(self) -> str | None:
        """Who sent the command that caused the event."""
        return self.envelope.sender

    @property
    def at(self) -> datetime:
        """The time at which Kafka received the event."""
        return self.raw.at

    @property
    def body(self) -> bytes:
        """The JSON as it came."""
        return self.raw.value or b""

    @property
    def subject(self) -> str:
        """Whom the event is about."""
        return self.message.subject


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An unreadable message. `reason` says why, and quotes nothing of its content.

    Of a record of the bridge's: `subject` is its key, and `revision` the state it tells of, if they can be
    read. The bridge gets no outcome, so the service keeps a note with the subject.
    """

    raw: RawMessage
    reason: str
    subject: str | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A subject whose held messages are retried. `retry_defects`: also those that a defect holds."""

    subject: str
    retry_defects: bool = False


@dataclass(frozen=True, slots=True)
class GivenUp:
    """An operator gives a held message up: a command is refused, an event becomes a dead letter.

    `position` and `message_id` name the message in its subject's queue. `operator` is a sender's name. What
    is kept of the subject is not looked at: it may be what cannot be read.
    """

    subject: str
    position: int
    message_id: str
    operator: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A message whose effects could not be saved: a defect. It is held, and the subject's later messages
    behind it."""

    item: ReceivedCommand | ReceivedEvent
    reason: str

    @property
    def subject(self) -> str:
        """Whom the message is about."""
        return self.item.subject


@dataclass(frozen=True, slots=True)
class Alone:
    """An event to be taken without giving the subject's held messages their turn: one of them failed."""

    item: ReceivedEvent

    @property
    def subject(self) -> str:
        """What the event is about."""
        return self.item.subject


Item = ReceivedCommand | ReceivedEvent | Unreadable
Work = Item | Due | GivenUp | Failed | Alone


def item_of(work: Work) -> Work:
    """The message that work is about; work that is not about one, as it is."""
    return work.item if isinstance(work, Failed | Alone) else work


def subject_of(work: Work) -> str | None:
    """Whose record has to be looked at for the work; None if nobody's: its answer is known already."""
    match work:
        case ReceivedCommand(findings=findings, subject=subject):
            return None if findings else subject
        case ReceivedEvent() | Due() | GivenUp() | Failed() | Alone() | Unreadable():
            return work.subject
