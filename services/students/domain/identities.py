"""Mirroring eScholar: the newest snapshot of who bears a State ID. Corrections are made there, never here."""

from collections.abc import Iterator

from contracts.decision import Known, Reaction
from contracts.identity import Identity
from contracts.students import Student, StudentCorrected


def mirror(known: Known, event: Identity) -> Reaction:
    """Keep the snapshot; if the person is a student already, the student is corrected by it."""
    return [_snapshot(event), *_correction(known, event)]


def _snapshot(event: Identity) -> Identity:
    return Identity(
        student_id=event.student_id, revision=event.revision, person=event.person, aliases=event.aliases
    )


def _correction(known: Known, event: Identity) -> Iterator[StudentCorrected]:
    """Said even if the person reads the same, so that every order of snapshots ends in the same student."""
    student = known.one(Student)
    if student and student.identity_revision < event.revision:
        yield StudentCorrected.of(student, person=event.person, identity_revision=event.revision)
