"""Correcting the last school stay of a spell: the wrong school site, or the wrong first day."""

from collections.abc import Iterator

from contracts.decision import Ask, Decision, Known
from contracts.errors import Finding
from contracts.jurisdiction import CorrectSchoolTransfer, SchoolStay, SchoolTransferCorrected, Spell
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.schools import OfStay, decide_stay, follows


def correct_school_transfer(known: Known, ask: Ask[CorrectSchoolTransfer]) -> Decision:
    """The owner replaces the last stay of its spell. Earlier stays remain.

    The first stay of a spell keeps its first day, on which the spell begins.
    """
    return decide_stay(known, ask, _no_correction, _corrected)


def _no_correction(command: OfStay, spell: Spell) -> Iterator[Finding]:
    last = spell.schools[-1]
    if (command.school, command.begin_on) == (last.school, last.begin_on):
        yield rules.STAY_UNCHANGED.broken(at="school", school=last.school, since=last.begin_on)
    elif len(spell.schools) > 1:
        yield from follows(command, spell.schools[-2])
    elif command.begin_on != spell.begin_on:
        yield rules.FIRST_STAY_BEGINS_SPELL.broken(at="begin_on", day=command.begin_on, since=spell.begin_on)


def _corrected(spell: Spell, stay: SchoolStay) -> SchoolTransferCorrected:
    return SchoolTransferCorrected.of(spell, schools=(*spell.schools[:-1], stay))
