"""What ieps keeps of what other services say."""

from typing import ClassVar

from contracts.decision import Known, Reaction
from contracts.message import OfStudent, Record
from contracts.students import Guardian
from contracts.types import GuardianId


class KnownGuardian(OfStudent, Record):
    """That a parent or guardian was saved. Who it is, only `students` keeps."""

    kind: ClassVar[str] = Guardian.kind

    guardian_id: GuardianId

    @property
    def record_id(self) -> str:
        return str(self.guardian_id)


def note_guardian(known: Known, event: Guardian) -> Reaction:
    """Remember that a parent or guardian was saved: evaluations and IEPs are open from here on."""
    return [
        KnownGuardian(student_id=event.student_id, revision=event.revision, guardian_id=event.guardian_id)
    ]
