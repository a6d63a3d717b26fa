"""Other terms of a service from a day on. The earlier terms stay in the record."""

from collections.abc import Iterator

from contracts.access import Role
from contracts.codes import LEAS, SERVICES
from contracts.dates import too_far_ahead
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import NOT_OWNER, ROLE_MISSING, Finding
from contracts.provision import ChangeServiceTerms, Service, ServiceTermsReplaced
from contracts.revisions import differing, moved_on
from services.provision.domain import rules
from services.provision.domain.facts import responsible
from services.provision.domain.providers import unavailable, uncertified


def change_terms(known: Known, ask: Ask[ChangeServiceTerms]) -> Decision:
    """The LEA that gives an open service gives it on other terms from a day on.

    On the first day of the present terms, the command corrects these.
    """
    command = ask.command
    service = known.get(Service, command.service_id)
    if service is None:
        unknown = rules.UNKNOWN_SERVICE.broken(at="service_id", service=command.service_id)
        return Refused((*_unfit(ask), unknown))
    changed = ServiceTermsReplaced.of(service, **service.with_terms(command.terms, command.effective_on))
    return verdict(_broken(known, service, ask), [changed])


def _unfit(ask: Ask[ChangeServiceTerms]) -> Iterator[Finding]:
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    yield from too_far_ahead(ask.command.effective_on, ask.on, at="effective_on")


def _broken(known: Known, service: Service, ask: Ask[ChangeServiceTerms]) -> Iterator[Finding]:
    command, lea = ask.command, ask.actor.lea
    yield from _unfit(ask)
    answers = responsible(known, service, ask.on)
    if lea != service.lea or answers != service.lea:
        yield NOT_OWNER.broken(owner=LEAS.label(answers))
        return  # other LEAs do not learn the terms of the service
    changed = differing(service.terms, command.terms, at="terms")
    yield from moved_on(known, command, Service, service.service_id, fields=changed)
    if not service.open:
        yield rules.ALREADY_TERMINATED.broken(at="service_id", day=service.end_on)
    yield from _not_this_service(service, ask)
    if command.effective_on < service.terms_since:
        yield rules.TERMS_TOO_EARLY.broken(
            at="effective_on", day=command.effective_on, since=service.terms_since
        )
    elif command.terms == service.terms:
        yield rules.SAME_TERMS.broken(at="terms", since=service.terms_since)
    yield from unavailable(known, lea, command.terms, command.effective_on)
    yield from uncertified(known, lea, command.terms)


def _not_this_service(service: Service, ask: Ask[ChangeServiceTerms]) -> Iterator[Finding]:
    wants, has = ask.command.terms, service.terms
    for name in ("service_code", "begin_on"):
        if getattr(wants, name) != getattr(has, name):
            yield rules.OTHER_SERVICE.broken(
                at=f"terms.{name}",
                service=SERVICES.label(wants.service_code),
                day=wants.begin_on,
                recorded=SERVICES.label(has.service_code),
                since=has.begin_on,
            )
