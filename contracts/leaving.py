"""A former owner's view: the student's record as it was when the student left the LEA."""

from collections.abc import Sequence
from typing import ClassVar

from contracts.access import Actor
from contracts.decision import Known
from contracts.facts import KnownSpell, note_spell, spells
from contracts.jurisdiction import Spell
from contracts.message import OfStudent, Record
from contracts.types import SpellId


class AsLeft(OfStudent, Record):
    """A copy of a service's records of a student, as they were when a spell ended. Each service says which
    records."""

    kind: ClassVar[str] = "as_left"
    apart: ClassVar[bool] = True

    spell_id: SpellId

    @property
    def record_id(self) -> str:
        return str(self.spell_id)


def left_by(known: Known, event: Spell) -> Sequence[KnownSpell]:
    """The spells that this event shows to be over. Each is named once, whatever the order of the events.

    A spell is over when its end arrives, or the begin of the next spell: topics keep no order.
    """
    now = _spells_after(known, event)
    return [spell for spell in now.all(KnownSpell) if _is_over(now, spell) and not _was_over(known, spell)]


def next_copy(known: Known, event: Spell) -> int:
    """The revision of a copy that is made upon this event. The events about spells have made it grow."""
    return sum(spell.revision for spell in _spells_after(known, event).anywhere(KnownSpell))


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


def last_left(known: Known, viewer: Actor) -> KnownSpell | None:
    """The viewer's last spell, if it is over: of that record the viewer sees what was kept when it ended.

    None: the viewer sees the record as it is now, or never had the student.
    """
    if viewer.everywhere:
        return None
    own = [spell for spell in spells(known) if spell.lea == viewer.lea]
    last = max(own, key=lambda spell: spell.begin_on, default=None)
    return last if last and _is_over(known, last) else None


def _is_over(known: Known, spell: KnownSpell) -> bool:
    return spell.end_on is not None or any(other.begin_on > spell.begin_on for other in spells(known))


def _was_over(known: Known, spell: KnownSpell) -> bool:
    earlier = known.get(KnownSpell, spell.spell_id)
    return earlier is not None and _is_over(known, earlier)
