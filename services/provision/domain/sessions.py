"""The first session of a service. The law counts the days from the IEP to this day."""

from collections.abc import Iterator

from contracts.access import Role
from contracts.codes import LEAS
from contracts.dates import in_the_future
from contracts.decision import Ask, Decision, Known, Refused, verdict
from contracts.errors import NOT_OWNER, ROLE_MISSING, Finding
from contracts.provision import FirstSessionGiven, RecordFirstSession, Service
from contracts.revisions import moved_on
from services.provision.domain import rules
from services.provision.domain.facts import responsible


def record_first_session(known: Known, ask: Ask[RecordFirstSession]) -> Decision:
    """The LEA that gives the service, or gave it to a student whom it still has, records the first day."""
    command = ask.command
    service = known.get(Service, command.service_id)
    if service is None:
        unknown = rules.UNKNOWN_SERVICE.broken(at="service_id", service=command.service_id)
        return Refused((*_unfit(ask), unknown))
    given = FirstSessionGiven.of(service, first_given_on=command.given_on)
    return verdict(_broken(known, service, ask), [given])


def _unfit(ask: Ask[RecordFirstSession]) -> Iterator[Finding]:
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    yield from in_the_future(ask.command.given_on, ask.on, at="given_on")


def _broken(known: Known, service: Service, ask: Ask[RecordFirstSession]) -> Iterator[Finding]:
    command, given_on = ask.command, ask.command.given_on
    yield from _unfit(ask)
    answers = responsible(known, service, ask.on)
    if ask.actor.lea != service.lea or answers != service.lea:
        yield NOT_OWNER.broken(owner=LEAS.label(answers))
        return  # other LEAs do not learn the dates of the service
    changed = () if service.first_given_on == given_on else ("given_on",)
    yield from moved_on(known, command, Service, service.service_id, fields=changed)
    if given_on < service.terms.begin_on:
        yield rules.GIVEN_BEFORE_BEGIN.broken(at="given_on", day=given_on, since=service.terms.begin_on)
    if service.end_on and given_on > service.end_on:
        yield rules.GIVEN_AFTER_END.broken(at="given_on", day=given_on, until=service.end_on)
