"""Closing jurisdiction: the student left the state, died, graduated or aged out. No LEA follows."""

from collections.abc import Iterator

from contracts.access import Role
from contracts.codes import LEAS
from contracts.dates import in_the_future
from contracts.decision import Accepted, Ask, Decision, Known, Refused
from contracts.errors import NOT_CLAIMED, NOT_OWNER, ROLE_MISSING, Finding
from contracts.jurisdiction import CloseJurisdiction, JurisdictionEnded, Spell
from contracts.moving import one_child
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.facts import own_spell, pending_transfer
from services.jurisdiction.domain.tiling import stays_until


def close(known: Known, ask: Ask[CloseJurisdiction]) -> Decision:
    """The owner ends its jurisdiction. From then on the student has no owner, until an LEA claims again.

    Without an owner, this service refuses the command at once, as it does a school transfer.
    """
    command, spell = ask.command, own_spell(known, ask.actor.lea, ask.on)
    if spell is None:
        return Refused((*_unfit(ask), NOT_CLAIMED.broken(at="student_id")))
    if broken := tuple(_broken(known, spell, ask)):
        return Refused(broken)
    stays = stays_until(command.end_on, spell.schools)
    others = [one for one in one_child(known, command.student_id) if one != spell.owned_by]
    return Accepted(
        [
            JurisdictionEnded.of(
                spell,
                end_on=command.end_on,
                end_reason=command.reason,
                closed_on=command.end_on,
                schools=stays,
                ends_services_of=others,
            )
        ]
    )


def _broken(known: Known, spell: Spell, ask: Ask[CloseJurisdiction]) -> Iterator[Finding]:
    yield from _unfit(ask)
    if ask.actor.lea != spell.lea:
        yield NOT_OWNER.broken(owner=LEAS.label(spell.lea))
        return  # other LEAs do not learn since when that LEA owns the student
    if pending := pending_transfer(known):
        yield rules.CLAIM_PENDING.broken(claimant=LEAS.label(pending.to_lea))
    if ask.command.end_on < spell.begin_on:
        yield rules.ENDS_BEFORE_BEGIN.broken(
            at="end_on", day=ask.command.end_on, since=spell.begin_on, owner=LEAS.label(spell.lea)
        )


def _unfit(ask: Ask[CloseJurisdiction]) -> Iterator[Finding]:
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    yield from in_the_future(ask.command.end_on, ask.on, at="end_on")
