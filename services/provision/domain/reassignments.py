"""Giving a service to another provider from a day on. The record keeps who gave it before."""

from collections.abc import Iterable, Iterator

from contracts.access import Actor, Role
from contracts.codes import LEAS
from contracts.dates import too_far_ahead
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import NOT_OWNER, ROLE_MISSING, Finding
from contracts.provision import ReassignProvider, Service, ServiceReassigned, ServiceTerms
from services.provision.domain import rules
from services.provision.domain.facts import responsible
from services.provision.domain.providers import not_there, subject_of, uncertified


def looks_at(command: ReassignProvider, actor: Actor) -> Iterable[str]:
    """The new provider, under the sender's LEA."""
    return (subject_of(actor.lea, command.provider_id),)


def reassign_provider(known: Known, ask: Ask[ReassignProvider]) -> Decision:
    """The LEA that gives an open service gives it by another provider from a day on.

    On the first day of the present terms, the command corrects the provider.
    """
    command = ask.command
    service = known.get(Service, command.service_id)
    if service is None:
        unknown = rules.UNKNOWN_SERVICE.broken(at="service_id", service=command.service_id)
        return Refused((*_unfit(ask), unknown))
    terms = service.terms.model_copy(update={"provider_id": command.provider_id})
    changed = service.with_terms(terms, command.from_on)
    reassigned = ServiceReassigned.of(service, **changed, reassignment_id=command.reassignment_id)
    return verdict(_broken(known, service, terms, ask), [reassigned])


def _unfit(ask: Ask[ReassignProvider]) -> Iterator[Finding]:
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    yield from too_far_ahead(ask.command.from_on, ask.on, at="from_on")


def _broken(
    known: Known, service: Service, terms: ServiceTerms, ask: Ask[ReassignProvider]
) -> Iterator[Finding]:
    command, lea = ask.command, ask.actor.lea
    yield from _unfit(ask)
    answers = responsible(known, service, ask.on)
    if lea != service.lea or answers != service.lea:
        yield NOT_OWNER.broken(owner=LEAS.label(answers))
        return  # other LEAs do not learn who gives the service
    if not service.open:
        yield rules.ALREADY_TERMINATED.broken(at="service_id", day=service.end_on)
    yield from _not_by_them(service, command)
    if command.from_on < service.terms_since:
        yield rules.TERMS_TOO_EARLY.broken(at="from_on", day=command.from_on, since=service.terms_since)
    yield from not_there(known, lea, command.provider_id, command.from_on, at="provider_id")
    yield from uncertified(known, lea, terms, at="provider_id")


def _not_by_them(service: Service, command: ReassignProvider) -> Iterator[Finding]:
    """The finding that the service does not pass from the named provider to another one."""
    recorded = service.terms.provider_id
    if recorded == command.provider_id:
        yield rules.SAME_PROVIDER.broken(at="provider_id", provider=command.provider_id)
    elif command.from_provider_id and recorded != command.from_provider_id:
        named = f"provider {recorded}" if recorded else "no named provider"
        yield rules.OTHER_PROVIDER.broken(
            at="from_provider_id", provider=command.from_provider_id, recorded=named
        )
