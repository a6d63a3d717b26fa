"""Ending a service. The end of the last one releases the claims that it blocked."""

from collections.abc import Iterator, Sequence
from datetime import date

from contracts.access import Role
from contracts.codes import LEAS
from contracts.dates import too_far_ahead
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import NOT_OWNER, ROLE_MISSING, Finding
from contracts.provision import (
    Service,
    ServiceTerminated,
    TerminateService,
    TransferAnswerState,
    TransferReleased,
)
from services.provision.domain import rules
from services.provision.domain.facts import blocking, responsible, waiting_claims
from services.provision.domain.recorded import sessions_after_end


def terminate_service(known: Known, ask: Ask[TerminateService]) -> Decision:
    """The LEA that provides the service ends it. The end of the last one releases the blocked claims."""
    command = ask.command
    service = known.get(Service, command.service_id)
    if service is None:
        return Refused(tuple(_unknown(ask)))
    ended = ServiceTerminated.of(service, end_on=command.end_on, termination_reason=command.reason)
    return verdict(_broken(known, service, ask), [ended, *released(known, [service])])


def _unknown(ask: Ask[TerminateService]) -> Iterator[Finding]:
    yield from _role(ask)
    yield from too_far_ahead(ask.command.end_on, ask.on, at="end_on")
    yield rules.UNKNOWN_SERVICE.broken(at="service_id", service=ask.command.service_id)


def _broken(known: Known, service: Service, ask: Ask[TerminateService]) -> Iterator[Finding]:
    end_on = ask.command.end_on
    yield from _role(ask)
    yield from too_far_ahead(end_on, ask.on, at="end_on")
    answers = responsible(known, service, ask.on)
    if ask.actor.lea not in (service.lea, answers):
        yield NOT_OWNER.broken(owner=LEAS.label(answers))
        return  # other LEAs do not learn the dates of the service
    if not service.open:
        yield rules.ALREADY_TERMINATED.broken(at="service_id", day=service.end_on)
    yield from _too_early(service, end_on)
    yield from sessions_after_end(known, service, ask.command)


def _too_early(service: Service, end_on: date) -> Iterator[Finding]:
    begin_on, given_on = service.terms.begin_on, service.first_given_on
    if end_on < begin_on:
        yield rules.ENDS_BEFORE_BEGIN.broken(at="end_on", day=end_on, since=begin_on)
    if given_on and end_on < given_on:
        yield rules.ENDS_BEFORE_FIRST_SESSION.broken(at="end_on", day=end_on, given=given_on)


def _role(ask: Ask[TerminateService]) -> Iterator[Finding]:
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)


def released(known: Known, ending: Sequence[Service] = ()) -> Sequence[TransferReleased]:
    """The blocked claims that nothing blocks any more once these services have ended."""
    ended = {service.service_id for service in ending}
    return [
        TransferReleased.of(claim, state=TransferAnswerState.RELEASED, open_services=(), open_count=0)
        for claim in waiting_claims(known)
        if all(service.service_id in ended for service in blocking(known, claim.to_lea))
    ]
