"""What SER has recorded of a service's sessions, and of a provider. The store finds it for one decision.

It gives warnings only: it may be a moment old.
"""

from collections.abc import Iterator
from typing import ClassVar

from contracts.decision import Known
from contracts.errors import Finding
from contracts.message import OfProvider, OfStudent, Record
from contracts.provision import RegisterProvider, Service, TerminateService
from contracts.types import Day, ServiceId
from services.provision.domain import rules


class LastSession(OfStudent, Record):
    """The day of a service's last session that was given."""

    kind: ClassVar[str] = "last_session"

    service_id: ServiceId
    given_on: Day

    @property
    def record_id(self) -> str:
        return str(self.service_id)


class ProviderAtWork(OfProvider, Record):
    """How many open services name a provider, and the day of the provider's last session."""

    kind: ClassVar[str] = "provider_at_work"

    services: int
    last_given_on: Day | None = None


def sessions_after_end(known: Known, service: Service, command: TerminateService) -> Iterator[Finding]:
    """The warning that the service has sessions after its last day."""
    last = known.get(LastSession, service.service_id)
    if last and command.end_on < last.given_on:
        yield rules.SESSIONS_AFTER_END.broken(at="end_on", day=last.given_on, until=command.end_on)


def still_at_work(known: Known, command: RegisterProvider) -> Iterator[Finding]:
    """The warnings that the provider gave sessions after the last day, or that open services name the
    provider, whom the LEA has no longer from the day after."""
    at_work, through = known.one(ProviderAtWork), command.active_through
    if at_work is None or through is None:
        return
    provider, last = command.provider_id, at_work.last_given_on
    if last and through < last:
        yield rules.SESSIONS_AFTER_LEAVING.broken(
            at="active_through", provider=provider, day=last, through=through
        )
    if at_work.services:
        yield rules.SERVICES_NAME_PROVIDER.broken(
            at="active_through", provider=provider, through=through, count=at_work.services
        )
