"""Discarding a draft. The owner may also discard a draft that an earlier LEA left behind."""

from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.ieps import IEP, DiscardIEP, IEPDiscarded, IEPStage
from services.ieps.domain.lines import out_of_turn
from services.ieps.domain.standing import Standing, standing


def discard(known: Known, ask: Ask[DiscardIEP]) -> Decision:
    """Discard a draft. Its forms stay stored, and another draft may copy them."""
    stands = standing(known, ask)
    if not isinstance(stands, Standing):
        return stands
    match known.get(IEP, ask.command.iep_id):
        case IEP(stage=IEPStage.DRAFT) as draft:
            discarded = IEPDiscarded.of(draft, lea=ask.actor.lea, stage=IEPStage.DISCARDED)
            return verdict(stands.found, [discarded])
        case other:
            return Refused((*stands.found, out_of_turn(other, IEPStage.DRAFT)))
