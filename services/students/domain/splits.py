"""Splits: two persons shared one State ID. A secure ID manager works through their records, and closes it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from contracts.decision import Accepted, Ask, Decision, Known, Reaction, Refused
from contracts.identity import Split
from contracts.message import OfStudent, Record
from contracts.moving import KnownOf, known_beside, one_child
from contracts.state_ids import CloseSplit, SharedId, SplitClosed, StateIdShared
from contracts.types import StudentId
from services.students.domain import rules
from services.students.domain.state_id_changes import not_allowed


class KnownSplit(OfStudent, Record):
    """That eScholar has split the State ID. `revision` is eScholar's count."""

    kind: ClassVar[str] = Split.kind

    new_id: StudentId

    @property
    def record_id(self) -> str:
        return self.new_id


def split_with(event: Split, known_of: KnownOf) -> Iterable[str]:
    """The State ID that one of the two persons bears from now on."""
    return (event.new_id,)


def closed_with(command: CloseSplit, known_of: KnownOf) -> Iterable[str]:
    """The State ID that the other of the two persons bears, and those that were merged into either."""
    pair = (command.student_id, command.with_id)
    return (command.with_id, *(one for each in pair for one in one_child(known_of(each), each)))


def divide(known: Known, event: Split) -> Reaction:
    """Say once for both State IDs that two persons shared one. No record moves by itself."""
    kept = KnownSplit(student_id=event.student_id, revision=event.revision, new_id=event.new_id)
    return [kept, *_shared(known, event)]


def close(known: Known, ask: Ask[CloseSplit]) -> Decision:
    """A secure ID manager has worked through the records of both persons."""
    command = ask.command
    halves = _open(known, command)
    broken = tuple(not_allowed(known, ask, command.with_id))
    if not halves:
        unknown = rules.NO_OPEN_SPLIT.broken(
            at="with_id", student_id=command.student_id, with_id=command.with_id
        )
        broken = (*broken, unknown)
    if broken:
        return Refused(broken)
    return Accepted([SplitClosed.of(half, closed_by=ask.actor.sender) for half in halves])


def open_splits(known: Known) -> Sequence[SharedId]:
    """The splits of the State ID that nobody has closed."""
    return [one for one in known.all(SharedId) if one.closed_by is None]


def _shared(known: Known, event: Split) -> Iterator[StateIdShared]:
    one, new_id = event.student_id, event.new_id
    if one == new_id or any(new_id == said.with_id for said in known.all(SharedId)):
        return
    yield StateIdShared(student_id=one, revision=1, with_id=new_id, new_id=new_id)
    yield StateIdShared(student_id=new_id, revision=1, with_id=one, new_id=new_id)


def _open(known: Known, command: CloseSplit) -> Sequence[SharedId]:
    """Both halves of each open split between the two State IDs, or between those merged into them."""
    known_of = known_beside(known, command.student_id)
    here, there = (one_child(known_of(one), one) for one in (command.student_id, command.with_id))
    both = ((here, there), (there, here))
    return [
        half
        for ones, others in both
        for one in ones
        for half in open_splits(known_of(one))
        if half.with_id in others
    ]
