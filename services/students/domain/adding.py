"""Adding a student: an LEA adds a person from eScholar to the special-education record."""

from collections.abc import Iterator

from contracts.access import Role
from contracts.decision import Accepted, Ask, Decision, Known, Refused, Waiting
from contracts.errors import ROLE_MISSING, Finding
from contracts.facts import no_lea
from contracts.identity import Identity
from contracts.students import AddStudent, Student, StudentAdded
from services.students.domain import rules
from services.students.domain.identities import unreadable
from services.students.domain.profiles import since_birth, unfit
from services.students.domain.twins import likely_duplicates


def add(known: Known, ask: Ask[AddStudent]) -> Decision:
    """Any LEA may add any person, as in eScholar now. A command waits only for eScholar's message."""
    identity = known.one(Identity)
    if broken := tuple(_broken(known, identity, ask)):
        return Refused(broken)
    if identity is None:
        return Waiting(_not_known(known))
    warnings = (*_outdated(known), *likely_duplicates(known, ask.actor))
    return Accepted([_student(identity, ask)], warnings)


def _not_known(known: Known) -> Finding:
    if unread := unreadable(known):
        return rules.IDENTITY_UNREADABLE.broken(at="student_id", reason=unread.reason)
    return rules.IDENTITY_UNKNOWN.broken(at="student_id")


def _outdated(known: Known) -> Iterator[Finding]:
    if unread := unreadable(known):
        yield rules.CORRECTION_UNREADABLE.broken(at="student_id", reason=unread.reason)


def _student(identity: Identity, ask: Ask[AddStudent]) -> StudentAdded:
    return StudentAdded(
        student_id=identity.student_id,
        revision=1,
        person=identity.person,
        identity_revision=identity.revision,
        profile=since_birth(ask.command.profile, identity.person.birth_on),
        added_by=ask.actor.lea,
    )


def _broken(known: Known, identity: Identity | None, ask: Ask[AddStudent]) -> Iterator[Finding]:
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    yield from no_lea(ask.actor)
    if known.one(Student):
        yield rules.ALREADY_ADDED.broken(at="student_id")
    if identity and identity.person.birth_on > ask.on:
        yield rules.NOT_BORN_YET.broken(at="student_id")
    if identity:
        yield from unfit(ask.command.profile, identity.person.birth_on, ask.on)
