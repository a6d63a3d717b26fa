"""Telling a story to a service's rules: what is known, what is asked, what was said."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from contracts.access import Actor, Role
from contracts.decision import Accepted, Ask, Begun, Decision, Known, Reaction, Refused, Waiting
from contracts.message import Command, Event, Record

STUDENT = "1000000001"
TODAY = date(2017, 9, 1)
_NAMES = UUID("a2b51cb2-2f0c-4f0e-9d4b-6d2f6f6f0a01")


def named(name: str) -> UUID:
    """The same id for the same name, so that a story can speak of `named("the claim")`."""
    return uuid5(_NAMES, name)


def actor(lea: str = "017", *roles: Role) -> Actor:
    """Somebody of an LEA, a writer who may submit IEPs unless other roles are given."""
    return Actor(sub="a.coordinator", lea=lea, roles=frozenset(roles or (Role.WRITER, Role.IEP_SUBMITTER)))


def ask(
    deciders: Mapping[type[Any], Any],
    history: Sequence[Record],
    command: Command,
    *,
    by: Actor | None = None,
    on: date = TODAY,
    under: str = "the command",
) -> Decision:
    """What the service answers to `command` after `history`."""
    question = Ask(command=command, actor=by or actor(), command_id=named(under), on=on)
    own = [record for record in history if record.subject == command.subject]
    decision: Decision = deciders[type(command)](Known(own).beside(_Others(history)), question)
    return decision


class _Others(dict[str, Known]):
    """What a history says of each subject; nothing of those it does not mention."""

    def __init__(self, history: Sequence[Record]) -> None:
        super().__init__()
        for record in history:
            self.setdefault(record.subject, Known()).learn(record)

    def __missing__(self, subject: str) -> Known:
        return Known()


def hear(reactions: Mapping[type[Any], Any], history: Sequence[Record], event: Event) -> Reaction:
    """What the service does when it hears `event` after `history`."""
    reaction: Reaction = reactions[type(event)](Known(history), event)
    return reaction


def heard(reactions: Mapping[type[Any], Any], *events: Event, after: Sequence[Record] = ()) -> list[Record]:
    """What the service knows when it has heard these events, in this order, `after` all that."""
    past = list(after)
    for event in events:
        past += [part for part in hear(reactions, past, event) if isinstance(part, Record)]
    return past


def codes(decision: Decision) -> set[str]:
    """The codes of everything a decision found."""
    match decision:
        case Accepted(warnings=found) | Refused(findings=found):
            return {finding.code for finding in found}
        case Waiting(reason=reason) | Begun(reason=reason):
            return {reason.code}


def said(decision: Decision) -> Sequence[Record]:
    """The new states a decision brought; the test fails if it was a refusal or a wait."""
    assert isinstance(decision, Accepted | Begun), decision
    return decision.records
