"""What every rival of students decides by: SER's own decider, for one writer of one LEA, without a token."""

from datetime import date
from uuid import UUID

from contracts.access import Actor, Role
from contracts.decision import Accepted, Ask, Decision, Known
from contracts.message import Event
from contracts.outcome import Outcome, Status
from contracts.students import AddStudent
from services.students.domain import DECIDERS

LEA = "017"
COMMANDS, OUTCOMES, EVENTS = "students.commands", "students.outcomes", "StudentAdded"
_WRITER = Actor(sub="a.writer", lea=LEA, roles=frozenset({Role.WRITER}))


def decided(known: Known, command: AddStudent, command_id: UUID, on: date) -> Decision:
    """The decision of students."""
    return DECIDERS[AddStudent](known, Ask(command, _WRITER, command_id, on))


def said(decision: Decision, command: AddStudent, command_id: UUID) -> tuple[list[Event], Outcome]:
    """What is to be published: events and the outcome."""
    match decision:
        case Accepted(records=records):
            events, status = [record for record in records if isinstance(record, Event)], Status.ACCEPTED
        case _:
            events, status = [], Status.REFUSED
    return events, Outcome.given(command.student_id, AddStudent.__name__, command_id, status, ())
