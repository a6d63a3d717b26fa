"""What provision keeps of what other services say, and how it reads who may give services to a student."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from pydantic import Field

from contracts.decision import Known, Reaction
from contracts.facts import latest_spell
from contracts.ieps import IEP
from contracts.jurisdiction import Transfer
from contracts.message import OfStudent, Record
from contracts.provision import Service, TransferAnswer, TransferAnswerState
from contracts.types import ClaimId, IEPId, LeaCode


class KnownIEP(OfStudent, Record):
    """That an IEP, or an amendment of one, was submitted."""

    kind: ClassVar[str] = IEP.kind

    iep_id: IEPId

    @property
    def record_id(self) -> str:
        return str(self.iep_id)


class KnownTransfer(OfStudent, Record):
    """That an LEA claimed the student from the owner, and the how-manieth such claim it was."""

    kind: ClassVar[str] = Transfer.kind

    claim_id: ClaimId
    number: int = Field(ge=1, description="Counts the claims on an owned student, in the order they came.")

    @property
    def record_id(self) -> str:
        return str(self.claim_id)


def note_iep(known: Known, event: IEP) -> Reaction:
    """Remember that services may be added to this IEP."""
    return [KnownIEP(student_id=event.student_id, revision=event.revision, iep_id=event.iep_id)]


def handover(known: Known) -> TransferAnswer | None:
    """The last transfer that was cleared, as long as the spell it brings has not been heard.

    Meanwhile the door is closed to the old LEA and not yet open to the new one. Each spell begins after the
    one before, so a spell that begins on the transfer's day or later is that spell or a later one.
    """
    cleared = [answer for answer in answers(known) if answer.state is TransferAnswerState.CLEARED]
    spell = latest_spell(known)
    if not cleared or (spell and spell.begin_on >= cleared[-1].begin_on):
        return None
    return cleared[-1]


def waiting_claims(known: Known) -> Sequence[TransferAnswer]:
    """The claims that the owner's open services stand in the way of: the last one of each claiming LEA.

    None outlives the owner it was against, for the end of the owner's last service releases it.
    """
    return [answer for answer in _last_answers(known) if answer.state is TransferAnswerState.BLOCKED]


def released_claims(known: Known) -> Sequence[TransferAnswer]:
    """The released claims that would be won now: the owner is as it was, and has given no service since."""
    spell = latest_spell(known)
    if spell is None or handover(known) or open_services(known, spell.lea):
        return []
    released = [answer for answer in _last_answers(known) if answer.state is TransferAnswerState.RELEASED]
    return [one for one in released if one.from_lea == spell.lea and one.begin_on > spell.begin_on]


def answers(known: Known) -> Sequence[TransferAnswer]:
    """What was answered to the claims on the student, in the order in which they came."""
    transfers = sorted(known.all(KnownTransfer), key=lambda transfer: transfer.number)
    found = (known.get(TransferAnswer, transfer.claim_id) for transfer in transfers)
    return [answer for answer in found if answer]


def _last_answers(known: Known) -> Iterable[TransferAnswer]:
    return {answer.to_lea: answer for answer in answers(known)}.values()


def open_services(known: Known, lea: LeaCode) -> Sequence[Service]:
    """The services an LEA still gives the student, earliest first."""
    given = [service for service in known.all(Service) if service.open and service.lea == lea]
    return sorted(given, key=lambda service: (service.terms.begin_on, service.record_id))
