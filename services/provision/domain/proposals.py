"""What an LEA may record from an IEP: planned services to add, and services to end that the IEP lacks."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from uuid import uuid5

from pydantic import Field

from contracts.codes import ServiceCode
from contracts.decision import Known
from contracts.facts import KnownSpell
from contracts.forms import PlannedService
from contracts.ieps import IEPStage
from contracts.message import Value
from contracts.provision import AddService, Provider, Service, ServiceTerms, TerminateService
from contracts.types import Day, IEPId, LeaCode, ServiceId, StaffId
from services.provision.domain.facts import KnownIEP, KnownPlan, open_services
from services.provision.domain.providers import subject_of

_SAME = (
    *("service_code", "sessions", "frequency", "minutes_per_session"),
    *("setting", "delivery", "extended_school_year"),
)
"""The fields in which a service agrees with a planned one. It may have begun under an earlier IEP."""


class ProposedServices(Value):
    """What follows from an IEP for the student's services. Each command can be sent as it is, or changed."""

    iep_id: IEPId
    begin_on: Day
    to_add: tuple[AddService, ...] = Field(
        description="Planned services that are not recorded. The id of each follows from the IEP and from the"
        " place in its form, so that a service is not recorded twice. Provider and teacher of record"
        " are those of the LEA's last service of the kind, if they still work for the LEA."
    )
    to_end: tuple[TerminateService, ...] = Field(
        description="Open services that the IEP lacks. Their last day is the day before the IEP begins."
    )
    agreeing: tuple[Service, ...] = Field(description="Open services that the IEP has.")


def newest_iep(known: Known) -> KnownIEP | None:
    """The submitted IEP or amendment that begins last. Deleted ones are left out."""
    submitted = (iep for iep in known.all(KnownIEP) if iep.stage is IEPStage.SUBMITTED)
    return max(submitted, key=lambda iep: (iep.begin_on, iep.meeting_on, iep.amendment), default=None)


def proposed(known: Known, iep: KnownIEP, plan: KnownPlan, spell: KnownSpell) -> ProposedServices:
    """The proposals to the owner. `known` also has the providers of the owner's services (`looks_at`)."""
    given = {service.service_id: service for service in open_services(known, spell.lea)}
    named = [(uuid5(iep.iep_id, f"service {place}"), one) for place, one in enumerate(plan.services or (), 1)]
    agreeing = [given.pop(name) for name, _ in named if name in given]
    to_add = []
    for name, planned in named:
        if known.get(Service, name):
            continue  # recorded from this place of the IEP, perhaps with other terms, or ended since
        if same := _agreeing(given, planned):
            agreeing.append(given.pop(same))
        elif terms := _terms(known, planned, spell, iep.begin_on):
            to_add.append(_add(iep, name, terms))
    lacking = () if plan.services is None else given.values()
    return ProposedServices(
        iep_id=iep.iep_id,
        begin_on=iep.begin_on,
        to_add=tuple(to_add),
        to_end=tuple(_end(service, iep.begin_on - timedelta(days=1)) for service in lacking),
        agreeing=tuple(agreeing),
    )


def looks_at(known: Known, lea: LeaCode) -> Iterator[str]:
    """The subjects of the providers and teachers of record of the services that an LEA gave, or gives, the
    student."""
    terms = [service.terms for service in known.all(Service) if service.lea == lea]
    numbers = {number for one in terms for number in (one.provider_id, one.teacher_of_record) if number}
    return (subject_of(lea, number) for number in sorted(numbers))


def _agreeing(given: Mapping[ServiceId, Service], planned: PlannedService) -> ServiceId | None:
    return next((name for name, service in given.items() if _agrees(service.terms, planned)), None)


def _agrees(terms: ServiceTerms, planned: PlannedService) -> bool:
    return all(getattr(terms, field) == getattr(planned, field) for field in _SAME)


def _terms(known: Known, planned: PlannedService, spell: KnownSpell, since: date) -> ServiceTerms | None:
    """The planned terms; None if the planned service was over when the LEA's jurisdiction began."""
    begin_on = max(planned.begin_on, since, spell.begin_on)
    if planned.end_on and planned.end_on < begin_on:
        return None
    shared = {field: getattr(planned, field) for field in _SAME}
    before = _as_before(known, spell.lea, planned.service_code, begin_on)
    return ServiceTerms(begin_on=begin_on, **shared, **before)


def _add(iep: KnownIEP, name: ServiceId, terms: ServiceTerms) -> AddService:
    return AddService(student_id=iep.student_id, service_id=name, iep_id=iep.iep_id, terms=terms)


def _as_before(known: Known, lea: LeaCode, code: ServiceCode, begin_on: date) -> dict[str, object]:
    """Recipient, provider and teacher of record of the LEA's last service of that kind."""
    before = [one for one in known.all(Service) if (one.lea, one.terms.service_code) == (lea, code)]
    if not before:
        return {}
    terms = max(before, key=lambda one: (one.terms.begin_on, one.record_id)).terms

    def if_there(number: StaffId | None) -> StaffId | None:
        provider = known.of(subject_of(lea, number)).one(Provider) if number else None
        return number if provider and provider.active_on(begin_on) else None

    return {
        "recipient": terms.recipient,
        "provider_id": if_there(terms.provider_id),
        "teacher_of_record": if_there(terms.teacher_of_record),
    }


def _end(service: Service, last_day: date) -> TerminateService:
    return TerminateService(
        student_id=service.student_id,
        service_id=service.service_id,
        end_on=max(last_day, service.earliest_end),
        reason="IEPCHG",
    )
