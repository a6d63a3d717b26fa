"""Assigning a spell to the person to whom it belongs, after a split or a wrong merge."""

from collections.abc import Iterator, Sequence

from contracts.assigning import assigned, not_assignable
from contracts.codes import LEAS
from contracts.decision import Accepted, Ask, Decision, Known, Refused
from contracts.errors import Finding
from contracts.jurisdiction import AssignSpell, Spell, SpellMoved, Transfer, TransferMoved
from contracts.message import Record
from contracts.moving import after, known_beside
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.facts import pending_transfer
from services.jurisdiction.domain.moving import sorted_anew


def assign_spell(known: Known, ask: Ask[AssignSpell]) -> Decision:
    """A secure ID manager says that a spell is the other person's. The claim that began it goes along.

    The spells of both persons are joined anew. Without any spell a student is in nobody's jurisdiction.
    """
    spell = known.get(Spell, ask.command.spell_id)
    broken = (*not_assignable(known, ask), *_being_claimed(known, ask.command))
    if spell is None:
        unknown = rules.CLAIM_UNKNOWN.broken(at="spell_id", claim=ask.command.spell_id)
        return Refused((*broken, unknown))
    return Refused(broken) if broken else Accepted(_moved(known, spell, ask.command))


def _being_claimed(known: Known, command: AssignSpell) -> Iterator[Finding]:
    """The finding that a claim on one of the two students is being decided: it names an owner."""
    known_of = known_beside(known, command.student_id)
    for place in dict.fromkeys((command.student_id, command.to)):
        if pending := pending_transfer(known_of(place)):
            yield rules.CLAIM_PENDING.broken(claimant=LEAS.label(pending.to_lea))


def _moved(known: Known, spell: Spell, command: AssignSpell) -> Sequence[Record]:
    records: Sequence[Record] = [*assigned(spell, command.to, SpellMoved)]
    if claim := known.get(Transfer, spell.spell_id):
        records = [*records, *assigned(claim, command.to, TransferMoved)]
    known_of = known_beside(known, command.student_id)
    for place, now in after(known_of, (command.student_id, command.to), records):
        records = sorted_anew(now, place, records)
    return records
