"""What students keeps of what other services say."""

from datetime import date
from typing import ClassVar

from contracts.decision import Known, Reaction
from contracts.jurisdiction import Spell
from contracts.message import Record
from contracts.provision import Service
from contracts.types import LeaCode, ServiceId, SpellId


class KnownSpell(Record):
    """A time in the jurisdiction of one LEA."""

    kind: ClassVar[str] = Spell.kind

    spell_id: SpellId
    lea: LeaCode
    begin_on: date
    end_on: date | None = None

    @property
    def thing(self) -> str:
        return str(self.spell_id)


class KnownService(Record):
    """That the student receives a service, and when it ended."""

    kind: ClassVar[str] = Service.kind

    service_id: ServiceId
    end_on: date | None = None

    @property
    def thing(self) -> str:
        return str(self.service_id)


def note_spell(known: Known, event: Spell) -> Reaction:
    """Remember which LEA has the student, since when and until when."""
    return [
        KnownSpell(
            student_id=event.student_id,
            revision=event.revision,
            spell_id=event.spell_id,
            lea=event.lea,
            begin_on=event.begin_on,
            end_on=event.end_on,
        )
    ]


def note_service(known: Known, event: Service) -> Reaction:
    """Remember whether the service is open, for the Open Services column."""
    return [
        KnownService(
            student_id=event.student_id,
            revision=event.revision,
            service_id=event.service_id,
            end_on=event.end_on,
        )
    ]
