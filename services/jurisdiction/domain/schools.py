"""Moving a student to another school site of the same LEA. No IEP meeting is needed for it (LAC 28:XCVII.301.E)."""

from collections.abc import Iterator

from contracts.access import Role
from contracts.codes import LEAS
from contracts.decision import Ask, Decision, Known, Waiting, verdict
from contracts.errors import NOT_OWNER, ROLE_MISSING, Finding
from contracts.jurisdiction import SchoolStay, SchoolTransferred, Spell, TransferSchool
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.claims import outside
from services.jurisdiction.domain.facts import open_spell


def transfer_school(known: Known, ask: Ask[TransferSchool]) -> Decision:
    """The owning LEA moves the student to another of its school sites."""
    spell = open_spell(known)
    if spell is None:
        return Waiting(rules.NOT_CLAIMED.broken(at="student_id"))
    stay = SchoolStay(school=ask.command.school, begin_on=ask.command.begin_on)
    return verdict(_broken(spell, ask), [SchoolTransferred.of(spell, schools=(*spell.schools, stay))])


def _broken(spell: Spell, ask: Ask[TransferSchool]) -> Iterator[Finding]:
    command, last = ask.command, spell.schools[-1]
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    if ask.actor.lea != spell.lea:
        yield NOT_OWNER.broken(owner=LEAS.label(spell.lea))
    yield from outside(command.school, spell.lea)
    if command.school == last.school:
        yield rules.SAME_SCHOOL.broken(at="school", school=command.school)
    if command.begin_on <= last.begin_on:
        yield rules.STAY_TOO_EARLY.broken(
            at="begin_on", day=command.begin_on, since=last.begin_on, school=last.school
        )
