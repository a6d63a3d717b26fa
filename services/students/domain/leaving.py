"""A student leaves an LEA: the service keeps a copy of the record, which that LEA may still read."""

from contracts.attachments import Attachment
from contracts.decision import Known, Reaction
from contracts.jurisdiction import Spell
from contracts.leaving import AsLeft, left_by, number_of_copy
from contracts.students import Guardian, Student
from services.students.domain.attachments import AttachmentLabel
from services.students.domain.facts import note_spell


class StudentAsLeft(AsLeft):
    """The student, parents, guardians and attachments as they were when a spell ended."""

    student: Student
    guardians: tuple[Guardian, ...]
    attachments: tuple[Attachment, ...] = ()
    attachment_labels: tuple[AttachmentLabel, ...] = ()


def note_owner(known: Known, event: Spell) -> Reaction:
    """Keep who owns the student. If a spell has ended, keep a copy of the record as it is now."""
    student = known.one(Student)
    spells = left_by(known, event) if student else ()
    return [
        note_spell(event),
        *(
            StudentAsLeft(
                student_id=event.student_id,
                revision=number_of_copy(known, event),
                spell_id=spell.spell_id,
                student=student,
                guardians=tuple(known.all(Guardian)),
                attachments=tuple(known.all(Attachment)),
                attachment_labels=tuple(known.all(AttachmentLabel)),
            )
            for spell in spells
        ),
    ]
