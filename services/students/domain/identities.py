"""Mirroring eScholar: the newest snapshot of who bears a State ID. Corrections are made there, never here."""

import re
from collections.abc import Iterator

from contracts.decision import Known, Reaction
from contracts.identity import Identity
from contracts.students import Student, StudentCorrected
from services.students.domain.facts import UnreadIdentity

_STATE_ID = re.compile(r"[0-9]{10}")


def mirror(known: Known, event: Identity) -> Reaction:
    """Keep the snapshot; if the person is a student already, the student is corrected by it."""
    return [_snapshot(event), *_correction(known, event)]


def note_unreadable(known: Known, subject: str, revision: int | None, reason: str) -> Reaction:
    """Keep that a message of eScholar's about this State ID could not be read, and why.

    A message whose own revision cannot be read either counts as the one after the newest.
    """
    if not _STATE_ID.fullmatch(subject):
        return []
    newest = known.revision(Identity.kind, "")
    return [UnreadIdentity(student_id=subject, revision=revision or newest + 1, reason=reason)]


def unreadable(known: Known) -> UnreadIdentity | None:
    """The message of eScholar's that could not be read, as long as none of its revision or later was."""
    unread = known.one(UnreadIdentity)
    return unread if unread and unread.revision > known.revision(Identity.kind, "") else None


def _snapshot(event: Identity) -> Identity:
    return Identity(
        student_id=event.student_id, revision=event.revision, person=event.person, aliases=event.aliases
    )


def _correction(known: Known, event: Identity) -> Iterator[StudentCorrected]:
    """Said even if the person reads the same, so that every order of snapshots ends in the same student."""
    student = known.one(Student)
    if student and student.identity_revision < event.revision:
        yield StudentCorrected.of(student, person=event.person, identity_revision=event.revision)
