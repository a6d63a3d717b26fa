"""Correcting the last school stay of a spell: the wrong school site, or the wrong first day."""

from collections.abc import Iterator

from contracts.access import Role
from contracts.codes import LEAS
from contracts.dates import too_far_ahead
from contracts.decision import Ask, Decision, Known, Refused, Waiting, verdict
from contracts.errors import NOT_CLAIMED, NOT_OWNER, ROLE_MISSING, Finding
from contracts.jurisdiction import CorrectSchoolTransfer, SchoolStay, SchoolTransferCorrected, Spell
from contracts.revisions import differing, moved_on
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.facts import open_spell
from services.jurisdiction.domain.schools import follows
from services.jurisdiction.domain.sites import closed, unregistered


def correct_school_transfer(known: Known, ask: Ask[CorrectSchoolTransfer]) -> Decision:
    """The owner replaces the last stay of its spell. Earlier stays remain.

    The first stay of a spell keeps its first day, on which the spell begins.
    """
    spell = open_spell(known)
    if spell is None:
        return Refused((*_unfit(known, ask), NOT_CLAIMED.broken(at="student_id")))
    broken = tuple(_broken(known, spell, ask))
    if not broken and (missing := unregistered(known, ask)):
        return Waiting(missing)
    stay = SchoolStay(school=ask.command.school, begin_on=ask.command.begin_on)
    return verdict(broken, [SchoolTransferCorrected.of(spell, schools=(*spell.schools[:-1], stay))])


def _broken(known: Known, spell: Spell, ask: Ask[CorrectSchoolTransfer]) -> Iterator[Finding]:
    command, last = ask.command, spell.schools[-1]
    yield from _unfit(known, ask)
    if ask.actor.lea != spell.lea:
        yield NOT_OWNER.broken(owner=LEAS.label(spell.lea))
        return  # other LEAs do not learn which school the student attends
    yield from moved_on(known, command, Spell, spell.spell_id, fields=differing(last, command))
    if (command.school, command.begin_on) == (last.school, last.begin_on):
        yield rules.STAY_UNCHANGED.broken(at="school", school=last.school, since=last.begin_on)
    elif len(spell.schools) > 1:
        yield from follows(command, spell.schools[-2])
    elif command.begin_on != spell.begin_on:
        yield rules.FIRST_STAY_BEGINS_SPELL.broken(at="begin_on", day=command.begin_on, since=spell.begin_on)


def _unfit(known: Known, ask: Ask[CorrectSchoolTransfer]) -> Iterator[Finding]:
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    yield from closed(known, ask)
    yield from too_far_ahead(ask.command.begin_on, ask.on, at="begin_on")
