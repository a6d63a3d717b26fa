"""Parents and guardians. The owner saves one after its claim, before any evaluation, IEP or service.

The owner may remove a guardian, but not the last one. The removed guardian's record stays.
"""

from collections.abc import Iterator, Sequence

from contracts.access import Role
from contracts.decision import Accepted, Ask, Decision, Known, Refused, Waiting
from contracts.errors import ROLE_MISSING, Finding
from contracts.facts import owner
from contracts.revisions import differing, moved_on
from contracts.students import (
    Guardian,
    GuardianRemoved,
    GuardianSaved,
    RemoveGuardian,
    SaveGuardian,
)
from services.students.domain import rules
from services.students.domain.ownership import of_another_lea, student_missing

MOST_GUARDIANS = 10


def save_guardian(known: Known, ask: Ask[SaveGuardian]) -> Decision:
    """The owner adds a parent or guardian, or replaces the details of the one with that id."""
    if broken := tuple(_broken(known, ask)):
        return Refused(broken)
    if missing := student_missing(known, ask.on):
        return Waiting(missing)
    return Accepted([_saved(known, ask.command)])


def remove_guardian(known: Known, ask: Ask[RemoveGuardian]) -> Decision:
    """The owner removes a parent or guardian. The record keeps the day and the reason."""
    broken = tuple(_not_removable(known, ask))
    missing = student_missing(known, ask.on)
    if missing and not broken:
        return Waiting(missing)
    guardian = known.get(Guardian, ask.command.guardian_id)
    if guardian is None or broken:
        return Refused(broken)
    return Accepted([GuardianRemoved.of(guardian, removed_on=ask.on, removal_reason=ask.command.reason)])


def present(known: Known) -> Sequence[Guardian]:
    """The parents and guardians whom nobody has removed."""
    return [one for one in known.all(Guardian) if one.removed_on is None]


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
    if owner(known, ask.on) == ask.actor.lea:  # other LEAs learn nothing about the record
        yield from _unfit(known, ask.command)


def _unfit(known: Known, command: SaveGuardian) -> Iterator[Finding]:
    earlier = known.get(Guardian, command.guardian_id)
    if earlier and earlier.removed_on:
        yield rules.GUARDIAN_REMOVED.broken(at="guardian_id", day=earlier.removed_on)
    if earlier is None and len(present(known)) >= MOST_GUARDIANS:
        yield rules.TOO_MANY_GUARDIANS.broken(at="guardian_id", limit=MOST_GUARDIANS)
    fields = differing(earlier and earlier.guardian, command.guardian, at="guardian")
    yield from moved_on(known, command, Guardian, command.guardian_id, fields=fields)


def _not_removable(known: Known, ask: Ask[RemoveGuardian]) -> Iterator[Finding]:
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    yield from of_another_lea(known, ask)
    if owner(known, ask.on) == ask.actor.lea and not student_missing(known, ask.on):  # others learn nothing
        yield from _kept(known, ask.command)


def _kept(known: Known, command: RemoveGuardian) -> Iterator[Finding]:
    """Why the guardian cannot be removed."""
    guardian = known.get(Guardian, command.guardian_id)
    if guardian is None:
        yield rules.UNKNOWN_GUARDIAN.broken(at="guardian_id")
    elif guardian.removed_on:
        yield rules.GUARDIAN_REMOVED.broken(at="guardian_id", day=guardian.removed_on)
    elif len(present(known)) == 1:
        yield rules.LAST_GUARDIAN.broken(at="guardian_id")
