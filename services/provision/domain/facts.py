"""The facts that provision keeps from other services' events, and the state of each claim on a student."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from contracts.activities import SpedActivity
from contracts.deadlines import last_day_of_iep
from contracts.decision import Known, Reaction
from contracts.evaluations import Evaluation
from contracts.facts import KnownSpell, latest_spell, owner
from contracts.forms import PlannedService, ProgramServices
from contracts.ieps import IEP, IEPContents, IEPStage
from contracts.jurisdiction import Transfer
from contracts.message import Movable, OfStudent, Record
from contracts.provision import OpenService, Service, TransferAnswer, TransferAnswerState
from contracts.state_ids import AddressWord
from contracts.types import ActivityId, ClaimId, Day, EvaluationId, IEPId, LeaCode

_MOST_LISTED = 100
"""The most services in one answer. A longer list may exceed Kafka's limit for a message."""


class KnownIEP(OfStudent, Movable):
    """An IEP or amendment that is submitted or deleted, or that came from another State ID."""

    kind: ClassVar[str] = IEP.kind

    iep_id: IEPId
    lea: LeaCode
    meeting_on: Day
    begin_on: Day
    stage: IEPStage
    amendment: int = 0
    amends: IEPId | None = None

    @property
    def record_id(self) -> str:
        return str(self.iep_id)


class KnownEvaluation(OfStudent, Movable):
    """An evaluation that an LEA completed: the day of the report or waiver, and that of the determination."""

    kind: ClassVar[str] = Evaluation.kind

    evaluation_id: EvaluationId
    lea: LeaCode
    evaluated_on: Day | None = None
    determined_on: Day | None = None

    @property
    def record_id(self) -> str:
        return str(self.evaluation_id)

    @property
    def last_on(self) -> date | None:
        """The later of the two days."""
        return max(filter(None, (self.evaluated_on, self.determined_on)), default=None)


class KnownPlan(OfStudent, Record):
    """The services that an official IEP plans. None: the IEP has no Program/Services form."""

    kind: ClassVar[str] = IEPContents.kind
    apart: ClassVar[bool] = True
    found_with: ClassVar[str] = IEP.kind

    iep_id: IEPId
    services: tuple[PlannedService, ...] | None

    @property
    def record_id(self) -> str:
        return str(self.iep_id)


class KnownActivity(OfStudent, Record):
    """The student's exit from special education has been processed."""

    kind: ClassVar[str] = SpedActivity.kind

    activity_id: ActivityId

    @property
    def record_id(self) -> str:
        return str(self.activity_id)


class KnownTransfer(OfStudent, Record):
    """A claim on a student with an owner. `refused`: jurisdiction has refused it.

    `as_of`: what jurisdiction had heard of merged State IDs when it asked.
    """

    kind: ClassVar[str] = Transfer.kind

    claim_id: ClaimId
    from_lea: LeaCode
    to_lea: LeaCode
    begin_on: Day
    as_of: tuple[AddressWord, ...] = ()
    refused: bool = False

    @property
    def record_id(self) -> str:
        return str(self.claim_id)


def note_iep(known: Known, event: IEP) -> Reaction:
    """Keep that the IEP is submitted, and its year. Its services can be added from now on.

    Or keep that the IEP is deleted. Then no service can be added under it. Or keep where it stands.
    """
    return [KnownIEP.noted(event)]


def note_evaluation(known: Known, event: Evaluation) -> Reaction:
    """Keep that an LEA completed the evaluation: a claim may be dated back over it."""
    return [KnownEvaluation.noted(event)]


def iep_of_service(known: Known, iep_id: IEPId) -> KnownIEP | None:
    """The IEP under which a service is given, once it is submitted; a deleted one too."""
    iep = known.get(KnownIEP, iep_id)
    return iep if iep and iep.stage in (IEPStage.SUBMITTED, IEPStage.DELETED) else None


def last_day_of(known: Known, iep: KnownIEP) -> date:
    """The last day of the IEP's year, which an amendment does not prolong."""
    while iep.amends and (amended := known.get(KnownIEP, iep.amends)):
        iep = amended
    return last_day_of_iep(iep.begin_on)


def note_plan(known: Known, event: IEPContents) -> Reaction:
    """Keep the services that the IEP plans."""
    forms = (form for form in event.forms if isinstance(form, ProgramServices))
    planned = next(forms, None)
    return [KnownPlan.noted(event, services=planned.services if planned else None)]


def its_plan(event: IEPContents) -> Iterable[tuple[type[Record], object]]:
    """The plan of that IEP, as it was kept earlier."""
    yield KnownPlan, event.iep_id


def handover(known: Known) -> TransferAnswer | None:
    """The last cleared claim, until its spell has arrived. Until then neither LEA can add services.

    None too if jurisdiction has refused the claim after all, because a State ID was merged meanwhile.
    """
    cleared = [one for one in answers(known) if one.state is TransferAnswerState.CLEARED]
    return cleared[-1] if cleared and not _settled(known, cleared[-1].claim_id) else None


def _settled(known: Known, claim_id: ClaimId) -> bool:
    """Whether the spell of a claim has arrived, wherever it stands now, or the claim was refused."""
    if known.revision(KnownSpell.kind, str(claim_id)):
        return True
    transfer = known.get(KnownTransfer, claim_id)
    return transfer is not None and transfer.refused


def waiting_claims(known: Known) -> Sequence[TransferAnswer]:
    """The claims that open services of other LEAs block: the last claim of each claiming LEA.

    The end of the last such service releases them.
    """
    return [answer for answer in _last_answers(known) if answer.state is TransferAnswerState.BLOCKED]


def released_claims(known: Known) -> Sequence[TransferAnswer]:
    """The released claims that SER would accept now: the owner, or last owner, is the same and has no open
    service."""
    spell = latest_spell(known)
    if spell is None or handover(known):
        return []
    released = [answer for answer in _last_answers(known) if answer.state is TransferAnswerState.RELEASED]
    after = spell.end_on or spell.begin_on
    return [
        one
        for one in released
        if one.from_lea == spell.lea and one.begin_on > after and not blocking(known, one.to_lea)
    ]


def answers(known: Known) -> Sequence[TransferAnswer]:
    """The answers to the claims on the student, in their order."""
    return sorted(known.all(TransferAnswer), key=lambda answer: (answer.number, answer.record_id))


def _last_answers(known: Known) -> Iterable[TransferAnswer]:
    return {answer.to_lea: answer for answer in answers(known)}.values()


def responsible(known: Known, service: Service, day: date) -> LeaCode:
    """The LEA that answers for a service on a day: the one that gives it, or the owner once it has ended."""
    return service.lea if service.open else owner(known, day) or service.lea


def open_services(known: Known, lea: LeaCode) -> Sequence[Service]:
    """The open services that an LEA provides to the student, earliest first."""
    return [service for service in _open(known) if service.lea == lea]


def blocking(known: Known, claimant: LeaCode) -> Sequence[Service]:
    """The open services that block a claim: those of every other LEA, earliest first.

    After a merge of State IDs several LEAs may have open services for one student.
    """
    return [service for service in _open(known) if service.lea != claimant]


def listed(services: Sequence[Service]) -> tuple[OpenService, ...]:
    """The first services, as the answer to a claim names them."""
    return tuple(
        OpenService(
            service_id=service.service_id,
            lea=service.lea,
            service_code=service.terms.service_code,
            begin_on=service.terms.begin_on,
        )
        for service in services[:_MOST_LISTED]
    )


def _open(known: Known) -> Sequence[Service]:
    given = [service for service in known.all(Service) if service.open]
    return sorted(given, key=lambda service: (service.terms.begin_on, service.record_id))
