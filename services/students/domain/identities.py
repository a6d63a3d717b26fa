"""Mirrors eScholar: the newest snapshot of the person with a State ID. Users correct it in eScholar only."""

import re
from collections.abc import Iterator

from contracts.decision import Known, Reaction
from contracts.identity import Identity
from contracts.students import Student, StudentCorrected
from services.students.domain.facts import UnreadIdentity

_STATE_ID = re.compile(r"[0-9]{10}")


def mirror(known: Known, event: Identity) -> Reaction:
    """Keep the snapshot. If the person is already a student, correct each student record that stands here."""
    return [_snapshot(event), *_correction(known, event)]


def note_unreadable(known: Known, subject: str, revision: int | None, reason: str) -> Reaction:
    """Record that SER could not read a message from eScholar about this State ID, and the reason.

    If the message's revision is unreadable too, the message counts as the one after the newest.
    """
    if not _STATE_ID.fullmatch(subject):
        return []
    newest = known.revision(Identity.kind, "")
    return [UnreadIdentity(student_id=subject, revision=revision or newest + 1, reason=reason)]


def unreadable(known: Known) -> UnreadIdentity | None:
    """The unreadable message from eScholar, until SER has read one of its revision or a later one."""
    unread = known.one(UnreadIdentity)
    return unread if unread and unread.revision > known.revision(Identity.kind, "") else None


def _snapshot(event: Identity) -> Identity:
    return Identity(
        student_id=event.student_id, revision=event.revision, person=event.person, aliases=event.aliases
    )


def _correction(known: Known, event: Identity) -> Iterator[StudentCorrected]:
    """The corrected student, also for an equal person: every order of snapshots gives the same student."""
    for student in known.all(Student):
        if student.belongs_to is None and event.revision <= student.identity_revision:
            continue
        yield StudentCorrected.of(student, person=event.person, identity_revision=event.revision)
