"""Adding a service, one record each. The owner adds it under a submitted IEP."""

from collections.abc import Iterator
from datetime import date

from contracts.access import Role
from contracts.codes import LEAS
from contracts.dates import before_birth, too_far_ahead
from contracts.decision import Accepted, Ask, Decision, Known, Refused, Waiting
from contracts.errors import NOT_ADDED, NOT_CLAIMED, NOT_OWNER, ROLE_MISSING, Finding
from contracts.facts import KnownStudent, spell_ends_on, spell_on
from contracts.ieps import IEPStage
from contracts.provision import AddService, Service, ServiceAdded, TransferAnswer
from contracts.types import LeaCode
from services.provision.domain import rules
from services.provision.domain.facts import KnownIEP, handover, iep_of_service, last_day_of, open_services
from services.provision.domain.providers import unavailable, uncertified


def add_service(known: Known, ask: Ask[AddService]) -> Decision:
    """The owner adds a service. The command waits only for facts from other services."""
    if broken := tuple(_broken(known, ask)):
        return Refused(broken)
    if missing := next(_missing(known, ask), None):
        return Waiting(missing)
    return Accepted([_added(known, ask)], tuple(_doubtful(known, ask)))


def _added(known: Known, ask: Ask[AddService]) -> ServiceAdded:
    """The service belongs where its IEP belongs.

    If another LEA has claimed the student from a day to come, it ends on the day before.
    """
    command, iep = ask.command, iep_of_service(known, ask.command.iep_id)
    spell = spell_on(known, ask.on)
    last_day = spell_ends_on(known, spell) if spell else None
    return ServiceAdded(
        student_id=command.student_id,
        revision=1,
        service_id=command.service_id,
        iep_id=command.iep_id,
        belongs_to=iep.belongs_to if iep else None,
        lea=ask.actor.lea,
        terms=command.terms,
        end_on=last_day,
        termination_reason="TRANSFER" if last_day else None,
    )


def _broken(known: Known, ask: Ask[AddService]) -> Iterator[Finding]:
    command = ask.command
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    if known.get(Service, command.service_id):
        yield rules.ID_USED.broken(at="service_id", service=command.service_id)
    yield from too_far_ahead(command.terms.begin_on, ask.on, at="terms.begin_on")
    if student := known.one(KnownStudent):
        yield from before_birth(command.terms.begin_on, student.birth_on, at="terms.begin_on")
    yield from unavailable(known, ask.actor.lea, command.terms, command.terms.begin_on)
    yield from _not_ours(known, ask)
    if iep := iep_of_service(known, command.iep_id):
        yield from _not_of(iep, command.terms.begin_on)


def _not_of(iep: KnownIEP, begin_on: date) -> Iterator[Finding]:
    """The finding that the IEP has no service that begins on that day."""
    if iep.stage is IEPStage.DELETED:
        yield rules.IEP_DELETED.broken(at="iep_id", iep=iep.iep_id)
    elif begin_on < iep.begin_on:
        yield rules.BEFORE_IEP.broken(at="terms.begin_on", day=begin_on, since=iep.begin_on)


def _doubtful(known: Known, ask: Ask[AddService]) -> Iterator[Finding]:
    """The warnings: the service begins after its IEP's year, the LEA gives it already, or its provider is not
    certified for it."""
    terms, iep = ask.command.terms, iep_of_service(known, ask.command.iep_id)
    yield from uncertified(known, ask.actor.lea, terms)
    yield from _ends_early(known, ask)
    if iep and terms.begin_on > (last_day := last_day_of(known, iep)):
        yield rules.AFTER_IEP.broken(at="terms.begin_on", day=terms.begin_on, last_day=last_day)
    for other in open_services(known, ask.actor.lea):
        same = other.terms.service_code, other.terms.begin_on
        if same == (terms.service_code, terms.begin_on):
            yield rules.TWIN.broken(at="terms.service_code", day=terms.begin_on, service=other.service_id)


def _ends_early(known: Known, ask: Ask[AddService]) -> Iterator[Finding]:
    """The warning that the service ends with the LEA's jurisdiction, because another LEA has claimed."""
    spell = spell_on(known, ask.on)
    if spell and (last_day := spell_ends_on(known, spell)):
        yield rules.ENDS_WITH_JURISDICTION.broken(
            at="terms.begin_on", until=last_day, owner=LEAS.label(spell.lea)
        )


def _not_ours(known: Known, ask: Ask[AddService]) -> Iterator[Finding]:
    spell, transfer, lea = spell_on(known, ask.on), handover(known), ask.actor.lea
    if transfer:
        yield from _transferring(transfer, lea)
    elif spell and spell.lea != lea:
        yield NOT_OWNER.broken(owner=LEAS.label(spell.lea))
    elif spell and ask.command.terms.begin_on < spell.begin_on:
        yield rules.BEFORE_JURISDICTION.broken(
            at="terms.begin_on",
            day=ask.command.terms.begin_on,
            since=spell.begin_on,
            owner=LEAS.label(lea),
        )
    elif spell and (last_day := spell_ends_on(known, spell)) and ask.command.terms.begin_on > last_day:
        yield rules.AFTER_JURISDICTION.broken(
            at="terms.begin_on", day=ask.command.terms.begin_on, until=last_day, owner=LEAS.label(lea)
        )


def _transferring(transfer: TransferAnswer, lea: LeaCode) -> Iterator[Finding]:
    if lea == transfer.from_lea:
        yield rules.LEAVING_OWNER.broken(owner=LEAS.label(lea), next_owner=LEAS.label(transfer.to_lea))
    elif lea != transfer.to_lea:
        yield NOT_OWNER.broken(owner=LEAS.label(transfer.to_lea))


def _missing(known: Known, ask: Ask[AddService]) -> Iterator[Finding]:
    spell, transfer = spell_on(known, ask.on), handover(known)
    if known.one(KnownStudent) is None:
        yield NOT_ADDED.broken(at="student_id")
    if transfer:
        yield rules.NEXT_OWNER_PENDING.broken(
            owner=LEAS.label(transfer.from_lea), next_owner=LEAS.label(transfer.to_lea)
        )
    elif spell is None:
        yield NOT_CLAIMED.broken(at="student_id")
    if iep_of_service(known, ask.command.iep_id) is None:
        yield rules.IEP_NOT_SUBMITTED.broken(at="iep_id", iep=ask.command.iep_id)
