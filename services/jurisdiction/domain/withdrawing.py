"""Withdrawing a claim that was made in error. The days go back to the LEA that had them before."""

from collections.abc import Iterator

from contracts.access import STATE, Actor, Role
from contracts.codes import LEAS
from contracts.decision import Accepted, Ask, Decision, Known, Refused
from contracts.errors import ROLE_MISSING, Finding
from contracts.jurisdiction import ClaimWithdrawn, CorrectClaim, Spell, WithdrawClaim
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.dated_back import counts_moved
from services.jurisdiction.domain.facts import pending_transfer
from services.jurisdiction.domain.tiling import tiled

OfClaim = Ask[WithdrawClaim] | Ask[CorrectClaim]
"""The commands about an earlier claim, as they are asked."""


def withdraw_claim(known: Known, ask: Ask[WithdrawClaim]) -> Decision:
    """The LEA that claimed, or the state, takes the claim back. The record keeps it as a withdrawn spell.

    The spell before it is open again, or reaches to the spell after it.
    """
    spell = known.get(Spell, ask.command.spell_id)
    broken = tuple(not_theirs(spell, ask))
    if spell is None or broken:
        return Refused(broken)
    if broken := tuple(not_now(known, spell, ask)):
        return Refused(broken)
    withdrawn = ClaimWithdrawn.of(spell, withdrawn=True, correction_reason=ask.command.reason)
    counts = tuple(counts_moved(known.all(Spell), withdrawn, ask.on, "spell_id"))
    return Accepted([withdrawn, *tiled((*known.all(Spell), withdrawn))], counts)


def not_theirs(spell: Spell | None, ask: OfClaim) -> Iterator[Finding]:
    """The findings that the student has no such claim, or that the sender may not mend it."""
    if not _is_state(ask.actor) and not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    if spell is None:
        yield rules.CLAIM_UNKNOWN.broken(at="spell_id", claim=ask.command.spell_id)
    elif ask.actor.lea != spell.lea and not _is_state(ask.actor):
        yield rules.CLAIM_OF_ANOTHER.broken(at="spell_id", claimant=LEAS.label(spell.lea))


def not_now(known: Known, spell: Spell, ask: OfClaim) -> Iterator[Finding]:
    """The findings that the claim is withdrawn already, or that another claim is being decided."""
    if spell.withdrawn:
        yield rules.CLAIM_WITHDRAWN.broken(at="spell_id")
    if pending := pending_transfer(known):
        yield rules.CLAIM_PENDING.broken(claimant=LEAS.label(pending.to_lea))


def _is_state(actor: Actor) -> bool:
    return actor.lea == STATE and actor.has(Role.STATE)
