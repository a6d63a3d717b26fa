"""Facts that several services keep of others' events: known students, and who has jurisdiction.

A fact has the kind, id and revision of the event's record, and only the fields that the rules need.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import ClassVar, TypeVar

from contracts.access import STATE, Actor, Role
from contracts.calendars import Calendar
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
    """Which LEA has, or had, jurisdiction of the student, and since when; open while `end_on` is blank.

    `closed`: the LEA closed it, and no LEA follows. `withdrawn`: the claim was made in error.
    """

    kind: ClassVar[str] = Spell.kind

    spell_id: SpellId
    lea: LeaCode
    begin_on: Day
    end_on: Day | None = None
    closed: bool = False
    withdrawn: bool = False

    def over_by(self, day: date) -> bool:
        """Whether the LEA no longer writes on a day: its last day is past, or it closed its jurisdiction."""
        return self.end_on is not None and (self.closed or self.end_on < day)

    @property
    def record_id(self) -> str:
        return str(self.spell_id)

    @property
    def has_days(self) -> bool:
        """Whether the student was in the LEA's jurisdiction on any day."""
        return not self.withdrawn and (self.end_on is None or self.begin_on <= self.end_on)


AnySpell = TypeVar("AnySpell", Spell, KnownSpell)


def note_student(known: Known, event: Student) -> Reaction:
    """Remember that the student exists, and the birth date as it was last corrected."""
    return [KnownStudent.noted(event, birth_on=event.person.birth_on)]


def note_spell(known: Known, event: Spell) -> Reaction:
    """Remember who owns the student, or owned the student until when."""
    return [KnownSpell.noted(event)]


def note_calendar(known: Known, event: Calendar) -> Reaction:
    """Keep the state's calendar of a year, which says how days count. Its past is not needed."""
    content = {name: getattr(event, name) for name in Calendar.model_fields}
    return [Calendar(**content | {"earlier_versions": ()})]


def spells(known: Known) -> Sequence[KnownSpell]:
    """The student's spells, without those of withdrawn claims."""
    return [spell for spell in known.all(KnownSpell) if not spell.withdrawn]


def latest_spell(known: Known) -> KnownSpell | None:
    """The spell with the latest begin. The end of the spell before may arrive later: topics keep no order."""
    days = (spell for spell in spells(known) if spell.has_days)
    return max(days, key=lambda spell: spell.begin_on, default=None)


def spell_on(known: Known, day: date) -> KnownSpell | None:
    """The spell whose LEA owns the student on a day; None after an end, until the next spell is known.

    A claim may name a day to come. Until that day the LEA before owns the student. If there is none, the LEA
    that claimed does, so that it can prepare for its student. After a closed spell there may be no next one.
    """
    return holding(spells(known), day)


def holding(standing: Sequence[AnySpell], day: date) -> AnySpell | None:
    """The spell of these whose LEA owns the student on a day, as `spell_on` says."""
    with_days = [spell for spell in standing if spell.has_days]
    begun = (spell for spell in with_days if spell.begin_on <= day)
    latest = max(begun, key=lambda spell: spell.begin_on, default=None)
    if latest and not latest.over_by(day):
        return latest
    to_come = (spell for spell in with_days if spell.begin_on > day)
    return min(to_come, key=lambda spell: spell.begin_on, default=None)


def spell_ends_on(known: Known, spell: KnownSpell) -> date | None:
    """The last day of a spell, as far as its end or the next spell is known; None while it is open."""
    later = (other.begin_on for other in spells(known) if other.has_days and other.begin_on > spell.begin_on)
    days = [spell.end_on, *(begin_on - timedelta(days=1) for begin_on in later)]
    return min((day for day in days if day is not None), default=None)


def owner(known: Known, day: date) -> LeaCode | None:
    """The LEA that owns the student on a day (`spell_on`)."""
    spell = spell_on(known, day)
    return spell.lea if spell else None


def sees_whole(viewer: Actor, known: Known, day: date) -> bool:
    """Whether the viewer sees the record as its owner does: of the owner on a day, or of the latest spell.

    So an LEA that claimed from a day to come sees the record already. Before the first claim everybody does.
    """
    latest = latest_spell(known)
    return latest is None or viewer.sees(latest.lea) or viewer.sees(owner(known, day) or latest.lea)


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
