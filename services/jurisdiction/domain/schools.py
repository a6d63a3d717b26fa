"""Moving a student to another school site of the same LEA. It needs no IEP meeting (LAC 28:XCVII.301.E)."""

from collections.abc import Callable, Iterator

from contracts.access import Role
from contracts.codes import LEAS
from contracts.dates import too_far_ahead
from contracts.decision import Ask, Decision, Known, Refused, Waiting, verdict
from contracts.errors import NOT_CLAIMED, NOT_OWNER, ROLE_MISSING, Finding
from contracts.jurisdiction import CorrectSchoolTransfer, SchoolStay, SchoolTransferred, Spell, TransferSchool
from contracts.message import Event
from contracts.revisions import differing, moved_on
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.facts import own_spell
from services.jurisdiction.domain.sites import closed, unregistered

OfStay = TransferSchool | CorrectSchoolTransfer
"""The owner's commands about a student's stay at a school site."""

OfStayAsked = Ask[TransferSchool] | Ask[CorrectSchoolTransfer]
"""The same commands as they are asked."""

Against = Callable[[OfStay, Spell], Iterator[Finding]]
"""Gives the findings about the stay itself."""


def transfer_school(known: Known, ask: Ask[TransferSchool]) -> Decision:
    """The owner moves the student to another of its school sites."""
    return decide_stay(known, ask, _not_next, _next)


def decide_stay(
    known: Known, ask: OfStayAsked, against: Against, with_stay: Callable[[Spell, SchoolStay], Event]
) -> Decision:
    """The owner's command about a stay. `with_stay`: gives the spell with the stay.

    Without an owner, this service refuses the command at once. It decides claims itself and in order, so no
    earlier claim can still arrive.
    """
    command, spell = ask.command, own_spell(known, ask.actor.lea, ask.on)
    if spell is None:
        return Refused((*_unfit(known, ask), NOT_CLAIMED.broken(at="student_id")))
    broken = tuple(_broken(known, spell, ask, against))
    if not broken and (missing := unregistered(known, ask)):
        return Waiting(missing)
    return verdict(broken, [with_stay(spell, SchoolStay(school=command.school, begin_on=command.begin_on))])


def follows(command: OfStay, before: SchoolStay) -> Iterator[Finding]:
    """The findings that the stay is at the school of the stay before it, or does not begin after it."""
    if command.school == before.school:
        yield rules.SAME_SCHOOL.broken(at="school", school=command.school)
    if command.begin_on <= before.begin_on:
        yield rules.STAY_TOO_EARLY.broken(
            at="begin_on", day=command.begin_on, since=before.begin_on, school=before.school
        )


def _not_next(command: OfStay, spell: Spell) -> Iterator[Finding]:
    return follows(command, spell.schools[-1])


def _next(spell: Spell, stay: SchoolStay) -> SchoolTransferred:
    return SchoolTransferred.of(spell, schools=(*spell.schools, stay))


def _broken(known: Known, spell: Spell, ask: OfStayAsked, against: Against) -> Iterator[Finding]:
    command, last = ask.command, spell.schools[-1]
    yield from _unfit(known, ask)
    if ask.actor.lea != spell.lea:
        yield NOT_OWNER.broken(owner=LEAS.label(spell.lea))
        return  # other LEAs do not learn which school the student attends
    yield from moved_on(known, command, Spell, spell.spell_id, fields=differing(last, command))
    yield from against(command, spell)
    if spell.end_on and command.begin_on > spell.end_on:
        yield rules.STAY_AFTER_END.broken(
            at="begin_on", day=command.begin_on, until=spell.end_on, owner=LEAS.label(spell.lea)
        )


def _unfit(known: Known, ask: OfStayAsked) -> Iterator[Finding]:
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    yield from closed(known, ask)
    yield from too_far_ahead(ask.command.begin_on, ask.on, at="begin_on")
