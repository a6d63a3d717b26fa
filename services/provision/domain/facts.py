"""The facts that provision keeps from other services' events, and the state of each claim on a student."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from pydantic import Field

from contracts.activities import SpedActivity
from contracts.calendars import Calendar
from contracts.deadlines import last_day_of_iep
from contracts.decision import Known, Reaction
from contracts.facts import KnownSpell, latest_spell, owner
from contracts.forms import PlannedService, ProgramServices
from contracts.ieps import IEP, IEPContents, IEPStage
from contracts.jurisdiction import Transfer
from contracts.message import OfStudent, Record
from contracts.provision import Service, TransferAnswer, TransferAnswerState
from contracts.types import ActivityId, ClaimId, Day, IEPId, LeaCode


class KnownIEP(OfStudent, Record):
    """A submitted IEP or amendment, or a deleted one. `last_day`: of its year, which an amendment does not
    prolong."""

    kind: ClassVar[str] = IEP.kind

    iep_id: IEPId
    meeting_on: Day
    begin_on: Day
    last_day: Day
    amendment: int = 0
    deleted: bool = False

    @property
    def record_id(self) -> str:
        return str(self.iep_id)


class KnownPlan(OfStudent, Record):
    """The services that an official IEP plans. None: the IEP has no Program/Services form."""

    kind: ClassVar[str] = IEPContents.kind
    apart: ClassVar[bool] = True

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
    """A claim on a student with an owner. `number`: its ordinal among this student's claims, from 1."""

    kind: ClassVar[str] = Transfer.kind

    claim_id: ClaimId
    number: int = Field(ge=1, description="The claim's ordinal among this student's claims, from 1.")

    @property
    def record_id(self) -> str:
        return str(self.claim_id)


def note_iep(known: Known, event: IEP) -> Reaction:
    """Keep that the IEP is submitted, and its year. Its services can be added from now on.

    Or keep that the IEP is deleted. Then no service can be added under it.
    """
    amended = known.get(KnownIEP, event.amends) if event.amends else None
    return [
        KnownIEP(
            student_id=event.student_id,
            revision=event.revision,
            iep_id=event.iep_id,
            meeting_on=event.meeting_on,
            begin_on=event.begin_on,
            last_day=amended.last_day if amended else last_day_of_iep(event.begin_on),
            amendment=event.amendment,
            deleted=event.stage is IEPStage.DELETED,
        )
    ]


def note_plan(known: Known, event: IEPContents) -> Reaction:
    """Keep the services that the IEP plans."""
    forms = (form for form in event.forms if isinstance(form, ProgramServices))
    planned = next(forms, None)
    return [
        KnownPlan(
            student_id=event.student_id,
            revision=event.revision,
            iep_id=event.iep_id,
            services=planned.services if planned else None,
        )
    ]


def its_plan(event: IEPContents) -> Iterable[tuple[type[Record], object]]:
    """The plan of that IEP, as it was kept earlier."""
    yield KnownPlan, event.iep_id


def note_calendar(known: Known, event: Calendar) -> Reaction:
    """Keep the state's calendar of a year: minutes are prescribed for school days. Its past is not needed."""
    content = {name: getattr(event, name) for name in Calendar.model_fields}
    return [Calendar(**content | {"earlier_versions": ()})]


def handover(known: Known) -> TransferAnswer | None:
    """The last cleared transfer, until the event of the new owner's spell has arrived.

    Until then neither LEA can add services. The spell has the id of the claim, also if the LEA withdraws the
    claim later.
    """
    cleared = [answer for answer in answers(known) if answer.state is TransferAnswerState.CLEARED]
    if not cleared or known.get(KnownSpell, cleared[-1].claim_id):
        return None
    return cleared[-1]


def waiting_claims(known: Known) -> Sequence[TransferAnswer]:
    """The claims that the owner's open services block: the last claim of each claiming LEA.

    The end of the owner's last service releases them. So no claim waits longer than the owner owns the
    student.
    """
    return [answer for answer in _last_answers(known) if answer.state is TransferAnswerState.BLOCKED]


def released_claims(known: Known) -> Sequence[TransferAnswer]:
    """The released claims that SER would accept now: the owner, or last owner, is the same and has no open
    service."""
    spell = latest_spell(known)
    if spell is None or handover(known) or open_services(known, spell.lea):
        return []
    released = [answer for answer in _last_answers(known) if answer.state is TransferAnswerState.RELEASED]
    after = spell.end_on or spell.begin_on
    return [one for one in released if one.from_lea == spell.lea and one.begin_on > after]


def answers(known: Known) -> Sequence[TransferAnswer]:
    """The answers to the claims on the student, in the order of the claims."""
    transfers = sorted(known.all(KnownTransfer), key=lambda transfer: transfer.number)
    found = (known.get(TransferAnswer, transfer.claim_id) for transfer in transfers)
    return [answer for answer in found if answer]


def _last_answers(known: Known) -> Iterable[TransferAnswer]:
    return {answer.to_lea: answer for answer in answers(known)}.values()


def responsible(known: Known, service: Service) -> LeaCode:
    """The LEA that answers for a service: the one that gives it, or the student's owner once it has ended."""
    return service.lea if service.open else owner(known) or service.lea


def open_services(known: Known, lea: LeaCode) -> Sequence[Service]:
    """The open services that an LEA provides to the student, earliest first."""
    given = [service for service in known.all(Service) if service.open and service.lea == lea]
    return sorted(given, key=lambda service: (service.terms.begin_on, service.record_id))
