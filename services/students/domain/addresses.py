"""The addresses of State IDs: which one stands for each, when eScholar's links are followed to their end."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import ClassVar

from contracts.decision import Known, Reaction
from contracts.errors import ID_MERGED, ID_WITHDRAWN, Finding
from contracts.identity import IdentityRetired, Link
from contracts.message import OfStudent, Record
from contracts.state_ids import StateId, StateIdMerged, StateIdRetired, StateIdSeparated
from contracts.types import StudentId

KnownOf = Callable[[str], Known]


class KnownLink(OfStudent, Record):
    """eScholar's last word on what became of a State ID."""

    kind: ClassVar[str] = Link.kind

    into: StudentId | None = None
    retired: bool = False


class LinkedHere(OfStudent, Record):
    """Whether eScholar's last word on another State ID leads to this one."""

    kind: ClassVar[str] = "linked_here"

    other_id: StudentId
    leads_here: bool

    @property
    def record_id(self) -> str:
        return self.other_id


def together(event: Link, known_of: KnownOf) -> Iterable[str]:
    """The State IDs whose address a link may change, and those to which it leads or led."""
    before = known_of(event.student_id).one(KnownLink)
    led_to = (before.into,) if before and before.into else ()
    return (*_leading_to(event.student_id, known_of), *_way(event.into, known_of), *led_to)


def follow(known: Known, event: Link) -> Reaction:
    """Keep the link. Announce the new address of each State ID whose links lead over it."""
    return [_kept(event), *_noted(known, event), *_announced(known, event)]


def merged_into(known: Known) -> StudentId | None:
    """The State ID that stands for this one; None if it stands for itself."""
    address = known.one(StateId)
    return address.current_id if address and address.current_id != address.student_id else None


def is_retired(known: Known) -> bool:
    """Whether nobody bears the State ID, and no other stands for it."""
    address = known.one(StateId)
    return address is not None and address.retired


def closed(known: Known, state_id: StudentId) -> Iterator[Finding]:
    """The finding that another State ID stands for this one, or that nobody bears it."""
    if current_id := merged_into(known):
        yield ID_MERGED.broken(at="student_id", student_id=state_id, current_id=current_id)
    if is_retired(known):
        yield ID_WITHDRAWN.broken(at="student_id", student_id=state_id)


def _kept(event: Link) -> KnownLink:
    return KnownLink(
        student_id=event.student_id,
        revision=event.revision,
        into=event.into,
        retired=isinstance(event, IdentityRetired),
    )


def _noted(known: Known, event: Link) -> Iterator[LinkedHere]:
    """Note at the State ID to which the link leads, and at the one to which it led before."""
    before = known.one(KnownLink)
    led_to = before.into if before else None
    if led_to == event.into:
        return
    for target, leads_here in ((led_to, False), (event.into, True)):
        if target:
            revision = known.of(target).revision(LinkedHere.kind, event.student_id) + 1
            yield LinkedHere(
                student_id=target, revision=revision, other_id=event.student_id, leads_here=leads_here
            )


def _announced(known: Known, event: Link) -> Iterator[StateId]:
    """The new addresses. While links lead in a circle, the addresses stay as they are."""

    def known_of(subject: str) -> Known:
        return known if subject == event.student_id else known.of(subject)

    way = _way(event.into, known_of)
    end = way[-1] if way else event.student_id
    if event.student_id in way or (way and _leads_on(known_of(end))):
        return
    for state_id in _leading_to(event.student_id, known_of):
        retired = state_id == event.student_id and isinstance(event, IdentityRetired)
        if address := _changed(known_of(state_id), state_id, end, retired):
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


def _leads_on(known: Known) -> bool:
    link = known.one(KnownLink)
    return link is not None and link.into is not None


def _way(begin: StudentId | None, known_of: KnownOf) -> Sequence[StudentId]:
    """The State IDs over which links lead from `begin`, with it, each once. A circle ends the way."""
    way: dict[StudentId, None] = {}
    while begin is not None and begin not in way:
        way[begin] = None
        link = known_of(begin).one(KnownLink)
        begin = link.into if link else None
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
