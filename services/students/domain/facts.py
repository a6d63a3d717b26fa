"""The facts that students keeps from other services' events."""

from datetime import date
from typing import ClassVar

from contracts.decision import Known, Reaction
from contracts.facts import KnownSpell
from contracts.jurisdiction import SchoolStay, Spell
from contracts.message import Movable, OfStudent, Record
from contracts.provision import Service
from contracts.types import LocalStudentId, ServiceId


class SpellWithSchools(KnownSpell):
    """A spell with the school sites and the LEA's own number for the student, which the search shows."""

    kind: ClassVar[str] = Spell.kind

    schools: tuple[SchoolStay, ...] = ()
    local_student_id: LocalStudentId | None = None


class KnownService(OfStudent, Movable):
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
    return [KnownService.noted(event)]


def note_spell(event: Spell) -> SpellWithSchools:
    """Keep who owns the student, or owned the student until when, and at which school sites."""
    return SpellWithSchools.noted(event)
