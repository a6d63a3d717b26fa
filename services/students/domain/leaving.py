"""A student leaves an LEA: the service keeps a copy of the record, which that LEA may still read."""

from typing import ClassVar

from contracts.decision import Known, Reaction
from contracts.facts import note_spell
from contracts.jurisdiction import Spell
from contracts.leaving import left_by
from contracts.message import OfStudent, Record
from contracts.students import Guardian, Student
from contracts.types import SpellId


class AsLeft(OfStudent, Record):
    """The student, parents and guardians as they were when a spell ended."""

    kind: ClassVar[str] = "as_left"
    apart: ClassVar[bool] = True

    spell_id: SpellId
    student: Student
    guardians: tuple[Guardian, ...]

    @property
    def record_id(self) -> str:
        return str(self.spell_id)


def note_owner(known: Known, event: Spell) -> Reaction:
    """Keep who owns the student. If a spell has ended, keep a copy of the record as it is now."""
    student = known.one(Student)
    spells = left_by(known, event) if student else ()
    return [
        *note_spell(known, event),
        *(
            AsLeft(
                student_id=event.student_id,
                revision=1,
                spell_id=spell.spell_id,
                student=student,
                guardians=tuple(known.all(Guardian)),
            )
            for spell in spells
        ),
    ]
