"""The facts that students keeps from other services' events."""

from datetime import date
from typing import ClassVar

from contracts.decision import Known, Reaction
from contracts.message import OfStudent, Record
from contracts.provision import Service
from contracts.types import ServiceId


class KnownService(OfStudent, Record):
    """A service of the student, and its last day."""

    kind: ClassVar[str] = Service.kind

    service_id: ServiceId
    end_on: date | None = None

    @property
    def record_id(self) -> str:
        return str(self.service_id)


class UnreadIdentity(OfStudent, Record):
    """A message from eScholar that SER could not read. `revision` is the message's own.

    `reason` names the field, never its value.
    """

    kind: ClassVar[str] = "unread_identity"

    reason: str


def note_service(known: Known, event: Service) -> Reaction:
    """Keep whether the service is open, for the Open Services column."""
    return [
        KnownService(
            student_id=event.student_id,
            revision=event.revision,
            service_id=event.service_id,
            end_on=event.end_on,
        )
    ]
