"""A claim that is dated back: what other LEAs did for the student on days that would be the claimant's."""

from contracts.decision import Known
from contracts.ieps import IEPStage
from contracts.provision import DoneSince, Service
from services.provision.domain.facts import KnownEvaluation, KnownIEP, KnownTransfer, listed


def done_since(known: Known, claim: KnownTransfer) -> DoneSince | None:
    """Services, IEPs and evaluations of other LEAs on or after the begin date; None if there are none."""
    services = sorted(
        (service for service in known.all(Service) if _was_given(service, claim)),
        key=lambda service: (service.terms.begin_on, service.record_id),
    )
    meetings = {
        iep.meeting_on
        for iep in known.all(KnownIEP)
        if iep.stage is IEPStage.SUBMITTED and iep.lea != claim.to_lea and iep.meeting_on >= claim.begin_on
    }
    evaluations = {
        day
        for one in known.all(KnownEvaluation)
        if one.lea != claim.to_lea and (day := one.last_on) and day >= claim.begin_on
    }
    if not services and not meetings and not evaluations:
        return None
    return DoneSince(
        services=listed(services),
        service_count=len(services),
        meetings=sorted(meetings),
        evaluations=sorted(evaluations),
    )


def _was_given(service: Service, claim: KnownTransfer) -> bool:
    if service.lea == claim.to_lea or service.end_on is None:
        return False
    return claim.begin_on <= service.end_on and service.begin_on <= service.end_on
