"""A former owner's view: the student's record as it was when the student left the LEA."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar, TypeVar

from contracts.access import Actor
from contracts.decision import Known
from contracts.facts import KnownSpell, note_spell, spells
from contracts.jurisdiction import Spell, SpellMoved
from contracts.message import Movable, OfStudent, Record
from contracts.moving import KnownOf, known_beside, standing_at
from contracts.types import SpellId, StudentId

AnyMovable = TypeVar("AnyMovable", bound=Movable)


class AsLeft(OfStudent, Record):
    """A copy of a service's records of a student, as they were when a spell ended. Each service says which
    records."""

    kind: ClassVar[str] = "as_left"
    apart: ClassVar[bool] = True

    spell_id: SpellId

    @property
    def record_id(self) -> str:
        return str(self.spell_id)


def stands_at(event: Spell, known_of: KnownOf) -> Iterable[StudentId]:
    """The State IDs under which the records stand that a copy keeps."""
    return standing_at(event.student_id, (event.owned_by,), known_of)


def kept_of(known: Known, event: Spell, kind: type[AnyMovable]) -> Sequence[AnyMovable]:
    """The records of a kind that a copy keeps: all that stand here, and those of the spell's State ID.

    If a spell goes along with a merged State ID, only the latter: a merge shows no LEA another one's records.
    """
    known_of = known_beside(known, event.student_id)
    every = () if isinstance(event, SpellMoved) else (event.student_id,)
    return [
        one
        for place in stands_at(event, known_of)
        for one in known_of(place).all(kind)
        if place in every or one.owned_by == event.owned_by
    ]


def left_by(known: Known, event: Spell) -> Sequence[KnownSpell]:
    """The spells that this event shows to be over. Each is named once, whatever the order of the events.

    A spell is over when its end arrives, or the begin of the next spell: topics keep no order. One that was
    over before it went along keeps the copy under its own State ID.
    """
    if isinstance(event, SpellMoved):
        return [KnownSpell.noted(event)] if event.end_on and not _was_over_before(known, event) else []
    now = _spells_after(known, event)
    return [spell for spell in now.all(KnownSpell) if _is_over(now, spell) and not _was_over(known, spell)]


def _spells_after(known: Known, event: Spell) -> Known:
    now = known.copy()
    for fact in note_spell(known, event):
        assert isinstance(fact, KnownSpell)
        now.learn(fact)
    return now


def number_of_copy(known: Known, event: Spell) -> int:
    """The revision of a copy that follows from the event. A spell that is open again may end again, and the
    later copy has the higher revision: each state of a spell counts."""
    return sum(spell.revision for spell in _spells_after(known, event).anywhere(KnownSpell))


def last_left(known: Known, viewer: Actor, day: date) -> KnownSpell | None:
    """The viewer's last spell, if it is over on a day: the viewer sees the record as it was when it ended.

    None: the viewer sees the record as it is now, or never had the student.
    """
    if viewer.everywhere:
        return None
    own = [spell for spell in spells(known) if spell.lea == viewer.lea]
    last = max(own, key=lambda spell: spell.begin_on, default=None)
    return last if last and _is_over_by(known, last, day) else None


def _is_over_by(known: Known, spell: KnownSpell, day: date) -> bool:
    begun = (other for other in spells(known) if spell.begin_on < other.begin_on <= day)
    return spell.over_by(day) or next(begun, None) is not None


def _is_over(known: Known, spell: KnownSpell) -> bool:
    return spell.end_on is not None or any(other.begin_on > spell.begin_on for other in spells(known))


def _was_over_before(known: Known, event: SpellMoved) -> bool:
    """Whether the spell was over where it stood before it went along."""
    known_of = known_beside(known, event.student_id)
    return any(
        one.spell_id == event.spell_id and _is_over(known_of(place), one)
        for place in stands_at(event, known_of)
        for one in known_of(place).anywhere(KnownSpell)
    )


def _was_over(known: Known, spell: KnownSpell) -> bool:
    earlier = known.get(KnownSpell, spell.spell_id)
    return earlier is not None and _is_over(known, earlier)
