"""Messages about the student of these tests."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from contracts.activities import SpedActivityEnded
from contracts.forms import PlannedService, ProgramServices
from contracts.ieps import IEPContentsMadeOfficial, IEPDeleted, IEPStage, IEPSubmitted, IEPType
from contracts.jurisdiction import (
    TransferRequested,
    TransferState,
)
from contracts.message import Event, Record
from contracts.provision import AddService, RecordFirstSession, ServiceAdded, ServiceTerms, TerminateService
from services.provision.domain import REACTIONS
from tests.unit import scenario
from tests.unit.events import (
    AUGUST,
    JEFFERSON,
    ORLEANS,
    SEPTEMBER,
    added,
    claimed,
)
from tests.unit.scenario import STUDENT, id_named


def records_after(*events: Event, after: Sequence[Record] = ()) -> list[Record]:
    """The records of provision after `after` and then these events, in this order."""
    return scenario.records_after(REACTIONS, *events, after=after)


def submitted(under: str = "the IEP", begin_on: date = AUGUST, *, amends: str | None = None) -> IEPSubmitted:
    """An IEP was submitted, or an amendment of the IEP `amends`."""
    return IEPSubmitted(
        student_id=STUDENT,
        revision=4,
        iep_id=id_named(under),
        lea=ORLEANS,
        iep_type=IEPType.INITIAL,
        stage=IEPStage.SUBMITTED,
        meeting_on=AUGUST,
        begin_on=begin_on,
        signed_on=AUGUST,
        contents_revision=3,
        amends=id_named(amends) if amends else None,
        amendment=1 if amends else 0,
    )


def deleted(under: str = "the IEP") -> IEPDeleted:
    """Two people deleted a submitted IEP."""
    return IEPDeleted.of(submitted(under), stage=IEPStage.DELETED)


def planned(code: Any = "SPE", begin_on: date = AUGUST, **terms: Any) -> PlannedService:
    """The team plans a service, twice a week for half an hour."""
    return PlannedService(
        service_code=code, begin_on=begin_on, **{"sessions": 2, "minutes_per_session": 30} | terms
    )


def contents(*services: PlannedService, under: str = "the IEP") -> IEPContentsMadeOfficial:
    """An IEP with these planned services became official."""
    return IEPContentsMadeOfficial(
        student_id=STUDENT,
        revision=3,
        iep_id=id_named(under),
        lea=ORLEANS,
        official=True,
        forms=(ProgramServices(services=services),),
    )


def exited(reason: Any = "RTN", *, ends_services: bool = True, lea: str = ORLEANS) -> SpedActivityEnded:
    """The student exited special education on September 10."""
    return SpedActivityEnded(
        student_id=STUDENT,
        revision=2,
        activity_id=id_named("the activity"),
        lea=lea,
        iep_id=id_named("the IEP"),
        entered_on=AUGUST,
        exited_on=SEPTEMBER,
        exit_reason=reason,
        ends_services=ends_services,
    )


def requested(
    to_lea: str = JEFFERSON,
    begin_on: date = SEPTEMBER,
    under: str = "the transfer",
    *,
    from_lea: str = ORLEANS,
    from_claim: str = "the first claim",
) -> TransferRequested:
    """Another LEA claimed the student from the owner."""
    return TransferRequested(
        student_id=STUDENT,
        revision=1,
        claim_id=id_named(under),
        state=TransferState.REQUESTED,
        from_lea=from_lea,
        from_spell=id_named(from_claim),
        to_lea=to_lea,
        begin_on=begin_on,
        school=f"{to_lea}001",
    )


def service(
    under: str = "speech", lea: str = ORLEANS, begin_on: date = AUGUST, code: Any = "SPE"
) -> ServiceAdded:
    """An LEA gives the student a service."""
    return ServiceAdded(
        student_id=STUDENT,
        revision=1,
        service_id=id_named(under),
        iep_id=id_named("the IEP"),
        lea=lea,
        terms=ServiceTerms(service_code=code, begin_on=begin_on, sessions=2, minutes_per_session=30),
    )


def ready(*more: Record) -> list[Record]:
    """Orleans owns the student since August, an IEP was submitted; then `more`."""
    return [*records_after(added(), claimed(), submitted()), *more]


def add(under: str = "speech", begin_on: date = AUGUST, iep: str = "the IEP", **terms: Any) -> AddService:
    """A command to add speech therapy, twice a week for half an hour."""
    facts: dict[str, Any] = {"service_code": "SPE", "sessions": 2, "minutes_per_session": 30} | terms
    return AddService(
        student_id=STUDENT,
        service_id=id_named(under),
        iep_id=id_named(iep),
        terms=ServiceTerms(begin_on=begin_on, **facts),
    )


def terminate(under: str = "speech", end_on: date = SEPTEMBER) -> TerminateService:
    """A command to end a service because the student leaves for another LEA."""
    return TerminateService(student_id=STUDENT, service_id=id_named(under), end_on=end_on, reason="TRANSFER")


def given(under: str = "speech", given_on: date = AUGUST) -> RecordFirstSession:
    """A command to record the first session of a service."""
    return RecordFirstSession(student_id=STUDENT, service_id=id_named(under), given_on=given_on)


def kinds(records: Sequence[object]) -> list[str]:
    """The names of the events."""
    return [type(record).__name__ for record in records]
