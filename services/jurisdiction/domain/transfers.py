"""The end of a claim on another LEA's student: provision has answered whether the owner has open services."""

from contracts.codes import LEAS
from contracts.decision import Known, Reaction, Settled
from contracts.jurisdiction import (
    ClaimJurisdiction,
    SchoolStay,
    Spell,
    StudentClaimed,
    Transfer,
    TransferCompleted,
    TransferRefused,
    TransferState,
)
from contracts.provision import TransferAnswer
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.dated_back import done_by_others
from services.jurisdiction.domain.facts import note_answer
from services.jurisdiction.domain.sentences import services_named
from services.jurisdiction.domain.tiling import tiled


def complete(known: Known, event: TransferAnswer) -> Reaction:
    """No service is open: the old spell ends the day before the new one begins.

    Warnings name what a claim that is dated back moves.
    """
    transfer = _awaited(known, event)
    if transfer is None:
        return [note_answer(event)]
    new = spell_of(transfer)
    moved = (*transfer.findings, *done_by_others(transfer, event))
    return [
        note_answer(event),
        *tiled((*known.all(Spell), new)),
        new,
        TransferCompleted.of(transfer, state=TransferState.COMPLETED, findings=moved),
        Settled(ClaimJurisdiction, transfer.claim_id, moved),
    ]


def refuse(known: Known, event: TransferAnswer) -> Reaction:
    """Services are open: the claim is refused. The finding names the owner and the services."""
    transfer = _awaited(known, event)
    if transfer is None:
        return [note_answer(event)]
    finding = rules.SERVICES_OPEN.broken(
        owner=_providing(event) or LEAS.label(transfer.from_lea),
        services=services_named(event.open_services, event.open_count),
    )
    return [
        note_answer(event),
        TransferRefused.of(transfer, state=TransferState.REFUSED, findings=(finding,)),
        Settled(ClaimJurisdiction, transfer.claim_id, (finding,)),
    ]


def _providing(event: TransferAnswer) -> str:
    """The LEAs that provide the open services. After a merge of State IDs there may be several."""
    leas = sorted({service.lea or event.from_lea for service in event.open_services})
    return " and ".join(LEAS.label(lea) for lea in leas)


def _awaited(known: Known, event: TransferAnswer) -> Transfer | None:
    transfer = known.get(Transfer, event.claim_id)
    return transfer if transfer and transfer.state is TransferState.REQUESTED else None


def spell_of(transfer: Transfer) -> StudentClaimed:
    """The spell of the claimant if the claim is won."""
    return StudentClaimed(
        student_id=transfer.student_id,
        revision=1,
        spell_id=transfer.claim_id,
        lea=transfer.to_lea,
        begin_on=transfer.begin_on,
        schools=(SchoolStay(school=transfer.school, begin_on=transfer.begin_on),),
        local_student_id=transfer.local_student_id,
    )
