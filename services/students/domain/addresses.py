"""The addresses of State IDs: which one stands for each, when all links are followed to their end.

A link is the last word on what became of a State ID. eScholar said it, or a person (`state_id_changes`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from contracts.decision import Known
from contracts.message import OfStudent, Record
from contracts.moving import KnownOf, known_beside, places
from contracts.state_ids import StateId, StateIdMerged, StateIdRetired, StateIdSeparated
from contracts.types import StudentId
from services.students.domain.moving import move


@dataclass(frozen=True, slots=True)
class Word:
    """What became of a State ID: the student bears `into`; this one again (both blank); nobody bears it."""

    into: StudentId | None = None
    retired: bool = False


class StandingLink(OfStudent, Record):
    """The last word on what became of a State ID. `revision` counts these words, whoever said them."""

    kind: ClassVar[str] = "standing_link"

    into: StudentId | None = None
    retired: bool = False

    @property
    def word(self) -> Word:
        """What the link says."""
        return Word(self.into, self.retired)


class LinkedHere(OfStudent, Record):
    """Whether the last word on another State ID leads to this one."""

    kind: ClassVar[str] = "linked_here"

    other_id: StudentId
    leads_here: bool

    @property
    def record_id(self) -> str:
        return self.other_id


def reached(state_id: StudentId, into: StudentId | None, known_of: KnownOf) -> Iterable[str]:
    """The State IDs whose address a new word may change, those under which their records stand or stood, and
    those to which the word leads or the one before led."""
    before = last_word(known_of(state_id)).into
    led_to = (before,) if before else ()
    leading = _leading_to(state_id, known_of)
    addresses = (known_of(one).one(StateId) for one in leading)
    stood = (place for address in addresses if address for place in places(address))
    return (*leading, *stood, *_way(into, known_of), *led_to)


def last_word(known: Known) -> Word:
    """What became of the State ID, as far as anybody has said."""
    link = known.one(StandingLink)
    return link.word if link else Word()


def link(known: Known, state_id: StudentId, word: Word) -> Iterator[Record]:
    """Keep the word. Announce the new address of each State ID whose links lead over it, and move its records
    there."""
    if word != last_word(known):
        revision = known.revision(StandingLink.kind, "") + 1
        yield StandingLink(student_id=state_id, revision=revision, into=word.into, retired=word.retired)
    yield from _noted(known, state_id, word)
    for address in _announced(known, state_id, word):
        yield address
        yield from move(known_beside(known, state_id), address)


def merged_into(known: Known) -> StudentId | None:
    """The State ID that stands for this one; None if it stands for itself."""
    address = known.one(StateId)
    return address.current_id if address and address.current_id != address.student_id else None


def is_retired(known: Known) -> bool:
    """Whether nobody bears the State ID, and no other stands for it."""
    address = known.one(StateId)
    return address is not None and address.retired


def _noted(known: Known, state_id: StudentId, word: Word) -> Iterator[LinkedHere]:
    """Note at the State ID to which the link leads, and at the one to which it led before."""
    led_to = last_word(known).into
    if led_to == word.into:
        return
    for target, leads_here in ((led_to, False), (word.into, True)):
        if target:
            revision = known_beside(known, state_id)(target).revision(LinkedHere.kind, state_id) + 1
            yield LinkedHere(student_id=target, revision=revision, other_id=state_id, leads_here=leads_here)


def _announced(known: Known, state_id: StudentId, word: Word) -> Iterator[StateId]:
    """The new addresses. While links lead in a circle, the addresses stay as they are."""
    known_of = known_beside(known, state_id)
    way = _way(word.into, known_of)
    end = way[-1] if way else state_id
    if state_id in way or (way and last_word(known_of(end)).into is not None):
        return
    for one in _leading_to(state_id, known_of):
        if address := _changed(known_of(one), one, end, word.retired and one == state_id):
            yield address


def _changed(known: Known, state_id: StudentId, current_id: StudentId, retired: bool) -> StateId | None:
    earlier = known.one(StateId) or StateId(student_id=state_id, revision=1, current_id=state_id, formerly=())
    if (earlier.current_id, earlier.retired) == (current_id, retired):
        return None
    event = StateIdMerged if current_id != state_id else StateIdRetired if retired else StateIdSeparated
    return event(
        student_id=state_id,
        revision=known.revision(StateId.kind, "") + 1,
        current_id=current_id,
        formerly=tuple(dict.fromkeys((*earlier.formerly, earlier.current_id))),
        retired=retired,
    )


def _way(begin: StudentId | None, known_of: KnownOf) -> Sequence[StudentId]:
    """The State IDs over which links lead from `begin`, with it, each once. A circle ends the way."""
    way: dict[StudentId, None] = {}
    while begin is not None and begin not in way:
        way[begin] = None
        begin = last_word(known_of(begin)).into
    return tuple(way)


def _leading_to(state_id: StudentId, known_of: KnownOf) -> Sequence[StudentId]:
    """The State ID, and all whose links lead to it, over others too."""
    found = [state_id]
    seen = {state_id}
    for target in found:
        here = {note.other_id for note in known_of(target).all(LinkedHere) if note.leads_here}
        found += sorted(here - seen)
        seen |= here
    return found
