"""Parents and guardians. The owner saves one after its claim, before any evaluation, IEP or service."""

from collections.abc import Iterator

from contracts.access import Role
from contracts.decision import Accepted, Ask, Decision, Known, Refused, Waiting
from contracts.errors import NOT_ADDED, NOT_CLAIMED, ROLE_MISSING, Finding
from contracts.facts import owner
from contracts.revisions import differing, moved_on
from contracts.students import Guardian, GuardianSaved, SaveGuardian, Student
from services.students.domain import rules
from services.students.domain.ownership import of_another_lea

MOST_GUARDIANS = 10


def save_guardian(known: Known, ask: Ask[SaveGuardian]) -> Decision:
    """The owner adds a parent or guardian, or replaces the details of the one with that id."""
    if broken := tuple(_broken(known, ask)):
        return Refused(broken)
    if known.one(Student) is None:
        return Waiting(NOT_ADDED.broken(at="student_id"))
    if owner(known) is None:
        return Waiting(NOT_CLAIMED.broken(at="student_id"))
    return Accepted([_saved(known, ask.command)])


def _saved(known: Known, command: SaveGuardian) -> GuardianSaved:
    earlier = known.get(Guardian, command.guardian_id)
    if earlier:
        return GuardianSaved.of(earlier, guardian=command.guardian)
    return GuardianSaved(
        student_id=command.student_id,
        revision=1,
        guardian_id=command.guardian_id,
        guardian=command.guardian,
    )


def _broken(known: Known, ask: Ask[SaveGuardian]) -> Iterator[Finding]:
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    yield from of_another_lea(known, ask)
    if owner(known) == ask.actor.lea:  # other LEAs learn nothing about the record
        yield from _unfit(known, ask.command)


def _unfit(known: Known, command: SaveGuardian) -> Iterator[Finding]:
    earlier = known.get(Guardian, command.guardian_id)
    if earlier is None and len(known.all(Guardian)) >= MOST_GUARDIANS:
        yield rules.TOO_MANY_GUARDIANS.broken(at="guardian_id", limit=MOST_GUARDIANS)
    fields = differing(earlier and earlier.guardian, command.guardian, at="guardian")
    yield from moved_on(known, command, Guardian, command.guardian_id, fields=fields)
