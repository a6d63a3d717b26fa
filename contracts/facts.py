"""Facts that several services keep of others' events: known students, and who has jurisdiction.

A fact has the kind, id and revision of the event's record, and only the fields that the rules need.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from contracts.access import STATE, Actor, Role
from contracts.codes import LEAS
from contracts.decision import Known, Reaction
from contracts.errors import LEA_UNKNOWN, NOT_CLAIMED, NOT_OWNER, ROLE_MISSING, STATE_NO_LEA, Finding
from contracts.jurisdiction import Spell
from contracts.message import Movable, OfStudent
from contracts.students import Student
from contracts.types import Day, LeaCode, SpellId


class KnownStudent(OfStudent, Movable):
    """A student whom an LEA has added, with the birth date."""

    kind: ClassVar[str] = Student.kind

    birth_on: Day

    @property
    def record_id(self) -> str:
        return self.belongs_to or ""


class KnownSpell(OfStudent, Movable):
    """Which LEA has, or had, jurisdiction of the student, and since when; open while `end_on` is blank."""

    kind: ClassVar[str] = Spell.kind

    spell_id: SpellId
    lea: LeaCode
    begin_on: Day
    end_on: Day | None = None
    withdrawn: bool = False

    @property
    def record_id(self) -> str:
        return str(self.spell_id)

    @property
    def has_days(self) -> bool:
        """Whether the student was in the LEA's jurisdiction on any day."""
        return not self.withdrawn and (self.end_on is None or self.begin_on <= self.end_on)


def note_student(known: Known, event: Student) -> Reaction:
    """Remember that the student exists, and the birth date as it was last corrected."""
    return [KnownStudent.noted(event, birth_on=event.person.birth_on)]


def note_spell(known: Known, event: Spell) -> Reaction:
    """Remember who owns the student, or owned the student until when."""
    return [KnownSpell.noted(event)]


def spells(known: Known) -> Sequence[KnownSpell]:
    """The student's spells, without those of withdrawn claims."""
    return [spell for spell in known.all(KnownSpell) if not spell.withdrawn]


def latest_spell(known: Known) -> KnownSpell | None:
    """The spell with the latest begin. The end of the spell before may arrive later: topics keep no order."""
    days = (spell for spell in spells(known) if spell.has_days)
    return max(days, key=lambda spell: spell.begin_on, default=None)


def owner(known: Known) -> LeaCode | None:
    """The LEA that owns the student now; None after the end of a spell, until the next spell is known.

    After a closed spell there may be no next one.
    """
    spell = latest_spell(known)
    return spell.lea if spell and spell.end_on is None else None


def no_lea(actor: Actor) -> Iterator[Finding]:
    """The finding that the actor's token names no LEA of the state."""
    if actor.lea == STATE:
        yield STATE_NO_LEA.broken()
    elif actor.lea not in LEAS:
        yield LEA_UNKNOWN.broken(lea=actor.lea)


def hidden_from(viewer: Actor, known: Known) -> Finding | None:
    """The finding that the viewer's LEA never had the student; None if the viewer may see the record."""
    spell = latest_spell(known)
    if spell is None or viewer.everywhere or viewer.lea in keepers(known):
        return None
    return NOT_OWNER.broken(owner=LEAS.label(spell.lea)) if spell.end_on is None else NOT_CLAIMED.broken()


def not_their_list(viewer: Actor, lea: LeaCode) -> Finding | None:
    """The finding that the list belongs to another LEA; None if the viewer may see it."""
    return None if viewer.sees(lea) else ROLE_MISSING.broken(at="lea", role=Role.STATE)


def keepers(known: Known) -> frozenset[LeaCode]:
    """The LEAs that have or had the student in their jurisdiction."""
    return frozenset(spell.lea for spell in spells(known))
