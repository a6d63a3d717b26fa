"""The facts that ieps keeps from other services' events."""

from typing import ClassVar

from contracts.decision import Known, Reaction
from contracts.message import Movable, OfStudent
from contracts.students import Guardian
from contracts.types import GuardianId


class KnownGuardian(OfStudent, Movable):
    """A saved parent or guardian, by id. Only `students` keeps the person."""

    kind: ClassVar[str] = Guardian.kind

    guardian_id: GuardianId

    @property
    def record_id(self) -> str:
        return str(self.guardian_id)


def note_guardian(known: Known, event: Guardian) -> Reaction:
    """Keep that the student has a parent or guardian. From now on evaluations and IEPs can begin."""
    return [KnownGuardian.noted(event)]
