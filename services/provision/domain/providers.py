"""Providers: an LEA registers its providers, and a service names the ones who give it."""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum

from contracts.access import Actor, Role
from contracts.codes import LEAS, SERVICES
from contracts.decision import Ask, Decision, Known, verdict
from contracts.errors import ROLE_MISSING, Finding
from contracts.facts import no_lea
from contracts.provision import (
    AddService,
    ChangeServiceTerms,
    Provider,
    ProviderRegistered,
    RegisterProvider,
    ServiceTerms,
)
from contracts.revisions import differing, moved_on
from contracts.types import LeaCode, StaffId
from services.provision.domain import rules
from services.provision.domain.recorded import still_at_work


class Part(StrEnum):
    """The part that somebody in the directory of the LEA has in a service: the term that names the number."""

    PROVIDER = "provider_id"
    TEACHER_OF_RECORD = "teacher_of_record"


def looks_at(command: AddService | ChangeServiceTerms, actor: Actor) -> Iterable[str]:
    """The provider and the teacher of record of the service, under the sender's LEA."""
    numbers = (getattr(command.terms, name) for name in Part)
    return dict.fromkeys(subject_of(actor.lea, number) for number in numbers if number)


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
        "certified_for": tuple(dict.fromkeys(command.certified_for)),
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
        yield from still_at_work(known, command)
    if command.active_through is not None and command.active_through < command.active_from:
        yield rules.PROVIDER_LEAVES_EARLY.broken(
            at="active_through", day=command.active_through, since=command.active_from
        )


def unavailable(known: Known, lea: LeaCode, terms: ServiceTerms, day: date) -> Iterator[Finding]:
    """The findings that the provider or the teacher of record does not work for the LEA on a day."""
    for name in Part:
        if number := getattr(terms, name):
            yield from not_there(known, lea, number, day, at=f"terms.{name}")


def not_there(known: Known, lea: LeaCode, number: StaffId, day: date, *, at: str) -> Iterator[Finding]:
    """The finding that the directory of an LEA does not have a provider on a day."""
    provider = known.of(subject_of(lea, number)).one(Provider)
    if provider is None:
        yield rules.PROVIDER_UNKNOWN.broken(at=at, provider=number, lea=LEAS.label(lea))
    elif not provider.active_on(day):
        yield rules.PROVIDER_NOT_ACTIVE.broken(
            at=at,
            provider=number,
            day=day,
            since=provider.active_from,
            through=provider.active_through or "further notice",
        )


def uncertified(
    known: Known, lea: LeaCode, terms: ServiceTerms, *, at: str = "terms.provider_id"
) -> Iterator[Finding]:
    """The warning that the directory does not have the provider as certified for the service."""
    if not terms.provider_id:
        return
    provider = known.of(subject_of(lea, terms.provider_id)).one(Provider)
    if provider and provider.lacks(terms.service_code):
        yield rules.NOT_CERTIFIED.broken(
            at=at,
            lea=LEAS.label(lea),
            provider=terms.provider_id,
            service=SERVICES.label(terms.service_code),
        )
