"""Providers: an LEA registers its providers, and a new service checks its provider."""

from collections.abc import Iterable, Iterator

from contracts.access import Actor, Role
from contracts.codes import LEAS
from contracts.decision import Ask, Decision, Known, verdict
from contracts.errors import ROLE_MISSING, Finding
from contracts.facts import no_lea
from contracts.provision import AddService, Provider, ProviderRegistered, RegisterProvider
from contracts.revisions import differing, moved_on
from contracts.types import LeaCode, StaffId
from services.provision.domain import rules


def looks_at(command: AddService, actor: Actor) -> Iterable[str]:
    """The provider of the service, under the sender's LEA."""
    provider = command.terms.provider_id
    return (subject_of(actor.lea, provider),) if provider else ()


def subject_of(lea: LeaCode, provider: StaffId) -> str:
    """The subject of an LEA's provider."""
    return Provider.subject_form.format(lea=lea, provider_id=provider)


def register(known: Known, ask: Ask[RegisterProvider]) -> Decision:
    """An LEA registers one of its own providers, or replaces the provider's entry."""
    command, earlier = ask.command, known.one(Provider)
    terms = {
        "provider_type": command.provider_type,
        "active_from": command.active_from,
        "active_through": command.active_through,
    }
    revision = earlier.revision + 1 if earlier else 1
    registered = ProviderRegistered(
        lea=command.lea, provider_id=command.provider_id, revision=revision, **terms
    )
    return verdict(_broken(known, ask), [registered])


def _broken(known: Known, ask: Ask[RegisterProvider]) -> Iterator[Finding]:
    command = ask.command
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    yield from no_lea(ask.actor)
    if command.lea != ask.actor.lea:
        yield rules.PROVIDER_OF_ANOTHER.broken(at="lea", lea=LEAS.label(command.lea))
    else:  # other LEAs learn nothing about the record
        yield from moved_on(known, command, Provider, fields=differing(known.one(Provider), command))
    if command.active_through is not None and command.active_through < command.active_from:
        yield rules.PROVIDER_LEAVES_EARLY.broken(
            at="active_through", day=command.active_through, since=command.active_from
        )


def unavailable(known: Known, ask: Ask[AddService]) -> Iterator[Finding]:
    """The finding that the provider does not work for the sender's LEA on the service's first day."""
    terms, lea = ask.command.terms, ask.actor.lea
    if not terms.provider_id:
        return
    provider = known.of(subject_of(lea, terms.provider_id)).one(Provider)
    if provider is None:
        yield rules.PROVIDER_UNKNOWN.broken(
            at="terms.provider_id", provider=terms.provider_id, lea=LEAS.label(lea)
        )
    elif not provider.active_on(terms.begin_on):
        yield rules.PROVIDER_NOT_ACTIVE.broken(
            at="terms.provider_id",
            provider=terms.provider_id,
            day=terms.begin_on,
            since=provider.active_from,
            through=provider.active_through or "further notice",
        )
