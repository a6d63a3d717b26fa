"""Saving a student's profile: what an LEA keeps of a student besides the demographic fields."""

from collections.abc import Iterator

from contracts.access import Role
from contracts.decision import Accepted, Ask, Decision, Known, Refused, Waiting
from contracts.errors import NOT_ADDED, NOT_CLAIMED, ROLE_MISSING, Finding
from contracts.facts import keepers, owner
from contracts.students import ProfileSaved, SaveProfile, Student
from services.students.domain.ownership import of_another_lea


def save_profile(known: Known, ask: Ask[SaveProfile]) -> Decision:
    """The owning LEA replaces the profile; until an LEA has claimed, the one that added the student does."""
    student = known.one(Student)
    if broken := tuple(_broken(known, ask)):
        return Refused(broken)
    if student is None:
        return Waiting(NOT_ADDED.broken(at="student_id"))
    if owner(known) is None and not _just_added(known, student, ask):
        return Waiting(NOT_CLAIMED.broken(at="student_id"))
    return Accepted([ProfileSaved.of(student, profile=ask.command.profile)])


def _just_added(known: Known, student: Student, ask: Ask[SaveProfile]) -> bool:
    """Whether the LEA that asks added the student, and no LEA has claimed the student since."""
    return not keepers(known) and student.added_by == ask.actor.lea


def _broken(known: Known, ask: Ask[SaveProfile]) -> Iterator[Finding]:
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    yield from of_another_lea(known, ask)
