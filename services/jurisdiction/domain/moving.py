"""Spells and claims move to the State ID that stands for theirs. Each place's spells are sorted anew."""

from collections.abc import Iterator, Sequence

from contracts.decision import Known, Reaction, Settled
from contracts.jurisdiction import (
    ClaimJurisdiction,
    JurisdictionEnded,
    JurisdictionResumed,
    Spell,
    SpellMoved,
    Transfer,
    TransferMoved,
    TransferRefused,
    TransferState,
)
from contracts.message import Record
from contracts.moving import Moves, afterwards, moved
from contracts.state_ids import StateId
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.facts import pending_transfer, spells
from services.jurisdiction.domain.tiling import tiling

MOVES: Moves = {Spell: SpellMoved, Transfer: TransferMoved}


def move(known: Known, event: StateId) -> Reaction:
    """End the claims that are being decided: their answers were asked about other students than those that
    stand there now. Then move the records, and sort the spells of each place anew."""
    ended = [effect for _, here in afterwards(known, event, ()) for effect in _ended(here, event)]
    refused = [effect for effect in ended if isinstance(effect, Record)]
    here = dict(afterwards(known, event, refused))
    records: Sequence[Record] = [*refused, *moved(here.__getitem__, event, MOVES)]
    for place, now in afterwards(known, event, records):
        records = sorted_anew(now, place, records)
    return [*records, *(effect for effect in ended if isinstance(effect, Settled))]


def sorted_anew(known: Known, place: str, records: Sequence[Record]) -> Sequence[Record]:
    """The records, with the last day of each spell of a place. A spell that has just come is said once."""
    standing = {spell.spell_id: spell for spell in spells(known)}
    last_days = {spell.spell_id: spell.end_on for spell in tiling(standing.values())}
    come = {one.spell_id for one in records if isinstance(one, SpellMoved) and one.subject == place}
    said = [
        one.model_copy(update={"end_on": last_days[one.spell_id]})
        if isinstance(one, SpellMoved) and one.subject == place and one.spell_id in last_days
        else one
        for one in records
    ]
    for spell_id, spell in standing.items():
        end_on = last_days[spell_id]
        if spell_id not in come and spell.end_on != end_on:
            event = JurisdictionResumed if end_on is None else JurisdictionEnded
            said.append(event.of(spell, end_on=end_on))
    return said


def _ended(known: Known, address: StateId) -> Iterator[Record | Settled]:
    """The claim that is being decided, refused."""
    if pending := pending_transfer(known):
        finding = rules.STUDENT_CHANGED.broken(at="student_id", current_id=address.current_id)
        yield TransferRefused.of(pending, state=TransferState.REFUSED, findings=(finding,))
        yield Settled(ClaimJurisdiction, pending.claim_id, (finding,), subject=pending.owned_by)
