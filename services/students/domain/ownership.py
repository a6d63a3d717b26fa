"""Whose the student is. The LEA that owns a student writes; those that had the student may still look."""

from collections.abc import Iterator

from contracts.codes import LEAS
from contracts.decision import Ask, Known
from contracts.errors import NOT_OWNER, Finding
from contracts.message import Command
from contracts.types import LeaCode
from services.students.domain.facts import KnownSpell


def owner(known: Known) -> LeaCode | None:
    """The LEA that owns the student now; None while nobody is known to.

    The new spell and the end of the old one come on different topics. When the new one is here first, two are
    open for a moment: the later one counts. When the end is here first, none is open.
    """
    open_spells = [spell for spell in known.all(KnownSpell) if spell.end_on is None]
    return max(open_spells, key=lambda spell: spell.begin_on).lea if open_spells else None


def keepers(known: Known) -> frozenset[LeaCode]:
    """The LEAs that have or had the student in their jurisdiction."""
    return frozenset(spell.lea for spell in known.all(KnownSpell))


def of_another_lea(known: Known, ask: Ask[Command]) -> Iterator[Finding]:
    """The finding that another LEA owns the student. Nothing is found while nobody is known to."""
    lea = owner(known)
    if lea is not None and lea != ask.actor.lea:
        yield NOT_OWNER.broken(owner=LEAS.label(lea))
