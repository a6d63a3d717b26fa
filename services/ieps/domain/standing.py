"""What must hold before `ieps` does anything: student added, guardian saved, the asking LEA the owner."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from contracts.access import Role
from contracts.codes import LEAS
from contracts.decision import Ask, Known, Refused, Waiting
from contracts.errors import NOT_OWNER, ROLE_MISSING, Finding
from contracts.facts import KnownStudent, owner
from services.ieps.domain import rules
from services.ieps.domain.facts import KnownGuardian

_FURTHEST_AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Standing:
    """The asking LEA owns the student and may know the record. `found`: what is wrong with the command."""

    birth_on: date
    found: tuple[Finding, ...]


def standing(
    known: Known,
    ask: Ask[Any],
    *,
    dates: Iterable[str] = (),
    role: Role = Role.WRITER,
    also: Iterable[Finding] = (),
) -> Standing | Waiting | Refused:
    """Where the asking LEA stands with the student; `dates` are the command's fields to check.

    What no fact can mend is refused at once, and what another service is about to say is awaited. To an LEA
    that is not the owner nothing is said about the record.
    """
    days = {field: day for field in dates if (day := getattr(ask.command, field))}
    unfit = (*_unfit(ask, days, role), *also)
    student, lea = known.one(KnownStudent), owner(known)
    if lea and lea != ask.actor.lea:
        return Refused((*unfit, NOT_OWNER.broken(owner=LEAS.label(lea))))
    if student is None or lea is None or not known.all(KnownGuardian):
        return Refused(unfit) if unfit else Waiting(next(_awaited(known)))
    return Standing(student.birth_on, (*unfit, *_before_birth(student.birth_on, days)))


def _unfit(ask: Ask[Any], days: dict[str, date], role: Role) -> Iterator[Finding]:
    if not ask.actor.has(role):
        yield ROLE_MISSING.broken(role=role)
    for field, day in days.items():
        if day > ask.on + _FURTHEST_AHEAD:
            yield rules.TOO_FAR_AHEAD.broken(at=field, day=day)


def _before_birth(birth_on: date, days: dict[str, date]) -> Iterator[Finding]:
    for field, day in days.items():
        if day < birth_on:
            yield rules.BEFORE_BIRTH.broken(at=field, day=day)


def _awaited(known: Known) -> Iterator[Finding]:
    if known.one(KnownStudent) is None:
        yield rules.NOT_ADDED.broken(at="student_id")
    if not known.all(KnownGuardian):
        yield rules.NO_GUARDIAN.broken(at="student_id")
    yield rules.NOT_CLAIMED.broken(at="student_id")
