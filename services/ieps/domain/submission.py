"""Submitting an official IEP to the state. The first submission is the entry into special education."""

from contracts.access import Role
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Severity
from contracts.ieps import IEP, IEPStage, IEPSubmitted, SubmitIEP
from services.ieps.domain import activities, grounds
from services.ieps.domain.lines import out_of_turn
from services.ieps.domain.standing import Standing, standing


def submit(known: Known, ask: Ask[SubmitIEP]) -> Decision:
    """Submit the IEP; a role of its own allows it. Check the type again: another IEP may have come first."""
    stands = standing(known, ask, role=Role.IEP_SUBMITTER)
    if not isinstance(stands, Standing):
        return stands
    match known.get(IEP, ask.command.iep_id):
        case IEP(stage=IEPStage.OFFICIAL) as official:
            lost = [found for found in grounds.broken(known, official) if found.severity is Severity.ERROR]
            submitted = IEPSubmitted.of(official, lea=ask.actor.lea, stage=IEPStage.SUBMITTED)
            entered = [] if activities.open_activity(known) else [activities.entry(submitted)]
            return verdict((*stands.found, *lost), [submitted, *entered])
        case other:
            return Refused((*stands.found, out_of_turn(other, IEPStage.OFFICIAL)))
