"""A service as a value: its name, its tables of deciders and reactions, and the records that it keeps."""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts import catalog
from contracts.catalog import Entry
from contracts.decision import Decision, Known, Reaction
from contracts.errors import Finding, Rule
from contracts.message import Command, Event, Message, Record
from services.chassis.decoding.messages import ReceivedCommand, ReceivedEvent, Work, subject_of

Decider = Callable[..., Decision]
LooksAt = Callable[..., Iterable[str]]
"""Takes a command and its sender; returns the other subjects that the decision reads."""
Opens = Callable[..., Iterable[tuple[type[Record], object]]]
"""Takes a message; returns models and ids (or `EVERY`) of the records loaded by name that it needs."""
Seeks = str
"""SQL over all subjects. For the subjects $1 it gives rows of subject, kind, body, record id and revision:
records that the service does not keep, made for the decisions of one batch. They may be a moment old."""
Together = Callable[..., Iterable[str]]
"""Takes a message, and a function that gives the known records of a subject. Returns the other subjects about
which the message is decided. The store loads them and asks again, until it returns no further ones."""
Closed = Callable[[Known, Command], Iterable[Finding]]
"""Takes what is known of a command's subject, and the command. Returns why no such command is decided."""
Reactor = Callable[..., Reaction]
NoteUnreadable = Callable[[Known, str, int | None, str], Reaction]
Job = Callable[[AsyncEngine], Coroutine[Any, Any, None]]
"""Work that a process does besides its messages, until it is cancelled. Its end ends the process."""
Projection = Callable[[AsyncConnection, Sequence[ReceivedEvent]], Awaitable[Collection[str]]]
Beside = Callable[[AsyncEngine], Coroutine[Any, Any, None]]
"""Other work of the process. It takes the connections of the queries, and ends only when it is cancelled."""


@dataclass(frozen=True)
class ServiceDefinition:
    """One microservice.

    A service that decides has these tables:

    - `deciders`: a function for each command that it owns.
    - `reactions`: a function for each event that it consumes.
    - `looks_at`, `opens`: the other subjects, and the records loaded by name, that a message needs.
    - `together`: the other subjects about which a message is decided. Their records are changed with its own
      subject's, in one transaction. If another process changes one of them meanwhile, the batch is retried.
    - `seeks`: for a command, SQL that finds what the decision needs among all subjects (`Seeks`).
    - `stored`: the models of the records that it keeps, and of those that `seeks` finds.
    - `note_unreadable`: makes the records that the service keeps when it cannot read a message of the bridge.
      It receives the subject's known records, the subject, the revision (if readable), and the reason.
    - `jobs`: what each process does besides, such as sweeping.
    - `longer_bodies`: the patterns of paths that take longer bodies, each with its limit in bytes.
    - `awaited`: the events from which the outcome of a command follows. An operator cannot refuse them.

    - `closed`: says why no command about a subject is decided any more, before the decider is asked.
    - `addresses`: by the name of a parameter in paths, SQL that finds the subject that stands for the subject
      $1. A query for nothing that a viewer may see is sent on to that one.

    A service that only reads has a `projection` and the events that it `consumes`. The projection keeps a
    batch of events and returns the ids of the new ones. `keeps`: its tables that no topic can bring back; a
    rebuild empties all its others.
    """

    name: str
    summary: str
    rules: Mapping[str, Rule]
    router: APIRouter
    deciders: Mapping[type[Command], Decider] = field(default_factory=dict)
    reactions: Mapping[type[Event], Reactor] = field(default_factory=dict)
    looks_at: Mapping[type[Command], LooksAt] = field(default_factory=dict)
    opens: Mapping[type[Message], Opens] = field(default_factory=dict)
    together: Mapping[type[Message], Together] = field(default_factory=dict)
    seeks: Mapping[type[Command], Seeks] = field(default_factory=dict)
    stored: Sequence[type[Record]] = ()
    awaited: Collection[type[Event]] = ()
    jobs: Sequence[Job] = ()
    longer_bodies: Mapping[str, int] = field(default_factory=dict)
    projection: Projection | None = None
    consumes: Sequence[type[Event]] = ()
    keeps: Sequence[str] = ()
    note_unreadable: NoteUnreadable | None = None
    beside: Beside | None = None
    consumes_outcomes: bool = False
    consumes_heartbeats: bool = False
    closed: Closed = lambda _, __: ()
    addresses: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def consumed(self) -> tuple[Entry, ...]:
        """The catalog entries of all messages that the service consumes."""
        commands = [catalog.entry_of(command) for command in self.deciders]
        events = [catalog.entry_of(event) for event in (*self.reactions, *self.consumes)]
        outcomes = catalog.outcomes() if self.consumes_outcomes else ()
        heartbeats = catalog.heartbeats() if self.consumes_heartbeats else ()
        return (*commands, *events, *outcomes, *heartbeats)

    @cached_property
    def commands(self) -> dict[str, Entry]:
        """The commands that the service decides, by name."""
        return {entry.name: entry for entry in self.consumed if entry.kind is catalog.Kind.COMMAND}

    def topics(self, prefix: str) -> tuple[str, ...]:
        """The topics that the service reads."""
        return tuple(dict.fromkeys(entry.topic(prefix) for entry in self.consumed))

    def model_of(self, kind: str) -> type[Record]:
        """The model of a stored record. KeyError: the service keeps no record of this kind."""
        return self._models[kind]

    @cached_property
    def own_kinds(self) -> tuple[str, ...]:
        """The kinds of the records that the service itself publishes under an id, unique in the state.

        The index `record_ids` has these kinds. PostgreSQL does not use it for a query of any other kind.
        A record stored apart bears the id of the record it belongs to.
        """
        models = (cast(type[Event], entry.model) for entry in catalog.events(self.name).values())
        with_id = (model for model in models if model.record_id is not Record.record_id)
        return tuple(sorted({model.kind for model in with_id if not model.apart}))

    def looked_at(self, work: Work) -> tuple[str, ...]:
        """The other subjects that the decision of a message reads."""
        if not isinstance(work, ReceivedCommand) or work.command is None or work.actor is None:
            return ()
        looks_at = self.looks_at.get(type(work.command))
        return tuple(looks_at(work.command, work.actor)) if looks_at else ()

    def decided_with(self, work: Work, known_of: Callable[[str], Known]) -> Collection[str]:
        """The other subjects about which the message is decided."""
        message = _message_of(work) if self.together else None
        together = self.together.get(type(message)) if isinstance(message, Message) else None
        return sorted({*together(message, known_of)} - {subject_of(work)}) if together else ()

    @cached_property
    def by_name(self) -> tuple[str, ...]:
        """The kinds of records that the store loads only by name."""
        return tuple(sorted(model.kind for model in self.stored if model.by_name or model.apart))

    def opened(self, work: Work) -> Iterable[tuple[str, str]]:
        """Kind and id of each record loaded by name that the decision of a message needs."""
        message = _message_of(work)
        opens = self.opens.get(type(message)) if isinstance(message, Message) else None
        for model, record_id in opens(message) if opens else ():
            yield model.kind, str(record_id)

    @cached_property
    def _models(self) -> dict[str, type[Record]]:
        return {model.kind: model for model in self.stored}


def _message_of(work: Work) -> object:
    match work:
        case ReceivedCommand():
            return work.command
        case ReceivedEvent():
            return work.message
        case _:
            return None
