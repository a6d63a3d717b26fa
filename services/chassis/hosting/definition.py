"""A service as a value: its name, its tables of deciders and reactions, and what it keeps."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts import catalog
from contracts.catalog import Entry
from contracts.decision import Decision, Known, Reaction
from contracts.errors import Rule
from contracts.message import Command, Event, Message, Record
from services.chassis.decoding.messages import ReceivedCommand, ReceivedEvent, Work

Decider = Callable[..., Decision]
LooksAt = Callable[..., Iterable[str]]
"""From a command and its sender to the other subjects that its decision looks at."""
Opens = Callable[..., Iterable[tuple[type[Record], object]]]
"""From a message to the records loaded by name that it needs: their models and ids, or `EVERY`."""
Reactor = Callable[..., Reaction]
Unread = Callable[[Known, str, int | None, str], Reaction]
Projection = Callable[[AsyncConnection, Sequence[ReceivedEvent]], Awaitable[Collection[str]]]


@dataclass(frozen=True)
class ServiceDefinition:
    """One service.

    A projection keeps a batch of events and returns the ids of those that were new to it.

    A service that decides has `deciders` (one per command it owns), `reactions` (one per event it listens
    to) and `stored` (the models of the records it keeps). A service that only reads has a `projection` and
    `listens` instead.

    `unread` makes the records a service keeps of a bridge's message that it cannot read. It is given what is
    known of the subject, the subject, the message's revision if that can be read, and the reason.
    """

    name: str
    summary: str
    rules: Mapping[str, Rule]
    router: APIRouter
    deciders: Mapping[type[Command], Decider] = field(default_factory=dict)
    reactions: Mapping[type[Event], Reactor] = field(default_factory=dict)
    looks_at: Mapping[type[Command], LooksAt] = field(default_factory=dict)
    opens: Mapping[type[Message], Opens] = field(default_factory=dict)
    stored: Sequence[type[Record]] = ()
    projection: Projection | None = None
    listens: Sequence[type[Event]] = ()
    unread: Unread | None = None
    hears_outcomes: bool = False
    hears_heartbeats: bool = False

    @cached_property
    def heard(self) -> tuple[Entry, ...]:
        """Everything the service reads, by the catalog."""
        commands = [catalog.entry_of(command) for command in self.deciders]
        events = [catalog.entry_of(event) for event in (*self.reactions, *self.listens)]
        outcomes = catalog.outcomes() if self.hears_outcomes else ()
        heartbeats = catalog.heartbeats() if self.hears_heartbeats else ()
        return (*commands, *events, *outcomes, *heartbeats)

    @cached_property
    def commands(self) -> dict[str, Entry]:
        """The commands the service decides, by name."""
        return {entry.name: entry for entry in self.heard if entry.kind is catalog.Kind.COMMAND}

    def topics(self, prefix: str) -> tuple[str, ...]:
        """The topics the service reads."""
        return tuple(dict.fromkeys(entry.topic(prefix) for entry in self.heard))

    def model_of(self, kind: str) -> type[Record]:
        """The model of a stored record. KeyError for a kind the service does not keep."""
        return self._models[kind]

    @cached_property
    def own_kinds(self) -> tuple[str, ...]:
        """The kinds of the records that the service itself says, whose ids are unique in the state.

        A record stored apart bears the id of the record it belongs to.
        """
        models = (cast(type[Event], entry.model) for entry in catalog.events(self.name).values())
        return tuple(sorted({model.kind for model in models if not model.apart}))

    def looked_at(self, work: Work) -> tuple[str, ...]:
        """The other subjects that the decision of a message looks at."""
        if not isinstance(work, ReceivedCommand) or work.command is None or work.actor is None:
            return ()
        looks_at = self.looks_at.get(type(work.command))
        return tuple(looks_at(work.command, work.actor)) if looks_at else ()

    @cached_property
    def by_name(self) -> tuple[str, ...]:
        """The kinds of records that are loaded by name only."""
        return tuple(sorted(model.kind for model in self.stored if model.by_name or model.apart))

    def opened(self, work: Work) -> Iterable[tuple[str, str]]:
        """Of the records that are loaded by name, those that the decision of a message needs: kind and id."""
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
