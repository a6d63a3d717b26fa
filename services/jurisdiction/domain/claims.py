"""Claiming a student: at once if nobody owns the student, else by asking whether services are open there."""

from collections.abc import Iterator
from datetime import date

from contracts.access import STATE, Role
from contracts.codes import LEAS
from contracts.decision import Accepted, Ask, Begun, Decision, Known, Refused, Waiting
from contracts.errors import ROLE_MISSING, Finding
from contracts.facts import KnownStudent
from contracts.jurisdiction import (
    ClaimJurisdiction,
    SchoolStay,
    Spell,
    StudentClaimed,
    TransferRequested,
    TransferState,
)
from contracts.types import LeaCode, SchoolCode
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.facts import open_spell, pending_transfer

_SSN_DIGITS = 9


def claim(known: Known, ask: Ask[ClaimJurisdiction]) -> Decision:
    """The LEA of the token claims the student. If another LEA owns the student, provision's answer decides.

    What no fact can mend is refused at once; the rest waits until the student is known.
    """
    if broken := tuple(_broken(known, ask)):
        return Refused(broken)
    if known.one(KnownStudent) is None:
        return Waiting(rules.NOT_ADDED.broken(at="student_id"))
    owner = open_spell(known)
    if owner is None:
        return Accepted([_first_spell(ask)])
    return Begun([_request(owner, ask)], rules.ASKING_OWNER.broken(owner=LEAS.label(owner.lea)))


def _request(owner: Spell, ask: Ask[ClaimJurisdiction]) -> TransferRequested:
    return TransferRequested(
        student_id=owner.student_id,
        revision=1,
        claim_id=ask.command_id,
        state=TransferState.REQUESTED,
        from_lea=owner.lea,
        from_spell=owner.spell_id,
        to_lea=ask.actor.lea,
        begin_on=ask.command.begin_on,
        school=ask.command.school,
        local_student_id=ask.command.local_student_id,
    )


def _first_spell(ask: Ask[ClaimJurisdiction]) -> StudentClaimed:
    command = ask.command
    return StudentClaimed(
        student_id=command.student_id,
        revision=1,
        spell_id=ask.command_id,
        lea=ask.actor.lea,
        begin_on=command.begin_on,
        schools=(SchoolStay(school=command.school, begin_on=command.begin_on),),
        local_student_id=command.local_student_id,
    )


def _broken(known: Known, ask: Ask[ClaimJurisdiction]) -> Iterator[Finding]:
    command, lea = ask.command, ask.actor.lea
    if not ask.actor.has(Role.WRITER):
        yield ROLE_MISSING.broken(role=Role.WRITER)
    yield from _no_lea(lea)
    student = known.one(KnownStudent)
    if student and command.begin_on < student.birth_on:
        yield rules.BEFORE_BIRTH.broken(at="begin_on", day=command.begin_on)
    yield from too_far_ahead(command.begin_on, ask.on)
    if lea in LEAS:
        yield from outside(command.school, lea)
    if _ssn_shaped(command.local_student_id or ""):
        yield rules.SSN_SHAPED.broken(at="local_student_id")
    yield from _taken(known, ask)


def _no_lea(lea: LeaCode) -> Iterator[Finding]:
    """The finding that whoever claims is no school system; nothing can be said of its school sites then."""
    if lea == STATE:
        yield rules.STATE_OWNS_NOBODY.broken()
    elif lea not in LEAS:
        yield rules.LEA_UNKNOWN.broken(lea=lea)


def _taken(known: Known, ask: Ask[ClaimJurisdiction]) -> Iterator[Finding]:
    if pending := pending_transfer(known):
        yield rules.CLAIM_PENDING.broken(claimant=LEAS.label(pending.to_lea))
    owner = open_spell(known)
    if owner is None:
        return
    if owner.lea == ask.actor.lea:
        yield rules.ALREADY_OWNER.broken(owner=LEAS.label(owner.lea), since=owner.begin_on)
    elif ask.command.begin_on <= owner.begin_on:
        yield rules.BEGINS_TOO_EARLY.broken(
            at="begin_on", day=ask.command.begin_on, since=owner.begin_on, owner=LEAS.label(owner.lea)
        )


def outside(school: SchoolCode, lea: LeaCode) -> Iterator[Finding]:
    """The finding that a school site is not one of the LEA's."""
    if not school.startswith(lea):
        yield rules.SCHOOL_ELSEWHERE.broken(at="school", school=school, lea=lea)


def too_far_ahead(begin_on: date, today: date) -> Iterator[Finding]:
    """The finding that a begin date is more than a year in the future."""
    if begin_on > today + rules.FURTHEST_AHEAD:
        yield rules.TOO_FAR_AHEAD.broken(at="begin_on", day=begin_on)


def _ssn_shaped(local_id: str) -> bool:
    digits = local_id.replace("-", "")
    return len(digits) == _SSN_DIGITS and digits.isdecimal()
