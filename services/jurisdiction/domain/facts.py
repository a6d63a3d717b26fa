"""The facts that jurisdiction keeps from other services' events, and the readers of its own records."""

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from contracts.decision import Known
from contracts.facts import holding
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


def spells(known: Known) -> Sequence[Spell]:
    """The student's spells, without those of withdrawn claims."""
    return [spell for spell in known.all(Spell) if not spell.withdrawn]


def open_spell(known: Known) -> Spell | None:
    """The spell that has no last day yet. It may begin on a day to come."""
    return next((spell for spell in spells(known) if spell.end_on is None), None)


def own_spell(known: Known, lea: str, day: date) -> Spell | None:
    """The spell of an LEA that runs on a day, or that is to come. If it has none: the owner's of that day."""
    own = [spell for spell in spells(known) if spell.lea == lea and not spell.over_by(day)]
    return holding(own, day) or holding(spells(known), day)


def latest_spell(known: Known) -> Spell | None:
    """The spell that begins last: the owner's, or the last owner's if its jurisdiction was closed."""
    days = (spell for spell in spells(known) if spell.has_days)
    return max(days, key=lambda spell: spell.begin_on, default=None)


def pending_transfer(known: Known) -> Transfer | None:
    """The claim that waits for its decision; there is at most one."""
    return next((t for t in known.all(Transfer) if t.state is TransferState.REQUESTED), None)
