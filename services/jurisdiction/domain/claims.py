"""Claiming a student. SER accepts at once if no LEA owns the student; else open services decide."""

from collections.abc import Iterator
from typing import Any

from contracts.access import Role
from contracts.codes import LEAS
from contracts.dates import before_birth, too_far_ahead
from contracts.decision import Accepted, Ask, Begun, Decision, Known, Refused, Waiting
from contracts.errors import NOT_ADDED, ROLE_MISSING, Finding
from contracts.facts import KnownStudent, no_lea
from contracts.jurisdiction import (
    ClaimJurisdiction,
    SchoolStay,
    Spell,
    StudentClaimed,
    Transfer,
    TransferRequested,
    TransferState,
)
from contracts.moving import heard
from services.jurisdiction.domain import rules
from services.jurisdiction.domain.dated_back import counts_moved
from services.jurisdiction.domain.facts import latest_spell, open_spell, pending_transfer
from services.jurisdiction.domain.sites import closed, unregistered
from services.jurisdiction.domain.transfers import spell_of


def claim(known: Known, ask: Ask[ClaimJurisdiction]) -> Decision:
    """The LEA of the token claims the student. If another LEA owns the student, provision's answer decides.

    The claim waits only for the student and for the school sites of the LEA.
    """
    if broken := tuple(_broken(known, ask)):
        return Refused(broken)
    if known.one(KnownStudent) is None:
        return Waiting(NOT_ADDED.broken(at="student_id"))
    if missing := unregistered(known, ask):
        return Waiting(missing)
    owner = open_spell(known)
    if owner is None:
        return Accepted([_new_spell(ask)])
    request = _request(known, owner, ask)
    counts = tuple(counts_moved(known.all(Spell), spell_of(request), ask.on, "begin_on"))
    request = request.model_copy(update={"findings": counts})
    return Begun([request], rules.CHECKING_SERVICES.broken(owner=LEAS.label(owner.lea)))


def _request(known: Known, owner: Spell, ask: Ask[ClaimJurisdiction]) -> TransferRequested:
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
        as_of=heard(known),
        **_goes_on(known, owner, ask),
    )


def _goes_on(known: Known, owner: Spell, ask: Ask[ClaimJurisdiction]) -> dict[str, Any]:
    """The days that a claim takes over from earlier ones of its LEA on the same owner: its clock goes on."""
    earlier = [
        one for one in known.all(Transfer) if one.to_lea == ask.actor.lea and one.from_spell == owner.spell_id
    ]
    names = ("waiting_since", "answered_on", "escalated_on")
    days = {name: [day for one in earlier if (day := getattr(one, name))] for name in names}
    days["waiting_since"].append(ask.on)
    return {name: min(found, default=None) for name, found in days.items()}


def _new_spell(ask: Ask[ClaimJurisdiction]) -> StudentClaimed:
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
    yield from no_lea(ask.actor)
    student = known.one(KnownStudent)
    if student:
        yield from before_birth(command.begin_on, student.birth_on, at="begin_on")
    yield from too_far_ahead(command.begin_on, ask.on, at="begin_on")
    if lea in LEAS:
        yield from closed(known, ask)
    yield from _taken(known, ask)


def _taken(known: Known, ask: Ask[ClaimJurisdiction]) -> Iterator[Finding]:
    if pending := pending_transfer(known):
        yield rules.CLAIM_PENDING.broken(claimant=LEAS.label(pending.to_lea))
    last = latest_spell(known)
    if last is None:
        return
    begin_on, owner = ask.command.begin_on, LEAS.label(last.lea)
    if last.end_on is not None:
        if begin_on <= last.end_on:
            yield rules.BEGINS_BEFORE_END.broken(at="begin_on", day=begin_on, until=last.end_on, owner=owner)
    elif last.lea == ask.actor.lea:
        yield rules.ALREADY_OWNER.broken(owner=owner, since=last.begin_on)
    elif begin_on <= last.begin_on:
        yield rules.BEGINS_TOO_EARLY.broken(at="begin_on", day=begin_on, since=last.begin_on, owner=owner)
