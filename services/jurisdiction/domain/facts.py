"""The facts that jurisdiction keeps from other services' events, and the readers of its own records."""

from typing import ClassVar

from contracts.decision import Known
from contracts.jurisdiction import Spell, Transfer, TransferState
from contracts.message import OfStudent, Record
from contracts.provision import OpenService, TransferAnswer
from contracts.types import ClaimId


class Answer(OfStudent, Record):
    """Provision's answer to a transfer has been processed. It names the services that block the transfer."""

    kind: ClassVar[str] = TransferAnswer.kind

    claim_id: ClaimId
    open_services: tuple[OpenService, ...] = ()
    open_count: int = 0

    @property
    def record_id(self) -> str:
        return str(self.claim_id)


def note_answer(event: TransferAnswer) -> Answer:
    """Keep that this answer has been processed, so that a repeated answer has no effect."""
    return Answer(
        student_id=event.student_id,
        revision=event.revision,
        claim_id=event.claim_id,
        open_services=event.open_services,
        open_count=event.open_count,
    )


def open_spell(known: Known) -> Spell | None:
    """The spell of the LEA that owns the student now."""
    return next((spell for spell in known.all(Spell) if spell.end_on is None), None)


def pending_transfer(known: Known) -> Transfer | None:
    """The claim that waits for its decision; there is at most one."""
    return next((t for t in known.all(Transfer) if t.state is TransferState.REQUESTED), None)
