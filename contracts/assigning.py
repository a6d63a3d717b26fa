"""Assigning a record to the person to whom it belongs: after a split, or a merge that was taken back.

Each service assigns its own records, with the same rules. The record moves, as after a merge.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import ClassVar
from uuid import UUID

from contracts.access import STATE, Actor, Role
from contracts.decision import Ask, Known, Reaction
from contracts.errors import NEITHER_STUDENT, NEVER_SHARED, ROLE_MISSING, SAME_STUDENT, Finding
from contracts.facts import KnownSpell, no_lea
from contracts.jurisdiction import Spell
from contracts.message import Guest, Movable, OfStudent, PersonalValue, Record
from contracts.moving import KnownOf, closed, known_beside
from contracts.state_ids import Assignment, SharedId
from contracts.types import LeaCode, StudentId


class KnownShared(OfStudent, Record):
    """That two persons once shared one of two State IDs. Records of the one may be the other's."""

    kind: ClassVar[str] = SharedId.kind

    with_id: StudentId

    @property
    def record_id(self) -> str:
        return f"{self.student_id}-{self.with_id}"


def note_shared(known: Known, event: SharedId) -> Reaction:
    """Keep that records may be assigned between the two State IDs."""
    return [KnownShared.noted(event)]


class ToAssign(PersonalValue):
    """A record that a person may assign: enough to see whose it is.

    `command`: the one that assigns it.
    """

    command: str
    record_id: UUID
    what: str
    lea: LeaCode | None = None
    begin_on: date | None = None
    end_on: date | None = None


def decided_with(command: Assignment, known_of: KnownOf) -> Iterable[StudentId]:
    """The State ID to which the record goes, and those whose records stand or stood at either place."""
    return beside(command.subject, command.to)(known_of)


def beside(one: StudentId, other: StudentId) -> Callable[[KnownOf], Iterable[StudentId]]:
    """The other State IDs that tell whether records of these two may be mixed up."""
    return lambda known_of: (other, *mixed_with(one, known_of), *mixed_with(other, known_of))


def mixed_with(state_id: StudentId, known_of: KnownOf) -> Iterable[StudentId]:
    """The State ID, and each one whose records stand there or ever stood there."""
    return (state_id, *(guest.guest_id for guest in known_of(state_id).all(Guest)))


def not_assignable(known: Known, ask: Ask[Assignment]) -> Iterator[Finding]:
    """The findings against an assignment, whatever the record is."""
    command = ask.command
    if not ask.actor.has(Role.SECURE_ID_MANAGER):
        yield ROLE_MISSING.broken(role=Role.SECURE_ID_MANAGER)
    yield from not_theirs(known, ask.actor, command.subject, command.to)
    if command.to == command.subject:
        yield SAME_STUDENT.broken(at="to")
        return
    known_of = known_beside(known, command.subject)
    yield from closed(known_of(command.to), command.to, at="to")
    if not were_mixed(known_of, command.subject, command.to):
        yield NEVER_SHARED.broken(at="to", student_id=command.subject, to=command.to)


def not_shown(known: Known, actor: Actor, one: StudentId, other: StudentId) -> Iterator[Finding]:
    """The findings that the actor may not see which records of the one may be assigned to the other."""
    if not actor.has(Role.SECURE_ID_MANAGER):
        yield ROLE_MISSING.broken(role=Role.SECURE_ID_MANAGER)
    yield from not_theirs(known, actor, one, other)
    if not were_mixed(known_beside(known, one), one, other):
        yield NEVER_SHARED.broken(at="other", student_id=one, to=other)


def not_theirs(known: Known, actor: Actor, one: StudentId, other: StudentId) -> Iterator[Finding]:
    """The finding that the actor's LEA has and had neither student. The state office has a part in all."""
    if actor.lea == STATE:
        return
    yield from no_lea(actor)
    known_of = known_beside(known, one)
    leas = {spell.lea for each in (one, other) for spell in _spells(known_of(each))}
    if leas and actor.lea not in leas:
        yield NEITHER_STUDENT.broken(at="student_id")


def were_mixed(known_of: KnownOf, one: StudentId, other: StudentId) -> bool:
    """Whether records of the one may be the other's.

    Two persons shared one of the State IDs, or records of both stood in one place. The same holds if it is
    true of a State ID that was merged into one of them.
    """
    here, there = ({*mixed_with(each, known_of)} for each in (one, other))
    shared = {note.with_id for each in here for note in _shared(known_of(each))}
    return bool(there & (here | shared))


def assigned(record: Movable, to: StudentId, said_as: type[Movable], **changes: object) -> Iterator[Movable]:
    """The last state at the old place, which says to whom the record belongs now, then the next state."""
    left = said_as.of(record, belongs_to=to, moved_to=to)
    yield left
    yield said_as.of(left, student_id=to, belongs_to=None, moved_to=None, **changes)


def _spells(known: Known) -> Iterable[Spell | KnownSpell]:
    return (*known.all(Spell), *known.all(KnownSpell))


def _shared(known: Known) -> Iterable[SharedId | KnownShared]:
    return (*known.all(SharedId), *known.all(KnownShared))
