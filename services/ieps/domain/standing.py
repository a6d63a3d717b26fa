"""The conditions of every command to ieps: student added, guardian saved, the sender's LEA is the owner."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from contracts.access import STATE, Actor, Role
from contracts.codes import LEAS
from contracts.dates import before_birth, in_the_future, too_far_ahead
from contracts.decision import Ask, Known, Refused, Waiting
from contracts.errors import NOT_ADDED, NOT_CLAIMED, NOT_OWNER, ROLE_MISSING, Finding, Severity
from contracts.facts import KnownStudent, owner
from services.ieps.domain import iep_rules as rules
from services.ieps.domain.facts import KnownGuardian


@dataclass(frozen=True, slots=True)
class Standing:
    """The sender may change the student's record. `found`: the command's findings so far."""

    birth_on: date
    found: tuple[Finding, ...]


def standing(
    known: Known,
    ask: Ask[Any],
    *,
    dates: Iterable[str] = (),
    done: Iterable[str] = (),
    role: Role = Role.WRITER,
    state_may: bool = False,
    also: Iterable[Finding] = (),
) -> Standing | Waiting | Refused:
    """Check the conditions. `dates`: the command's date fields to check. `done`: those of things done, which
    are not after today. `state_may`: whether the state office may send the command, too.

    A command waits only for facts from other services. Any other error refuses it at once. An LEA that does
    not own the student learns nothing about the record.
    """
    by_state = state_may and _is_state(ask.actor)
    days, past = _filled(ask, dates), _filled(ask, done)
    role_missing = () if by_state or ask.actor.has(role) else (ROLE_MISSING.broken(role=role),)
    unfit = (*role_missing, *_ahead(ask, days, past), *also)
    days |= past
    student, lea = known.one(KnownStudent), owner(known, ask.on)
    if lea and lea != ask.actor.lea and not by_state:
        return Refused((*unfit, NOT_OWNER.broken(owner=LEAS.label(lea))))
    if student is None or lea is None or not known.all(KnownGuardian):
        return Refused(unfit) if _has_error(unfit) else Waiting(next(_awaited(known)))
    unborn = (before_birth(day, student.birth_on, at=field) for field, day in days.items())
    return Standing(student.birth_on, (*unfit, *chain.from_iterable(unborn)))


def _has_error(found: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in found)


def _is_state(actor: Actor) -> bool:
    return actor.lea == STATE and actor.has(Role.STATE)


def _filled(ask: Ask[Any], fields: Iterable[str]) -> dict[str, date]:
    return {field: day for field in fields if (day := getattr(ask.command, field))}


def _ahead(ask: Ask[Any], days: dict[str, date], past: dict[str, date]) -> Iterator[Finding]:
    for field, day in days.items():
        yield from too_far_ahead(day, ask.on, at=field)
    for field, day in past.items():
        yield from in_the_future(day, ask.on, at=field)


def _awaited(known: Known) -> Iterator[Finding]:
    if known.one(KnownStudent) is None:
        yield NOT_ADDED.broken(at="student_id")
    if not known.all(KnownGuardian):
        yield rules.NO_GUARDIAN.broken(at="student_id")
    yield NOT_CLAIMED.broken(at="student_id")
