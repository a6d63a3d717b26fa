"""A student leaves an LEA: the service keeps a copy of the record, which that LEA may still read."""

from contracts.attachments import Attachment
from contracts.decision import Known, Reaction
from contracts.jurisdiction import Spell
from contracts.leaving import AsLeft, kept_of, left_by, number_of_copy
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
    student = _student(known, event)
    spells = left_by(known, event) if student else ()
    return [
        note_spell(event),
        *(
            StudentAsLeft(
                student_id=event.student_id,
                revision=number_of_copy(known, event),
                spell_id=spell.spell_id,
                student=student,
                guardians=tuple(kept_of(known, event, Guardian)),
                attachments=tuple(kept_of(known, event, Attachment)),
                attachment_labels=tuple(kept_of(known, event, AttachmentLabel)),
            )
            for spell in spells
        ),
    ]


def _student(known: Known, event: Spell) -> Student | None:
    """The student record of the spell's State ID; else the one that stands here."""
    kept = kept_of(known, event, Student)
    own = (one for one in kept if one.owned_by == event.owned_by)
    return next(own, None) or next(iter(kept), None)
