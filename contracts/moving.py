"""How the records of a State ID move to the one that stands for it. Every service moves its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from contracts.decision import Known
from contracts.errors import ID_MERGED, ID_WITHDRAWN, Finding
from contracts.message import Command, Event, Guest, Message, Movable, Record
from contracts.state_ids import AddressWord, StateId, StateIdMerged, StateIdRetired, StateIdSeparated
from contracts.types import StudentId

Moves = Mapping[type[Movable], type[Movable]]
"""The kinds of records that a service moves, each with the event that says so. A kind that is never published
stands for itself."""
KnownOf = Callable[[str], Known]


CHANGES_OF_ADDRESS: Sequence[type[Event]] = (StateIdMerged, StateIdSeparated, StateIdRetired)
"""The events that move records: a service's tables have the same entry for each."""

TOGETHER: Mapping[type[Message], Callable[..., Iterable[str]]] = dict.fromkeys(
    CHANGES_OF_ADDRESS, lambda event, known_of: places(event)
)
"""For the service's definition: the events that move records, and the State IDs between which."""

ADDRESSES: Mapping[str, str] = {
    "student_id": """
        SELECT body ->> 'current_id' FROM records
        WHERE subject = $1 AND kind = 'state_id' AND body ->> 'current_id' <> subject
    """
}
"""For the service's definition: where a query for a merged State ID is sent on to."""


def shut(known: Known, command: Command) -> Iterable[Finding]:
    """For the service's definition: no command is decided for a State ID that was merged or retired."""
    return () if command.of_any_state_id else closed(known, command.subject)


def places(address: StateId) -> Iterable[StudentId]:
    """The State IDs under which the records may stand, and the one under which they stand from now on; each
    once."""
    return dict.fromkeys((address.student_id, address.current_id, *address.formerly))


def moved(
    known_of: KnownOf, address: StateId, moves: Moves, stays: Callable[[Movable], bool] = lambda _: False
) -> list[Record]:
    """The address, a note of the guest at each place, and each record that moves: its last state at the old
    place, then its next state at the new one.

    `stays`: whether a record does not go along.
    """
    return [StateId.noted(address), *going(known_of, address, moves, stays)]


def going(
    known_of: KnownOf, address: StateId, moves: Moves, stays: Callable[[Movable], bool] = lambda _: False
) -> Iterator[Record]:
    """Like `moved`, without the address."""
    guest = address.student_id
    for place in places(address):
        if place != guest:
            here = place == address.current_id
            yield Guest(student_id=place, revision=address.revision, guest_id=guest, here=here)
        if place != address.current_id:
            yield from _moving(known_of(place), address, moves, stays)


def closed(known: Known, state_id: StudentId, at: str = "student_id") -> Iterator[Finding]:
    """The finding that another State ID stands for this one, or that nobody bears it."""
    address = known.one(StateId)
    if address and address.current_id != state_id:
        yield ID_MERGED.broken(at=at, student_id=state_id, current_id=address.current_id)
    elif address and address.retired:
        yield ID_WITHDRAWN.broken(at=at, student_id=state_id)


def standing_at(here: StudentId, owners: Sequence[StudentId], known_of: KnownOf) -> Iterable[StudentId]:
    """The State IDs under which records of the `owners` may stand, each once; `here` first.

    A merge may have moved the records before an event arrives: topics keep no order.
    """
    addresses = (known_of(owner).one(StateId) for owner in owners)
    current = (address.current_id for address in addresses if address)
    return dict.fromkeys((here, *owners, *current))


def one_child(known: Known, state_id: StudentId) -> Sequence[StudentId]:
    """The State IDs whose records stand here: the State ID itself and its guests."""
    return (state_id, *sorted(guest.guest_id for guest in known.all(Guest) if guest.here))


def heard(known: Known) -> tuple[AddressWord, ...]:
    """The words of `students` about this State ID and those whose records stand here, by State ID."""
    own = known.one(StateId)
    words = {own.student_id: own.revision} if own else {}
    words |= {guest.guest_id: guest.revision for guest in known.all(Guest) if guest.here}
    return tuple(AddressWord(state_id=name, revision=revision) for name, revision in sorted(words.items()))


def known_beside(known: Known, state_id: StudentId) -> KnownOf:
    """Gives the records of the State ID itself, and of each other one with which it is decided."""
    return lambda subject: known if subject == state_id else known.of(subject)


def afterwards(
    known: Known, address: StateId, records: Iterable[Record]
) -> Iterator[tuple[StudentId, Known]]:
    """Each place of the records, and what is known of it once these `records` are kept."""
    return after(known_beside(known, address.student_id), places(address), records)


def after(
    known_of: KnownOf, at: Iterable[StudentId], records: Iterable[Record]
) -> Iterator[tuple[StudentId, Known]]:
    """Each of these places, and what is known of it once the `records` are kept."""
    for place in at:
        here = known_of(place).copy()
        for record in records:
            if record.subject == place:
                here.learn(record)
        yield place, here


def _moving(
    here: Known, address: StateId, moves: Moves, stays: Callable[[Movable], bool]
) -> Iterator[Movable]:
    for kind, said_as in moves.items():
        for record in here.anywhere(kind):
            goes = record.moved_to is None and record.owned_by == address.student_id
            if goes and not stays(record):
                yield from _move(record, said_as, address)


def _move(record: Movable, said_as: type[Movable], address: StateId) -> Iterator[Movable]:
    """Revisions go on: the state at the new place follows the last one at the old place."""
    left = said_as.of(record, moved_to=address.current_id)
    owner = address.student_id
    arrives: dict[str, Any] = {
        "student_id": address.current_id,
        "belongs_to": owner if owner != address.current_id else None,
        "moved_to": None,
    }
    yield left
    yield said_as.of(left, **arrives)
