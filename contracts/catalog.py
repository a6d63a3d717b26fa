"""The catalog of all messages: each with its name, its owner, its kind and its topic."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from contracts import (
    activities,
    attachments,
    calendars,
    evaluations,
    identity,
    ieps,
    jurisdiction,
    provision,
    state_ids,
    students,
)
from contracts.heartbeat import Heartbeat
from contracts.message import Command, Event, Message, Value
from contracts.outcome import DeadLetter, Outcome

BRIDGE = "escholar"
SERVICES = ("students", "jurisdiction", "ieps", "provision", "reporting")


class Kind(StrEnum):
    """The kind of a message."""

    COMMAND = "command"
    EVENT = "event"
    OUTCOME = "outcome"
    HEARTBEAT = "heartbeat"
    DEAD_LETTER = "dead letter"


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the catalog. `owner` is the service that decides the command or writes the message."""

    model: type[Value]
    owner: str
    kind: Kind
    base_topic: str

    @property
    def name(self) -> str:
        """The message's name, which is its `ce_type`."""
        return self.model.__name__

    @property
    def counted(self) -> bool:
        """Whether the owner numbers these messages for each subject, so that a reader notices a gap."""
        return self.kind is Kind.EVENT and self.owner in SERVICES

    @property
    def version(self) -> int:
        """The version of the body's schema. A version that older code cannot read has its own topic."""
        return self.model.version if issubclass(self.model, Message) else 1

    @property
    def schema_id(self) -> str:
        """Names the body's schema: `StudentClaimed.v1`."""
        return self.model.schema_id() if issubclass(self.model, Message) else f"{self.name}.v1"

    def topic(self, prefix: str = "") -> str:
        """The topic's name under a prefix."""
        return prefix + self.base_topic


def topic_of(event: type[Event]) -> str:
    """The topic of an event: its name, with its version from version 2 on."""
    return event.schema_id().removesuffix(".v1")


def _entries(
    owner: str, commands: Iterable[type[Command]], events: Iterable[type[Event]], *, decides: bool = True
) -> Iterable[Entry]:
    for command in commands:
        yield Entry(command, owner, Kind.COMMAND, f"{owner}.commands")
    for event in events:
        yield Entry(event, owner, Kind.EVENT, topic_of(event))
    if decides:
        yield Entry(Outcome, owner, Kind.OUTCOME, f"{owner}.outcomes")
        yield Entry(Heartbeat, owner, Kind.HEARTBEAT, f"{owner}.heartbeats")
        yield Entry(DeadLetter, owner, Kind.DEAD_LETTER, f"{owner}.dead-letters")


CATALOG: tuple[Entry, ...] = (
    *_entries(BRIDGE, (), identity.EVENTS, decides=False),
    *_entries(
        "students",
        (*students.COMMANDS, *state_ids.COMMANDS, *attachments.COMMANDS),
        (*students.EVENTS, *state_ids.EVENTS, *attachments.EVENTS),
    ),
    *_entries("jurisdiction", jurisdiction.COMMANDS, jurisdiction.EVENTS),
    *_entries(
        "ieps",
        (*calendars.COMMANDS, *evaluations.COMMANDS, *ieps.COMMANDS, *activities.COMMANDS),
        (*calendars.EVENTS, *evaluations.EVENTS, *ieps.EVENTS, *activities.EVENTS),
    ),
    *_entries("provision", provision.COMMANDS, provision.EVENTS),
    Entry(DeadLetter, "reporting", Kind.DEAD_LETTER, "reporting.dead-letters"),
)

_COMMANDS = {entry.name: entry for entry in CATALOG if entry.kind is Kind.COMMAND}
_EVENTS = {entry.name: entry for entry in CATALOG if entry.kind is Kind.EVENT}
_BY_MODEL = {entry.model: entry for entry in CATALOG if entry.kind in (Kind.COMMAND, Kind.EVENT)}


def commands(owner: str | None = None) -> dict[str, Entry]:
    """The commands by name: of one service if `owner` is given, else of all."""
    return {name: entry for name, entry in _COMMANDS.items() if owner in (None, entry.owner)}


def events(owner: str | None = None) -> dict[str, Entry]:
    """The events by name: of one owner if `owner` is given, else of all."""
    return {name: entry for name, entry in _EVENTS.items() if owner in (None, entry.owner)}


def outcomes() -> tuple[Entry, ...]:
    """The outcomes of every service that decides."""
    return tuple(entry for entry in CATALOG if entry.kind is Kind.OUTCOME)


def heartbeats() -> tuple[Entry, ...]:
    """The heartbeats of every service that decides."""
    return tuple(entry for entry in CATALOG if entry.kind is Kind.HEARTBEAT)


def entry_of(model: type[Value]) -> Entry:
    """The catalog's entry of a command or an event. KeyError if it is not in the catalog."""
    return _BY_MODEL[model]


def topics(prefix: str = "") -> tuple[str, ...]:
    """The names of all topics, each once."""
    return tuple(dict.fromkeys(entry.topic(prefix) for entry in CATALOG))
