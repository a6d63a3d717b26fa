"""Correcting a claim: the wrong first day, the wrong school site or the wrong local student ID."""

from collections.abc import Iterator, Sequence
from datetime import date

from contracts.codes import LEAS
from contracts.dates import before_birth, too_far_ahead
from contracts.decision import Accepted, Ask, Decision, Known, Refused, Waiting
from contracts.errors import Finding
from contracts.facts import KnownStudent
from contracts.jurisdiction import ClaimCorrected, CorrectClaim, SchoolStay, Spell
from contracts.revisions import moved_on
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.dated_back import counts_moved
from services.jurisdiction.domain.facts import spells
from services.jurisdiction.domain.sites import closed_on, unregistered_by
from services.jurisdiction.domain.tiling import tiled
from services.jurisdiction.domain.withdrawing import not_now, not_theirs


def correct_claim(known: Known, ask: Ask[CorrectClaim]) -> Decision:
    """The LEA that claimed, or the state, corrects the claim. The spell before it ends the day before.

    The order of the spells stays: the first day is after the spell before, and within the claim's own spell.
    """
    spell = known.get(Spell, ask.command.spell_id)
    broken = tuple(not_theirs(spell, ask))
    if spell is None or broken:
        return Refused(broken)
    if broken := (*not_now(known, spell, ask), *_unfit(known, spell, ask)):
        return Refused(broken)
    if ask.command.school and (missing := unregistered_by(known, spell.lea)):
        return Waiting(missing)
    corrected = _corrected(spell, ask.command)
    counts = tuple(counts_moved(known.all(Spell), corrected, ask.on, "begin_on"))
    return Accepted([corrected, *tiled((*known.all(Spell), corrected))], counts)


def _corrected(spell: Spell, command: CorrectClaim) -> ClaimCorrected:
    first, *later = spell.schools
    begin_on = command.begin_on or spell.begin_on
    stay = SchoolStay(school=command.school or first.school, begin_on=begin_on)
    return ClaimCorrected.of(
        spell,
        begin_on=begin_on,
        schools=(stay, *later),
        local_student_id=command.local_student_id or spell.local_student_id,
        correction_reason=command.reason,
    )


def _unfit(known: Known, spell: Spell, ask: Ask[CorrectClaim]) -> Iterator[Finding]:
    command, corrected = ask.command, _corrected(spell, ask.command)
    fields = _changed(spell, corrected)
    yield from moved_on(known, command, Spell, spell.spell_id, fields=fields)
    if not fields:
        yield rules.CLAIM_UNCHANGED.broken(at="spell_id")
    if command.school or ask.actor.lea == spell.lea:
        yield from closed_on(known, spell.lea, corrected.schools[0].school, corrected.begin_on)
    if "begin_on" in fields:
        yield from _wrong_day(known, spell, corrected.begin_on, ask)
    yield from _same_school(corrected)


def _changed(spell: Spell, corrected: Spell) -> Sequence[str]:
    """The command's fields whose values are other ones than those of the claim."""
    pairs = {
        "begin_on": (spell.begin_on, corrected.begin_on),
        "school": (spell.schools[0].school, corrected.schools[0].school),
        "local_student_id": (spell.local_student_id, corrected.local_student_id),
    }
    return [name for name, (has, wants) in pairs.items() if has != wants]


def _wrong_day(known: Known, spell: Spell, day: date, ask: Ask[CorrectClaim]) -> Iterator[Finding]:
    if student := known.one(KnownStudent):
        yield from before_birth(day, student.birth_on, at="begin_on")
    yield from too_far_ahead(day, ask.on, at="begin_on")
    yield from _before_the_one_before(known, spell, day)
    owner = LEAS.label(spell.lea)
    if spell.end_on and day > spell.end_on:
        yield rules.BEGINS_AFTER_END.broken(at="begin_on", day=day, until=spell.end_on, owner=owner)
    if len(spell.schools) > 1 and day >= spell.schools[1].begin_on:
        moved = spell.schools[1]
        yield rules.BEGINS_AFTER_MOVE.broken(
            at="begin_on", day=day, since=moved.begin_on, school=moved.school
        )


def _before_the_one_before(known: Known, spell: Spell, day: date) -> Iterator[Finding]:
    earlier = [one for one in spells(known) if one.begin_on < spell.begin_on]
    before = max(earlier, key=lambda one: one.begin_on, default=None)
    if before is None:
        return
    owner = LEAS.label(before.lea)
    if before.closed_on and day <= before.closed_on:
        yield rules.BEGINS_BEFORE_END.broken(at="begin_on", day=day, until=before.closed_on, owner=owner)
    elif day <= before.begin_on:
        yield rules.BEGINS_TOO_EARLY.broken(at="begin_on", day=day, since=before.begin_on, owner=owner)


def _same_school(corrected: Spell) -> Iterator[Finding]:
    first, *later = corrected.schools
    if later and later[0].school == first.school:
        yield rules.SAME_SCHOOL.broken(at="school", school=first.school)
