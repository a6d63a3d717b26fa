"""Submitting an official IEP to the state. The first submission is the entry into special education."""

from collections.abc import Iterator, Sequence

from contracts.access import Role
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding, Severity
from contracts.ieps import IEP, IEPStage, IEPSubmitted, SubmitIEP
from contracts.message import Record
from services.ieps.domain import activities, activity_rules, grounds
from services.ieps.domain.lines import out_of_turn
from services.ieps.domain.standing import Standing, standing
from services.ieps.domain.unfinished import of_another


def submit(known: Known, ask: Ask[SubmitIEP]) -> Decision:
    """Submit the IEP; a role of its own allows it. Check the type again: another IEP may have come first."""
    stands = standing(known, ask, role=Role.IEP_SUBMITTER)
    if not isinstance(stands, Standing):
        return stands
    match known.get(IEP, ask.command.iep_id):
        case IEP(stage=IEPStage.OFFICIAL) as official:
            broken = (*stands.found, *of_another(official, ask.actor), *_lost(known, official))
            submitted = IEPSubmitted.of(
                official, lea=ask.actor.lea, stage=IEPStage.SUBMITTED, submission=_next_submission(known)
            )
            entered = [activities.entry(submitted)] if activities.enters(known, submitted) else []
            return verdict((*broken, *_no_entry(known, submitted, entered)), [submitted, *entered])
        case other:
            return Refused((*stands.found, out_of_turn(other, IEPStage.OFFICIAL)))


def _next_submission(known: Known) -> int:
    """The ordinal of the student's next submission; those of deleted IEPs count too."""
    return 1 + max((iep.submission or 0 for iep in known.all(IEP)), default=0)


def _lost(known: Known, official: IEP) -> Iterator[Finding]:
    return (found for found in grounds.broken(known, official) if found.severity is Severity.ERROR)


def _no_entry(known: Known, submitted: IEP, entered: Sequence[Record]) -> Iterator[Finding]:
    """The warning that a student who has exited does not enter again with this IEP."""
    if submitted.amends or entered or activities.open_activity(known):
        return
    yield activity_rules.BEGINS_NO_ENTRY.broken(
        at="iep_id", day=submitted.begin_on, exited_on=activities.last_exit(known)
    )
