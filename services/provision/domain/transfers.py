"""Answering a requested transfer. Only provision knows whether services are open."""

from contracts.decision import Known, Reaction
from contracts.jurisdiction import Transfer
from contracts.provision import (
    OpenService,
    Service,
    TransferAnswer,
    TransferAnswerState,
    TransferBlocked,
    TransferCleared,
)
from services.provision.domain.facts import KnownTransfer, open_services

MOST_LISTED = 100
"""The most open services in one answer. A longer list may exceed Kafka's limit for a message."""


def answer(known: Known, event: Transfer) -> Reaction:
    """Block the claim and list the owner's open services. If none is open, clear the claim.

    After clearing, the owner can add no more services. Provision answers each claim once. Later events about
    the claim get no answer.
    """
    if known.get(TransferAnswer, event.claim_id):
        return [_noted(known, event)]
    return [_noted(known, event), _blocked_or_cleared(known, event)]


def _noted(known: Known, event: Transfer) -> KnownTransfer:
    earlier = known.get(KnownTransfer, event.claim_id)
    return KnownTransfer(
        student_id=event.student_id,
        revision=event.revision,
        claim_id=event.claim_id,
        number=earlier.number if earlier else 1 + len(known.all(KnownTransfer)),
    )


def _blocked_or_cleared(known: Known, event: Transfer) -> TransferBlocked | TransferCleared:
    facts = {
        "student_id": event.student_id,
        "revision": 1,
        "claim_id": event.claim_id,
        "from_lea": event.from_lea,
        "to_lea": event.to_lea,
        "begin_on": event.begin_on,
    }
    if given := open_services(known, event.from_lea):
        listed = tuple(_listed(service) for service in given[:MOST_LISTED])
        return TransferBlocked(
            **facts, state=TransferAnswerState.BLOCKED, open_services=listed, open_count=len(given)
        )
    return TransferCleared(**facts, state=TransferAnswerState.CLEARED)


def _listed(service: Service) -> OpenService:
    return OpenService(
        service_id=service.service_id,
        service_code=service.terms.service_code,
        begin_on=service.terms.begin_on,
    )
