"""Making a draft official: it passed validation and was signed, and changes by amendment only."""

from collections.abc import Iterator

from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.ieps import IEP, IEPMadeOfficial, IEPStage, MakeIEPOfficial
from services.ieps.domain import rules
from services.ieps.domain.lines import out_of_turn
from services.ieps.domain.standing import Standing, standing
from services.ieps.domain.validation import validate


def make_official(known: Known, ask: Ask[MakeIEPOfficial]) -> Decision:
    """Red findings refuse; yellow ones come with the acceptance as warnings."""
    stands = standing(known, ask, dates=("signed_on",))
    if not isinstance(stands, Standing):
        return stands
    match known.get(IEP, ask.command.iep_id):
        case IEP(stage=IEPStage.DRAFT) as draft:
            broken = (*stands.found, *_signed_early(draft, ask.command), *validate(known, draft).findings)
            return verdict(broken, [_official(draft, ask)])
        case other:
            return Refused((*stands.found, out_of_turn(other, IEPStage.DRAFT)))


def _official(draft: IEP, ask: Ask[MakeIEPOfficial]) -> IEPMadeOfficial:
    return IEPMadeOfficial.of(
        draft, lea=ask.actor.lea, stage=IEPStage.OFFICIAL, signed_on=ask.command.signed_on
    )


def _signed_early(draft: IEP, command: MakeIEPOfficial) -> Iterator[Finding]:
    if command.signed_on < draft.meeting_on:
        yield rules.SIGNED_BEFORE_MEETING.broken(
            at="signed_on", day=command.signed_on, meeting_on=draft.meeting_on
        )
