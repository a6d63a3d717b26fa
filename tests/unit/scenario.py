"""Gives a service's rules a history and a command or an event, and looks at their decision."""

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


def id_named(name: str) -> UUID:
    """The same id for the same name, so that a test can write `id_named("the claim")`."""
    return uuid5(_NAMES, name)


def actor(lea: str = "017", *roles: Role) -> Actor:
    """A user of an LEA. Without `roles` the user is a writer who may submit IEPs."""
    return Actor(sub="a.coordinator", lea=lea, roles=frozenset(roles or (Role.WRITER, Role.IEP_SUBMITTER)))


def decide_with(
    deciders: Mapping[type[Any], Any],
    history: Sequence[Record],
    command: Command,
    *,
    by: Actor | None = None,
    on: date = TODAY,
    under: str = "the command",
) -> Decision:
    """The decision of the service on `command` after `history`."""
    ask = Ask(command=command, actor=by or actor(), command_id=id_named(under), on=on)
    own = [record for record in history if record.subject == command.subject]
    decision: Decision = deciders[type(command)](Known(own).beside(_Others(history)), ask)
    return decision


class _Others(dict[str, Known]):
    """The records of each subject in a history. A subject without records has an empty `Known`."""

    def __init__(self, history: Sequence[Record]) -> None:
        super().__init__()
        for record in history:
            self.setdefault(record.subject, Known()).learn(record)

    def __missing__(self, subject: str) -> Known:
        return Known()


def react_with(reactions: Mapping[type[Any], Any], history: Sequence[Record], event: Event) -> Reaction:
    """The reaction of the service to `event` after `history`."""
    reaction: Reaction = reactions[type(event)](Known(history), event)
    return reaction


def records_after(
    reactions: Mapping[type[Any], Any], *events: Event, after: Sequence[Record] = ()
) -> list[Record]:
    """The records that the service has after `after` and then `events`, in this order."""
    past = list(after)
    for event in events:
        past += [part for part in react_with(reactions, past, event) if isinstance(part, Record)]
    return past


def codes(decision: Decision) -> set[str]:
    """The codes of all findings of a decision."""
    match decision:
        case Accepted(warnings=found) | Refused(findings=found):
            return {finding.code for finding in found}
        case Waiting(reason=reason) | Begun(reason=reason):
            return {reason.code}


def new_records(decision: Decision) -> Sequence[Record]:
    """The new records of a decision. The test fails if the service refused the command or holds it."""
    assert isinstance(decision, Accepted | Begun), decision
    return decision.records
