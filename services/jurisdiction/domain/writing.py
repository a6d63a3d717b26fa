"""A blocked claim as a conversation: the LEAs write to each other, and one asks the state for help."""

from collections.abc import Iterator

from contracts.access import STATE, Actor, Role
from contracts.decision import Accepted, Ask, Decision, Known, Refused
from contracts.errors import ROLE_MISSING, Finding
from contracts.jurisdiction import (
    EscalateTransfer,
    Transfer,
    TransferEscalated,
    TransferMessageWritten,
    TransferState,
    WriteOnTransfer,
)
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.facts import open_spell


def write(known: Known, ask: Ask[WriteOnTransfer]) -> Decision:
    """The owner, the claimant or the state office writes. The owner's first message is its answer."""
    transfer = _blocked(known, ask)
    broken = tuple(_broken(transfer, ask))
    if transfer is None or broken:
        return Refused(broken)
    answered_on = ask.on if ask.actor.lea == transfer.from_lea else None
    return Accepted(
        [
            TransferMessageWritten.of(
                transfer,
                messages=transfer.messages + 1,
                message=ask.command.text,
                answered_on=transfer.answered_on or answered_on,
            )
        ]
    )


def escalate(known: Known, ask: Ask[EscalateTransfer]) -> Decision:
    """The owner or the claimant asks the state office for help, once."""
    transfer = _blocked(known, ask)
    broken = tuple(_broken(transfer, ask))
    if transfer is None or broken:
        return Refused(broken)
    if transfer.escalated_on:
        return Refused((rules.ESCALATED.broken(at="claim_id", day=transfer.escalated_on),))
    return Accepted([TransferEscalated.of(transfer, escalated_on=ask.on)])


def _blocked(known: Known, ask: Ask[WriteOnTransfer] | Ask[EscalateTransfer]) -> Transfer | None:
    """The claim, if open services block it, the owner is still the same, and the sender takes part in it."""
    transfer, spell = known.get(Transfer, ask.command.claim_id), open_spell(known)
    if transfer is None or spell is None or transfer.from_spell != spell.spell_id:
        return None
    blocked = transfer.state is TransferState.REFUSED and any(
        finding.code == rules.SERVICES_OPEN.code for finding in transfer.findings
    )
    return transfer if blocked and _takes_part(ask.actor, transfer) else None


def _takes_part(actor: Actor, transfer: Transfer) -> bool:
    return actor.lea in (transfer.from_lea, transfer.to_lea, STATE)


def _broken(
    transfer: Transfer | None, ask: Ask[WriteOnTransfer] | Ask[EscalateTransfer]
) -> Iterator[Finding]:
    role = Role.STATE if ask.actor.lea == STATE else Role.WRITER
    if not ask.actor.has(role):
        yield ROLE_MISSING.broken(role=role)
    if transfer is None:
        yield rules.NOT_BLOCKED.broken(at="claim_id", claim=ask.command.claim_id)
