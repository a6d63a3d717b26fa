"""Deleting an official or submitted IEP. One person requests it, another approves."""

from collections.abc import Iterator, Sequence

from contracts.access import Actor, Role
from contracts.activities import SpedActivityCorrected, SpedActivityVoided
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import Finding
from contracts.ieps import (
    IEP,
    ApproveIEPDeletion,
    DeclineIEPDeletion,
    DeletionState,
    IEPDeleted,
    IEPDeletion,
    IEPDeletionApproved,
    IEPDeletionDeclined,
    IEPDeletionRequested,
    IEPStage,
    RequestIEPDeletion,
)
from services.ieps.domain import iep_rules as rules
from services.ieps.domain.activities import entry_without
from services.ieps.domain.lines import amendment_of
from services.ieps.domain.standing import Standing, standing

_DELETED_UPON_REQUEST = (IEPStage.OFFICIAL, IEPStage.SUBMITTED)


def request(known: Known, ask: Ask[RequestIEPDeletion]) -> Decision:
    """Request that an official or submitted IEP be deleted. It stays until another person approves."""
    stands = standing(known, ask)
    if not isinstance(stands, Standing):
        return stands
    iep, earlier = known.get(IEP, ask.command.iep_id), known.get(IEPDeletion, ask.command.iep_id)
    if iep is None:
        return Refused((*stands.found, rules.IEP_UNKNOWN.broken(at="iep_id")))
    broken = (*stands.found, *_not_deletable(iep), *_requested_already(earlier), *_amended(known, iep))
    return verdict(broken, [_requested(iep, earlier, ask)])


def approve(known: Known, ask: Ask[ApproveIEPDeletion]) -> Decision:
    """Delete the IEP. The approver is a coordinator of the owner, or the state, and not the requester."""
    stands = standing(known, ask, role=Role.COORDINATOR, state_may=True)
    if not isinstance(stands, Standing):
        return stands
    iep, asked = known.get(IEP, ask.command.iep_id), _open_request(known, ask.command)
    if iep is None or asked is None:
        return Refused((*stands.found, rules.NO_DELETION_REQUESTED.broken(at="iep_id")))
    broken = (*stands.found, *_same_person(asked, ask.actor), *_amended(known, iep))
    approved = IEPDeletionApproved.of(asked, state=DeletionState.APPROVED, decided_by=ask.actor.sender)
    deleted = IEPDeleted.of(iep, stage=IEPStage.DELETED)
    entry = entry_without(known, iep, asked.reason)
    return verdict((*broken, *_entry_rested_on_it(entry)), [approved, deleted, *entry])


def decline(known: Known, ask: Ask[DeclineIEPDeletion]) -> Decision:
    """Decline the request, with the reason. A coordinator may so withdraw an own request."""
    stands = standing(known, ask, role=Role.COORDINATOR, state_may=True)
    if not isinstance(stands, Standing):
        return stands
    asked = _open_request(known, ask.command)
    if asked is None:
        return Refused((*stands.found, rules.NO_DELETION_REQUESTED.broken(at="iep_id")))
    declined = IEPDeletionDeclined.of(
        asked,
        state=DeletionState.DECLINED,
        decided_by=ask.actor.sender,
        declined_because=ask.command.reason,
    )
    return verdict(stands.found, [declined])


def _requested(iep: IEP, earlier: IEPDeletion | None, ask: Ask[RequestIEPDeletion]) -> IEPDeletionRequested:
    return IEPDeletionRequested(
        student_id=iep.student_id,
        belongs_to=iep.belongs_to,
        revision=earlier.revision + 1 if earlier else 1,
        iep_id=iep.iep_id,
        lea=ask.actor.lea,
        state=DeletionState.REQUESTED,
        reason=ask.command.reason,
        requested_by=ask.actor.sender,
    )


def _open_request(known: Known, command: ApproveIEPDeletion | DeclineIEPDeletion) -> IEPDeletion | None:
    asked = known.get(IEPDeletion, command.iep_id)
    return asked if asked and asked.state is DeletionState.REQUESTED else None


def _not_deletable(iep: IEP) -> Iterator[Finding]:
    if iep.stage not in _DELETED_UPON_REQUEST:
        yield rules.DELETES_NOTHING.broken(at="iep_id", stage=iep.stage)


def _requested_already(earlier: IEPDeletion | None) -> Iterator[Finding]:
    if earlier and earlier.state is DeletionState.REQUESTED:
        yield rules.DELETION_REQUESTED.broken(at="iep_id", requested_by=earlier.requested_by)


def _same_person(asked: IEPDeletion, actor: Actor) -> Iterator[Finding]:
    """A person keeps the user name in each scope, so that the state's role makes nobody a second person."""
    if asked.requested_by.partition("/")[2] == actor.sub:
        yield rules.SAME_PERSON.broken(at="iep_id", requested_by=asked.requested_by)


def _amended(known: Known, iep: IEP) -> Iterator[Finding]:
    if amendment := amendment_of(known, iep.iep_id):
        yield rules.AMENDMENT_STANDS.broken(at="iep_id", amendment=amendment.iep_id)


def _entry_rested_on_it(entry: Sequence[SpedActivityCorrected | SpedActivityVoided]) -> Iterator[Finding]:
    for activity in entry:
        if activity.voided:
            yield rules.ENTRY_VOIDED.broken(at="iep_id", entered_on=activity.entered_on)
        else:
            yield rules.ENTRY_RESTS_ON_ANOTHER.broken(
                at="iep_id", entered_on=activity.entered_on, iep=activity.iep_id
            )
