"""Closing jurisdiction over a student whom no other LEA takes."""

from datetime import timedelta

import pytest

from contracts.access import Actor, Role
from contracts.decision import Accepted, Decision, Refused
from contracts.jurisdiction import CloseJurisdiction, EndReason, JurisdictionEnded, Spell, StudentClaimed
from contracts.message import Command, Record
from services.jurisdiction.domain import DECIDERS
from tests.unit.events import (
    AUGUST,
    JEFFERSON,
    ORLEANS,
    SEPTEMBER,
    claimed,
    directory,
    ended,
    moved_to,
)
from tests.unit.jurisdiction.events import claim, requested, school_transfer
from tests.unit.jurisdiction.test_claims import history
from tests.unit.scenario import STUDENT, TODAY, actor, codes, decide_with, new_records

LAST_DAY = AUGUST + timedelta(days=10)


def close(**changes: object) -> CloseJurisdiction:
    """A command of Orleans: the student left the state on August 20."""
    fields = {"student_id": STUDENT, "end_on": LAST_DAY, "reason": EndReason.LEFT_STATE} | changes
    return CloseJurisdiction.model_validate(fields)


def decide(past: list[Record], command: Command, by: Actor | None = None) -> Decision:
    """The decision on a command, by default of Orleans."""
    sites = [directory(ORLEANS), directory(JEFFERSON)]
    return decide_with(DECIDERS, [*sites, *past], command, by=by or actor(ORLEANS))


def owned(*more: Record) -> list[Record]:
    """Orleans owns the student since August; then `more`."""
    return history(claimed(), *more)


def closed() -> list[Record]:
    """Orleans closed its jurisdiction on August 20."""
    return owned(ended(claimed(), LAST_DAY, EndReason.LEFT_STATE))


def test_close() -> None:
    """The spell ends on the given day, with the reason. No other spell begins."""
    (gone,) = new_records(decide(owned(), close()))
    assert isinstance(gone, JurisdictionEnded)
    assert (gone.lea, gone.begin_on, gone.end_on, gone.revision) == (ORLEANS, AUGUST, LAST_DAY, 2)
    assert gone.end_reason is EndReason.LEFT_STATE


def test_a_planned_school_transfer() -> None:
    """A stay at a school site that was planned for later never begins."""
    (gone,) = new_records(decide(owned(moved_to(claimed(), "036002", SEPTEMBER)), close()))
    assert isinstance(gone, Spell)
    assert [stay.school for stay in gone.schools] == ["036001"]


def test_before_it_began() -> None:
    """Jurisdiction does not end before it began. It may end on its first day."""
    assert codes(decide(owned(), close(end_on=AUGUST - timedelta(days=1)))) == {"JUR-021"}
    assert isinstance(decide(owned(), close(end_on=AUGUST)), Accepted)


def test_tomorrow() -> None:
    """An LEA closes its jurisdiction when the student has left, not before."""
    assert isinstance(decide(owned(), close(end_on=TODAY)), Accepted)
    assert codes(decide(owned(), close(end_on=TODAY + timedelta(days=1)))) == {"MSG-049"}


def test_nobody_owns_the_student() -> None:
    """Without an owner there is nothing to close: before the first claim, and after the end."""
    for past in (history(), closed()):
        decision = decide(past, close(), by=actor(ORLEANS, Role.READER))
        assert isinstance(decision, Refused)
        assert codes(decision) == {"REC-002", "ACC-004"}


@pytest.mark.parametrize("lea", [JEFFERSON, "LA"])
def test_another_lea(lea: str) -> None:
    """Only the owner closes its jurisdiction. Others learn no dates."""
    assert codes(decide(owned(), close(end_on=AUGUST - timedelta(days=1)), by=actor(lea))) == {"ACC-005"}


def test_while_a_claim_is_undecided() -> None:
    """While SER decides another LEA's claim, the owner cannot close its jurisdiction."""
    assert codes(decide(owned(requested()), close())) == {"JUR-005"}


# Afterwards


def test_a_later_claim() -> None:
    """Any LEA may claim the student again, from the day after. SER accepts the claim at once."""
    for lea in (ORLEANS, JEFFERSON):
        command = claim(lea, LAST_DAY + timedelta(days=1))
        decision = decide(closed(), command, by=actor(lea))
        assert isinstance(decision, Accepted)
        (spell,) = decision.records
        assert isinstance(spell, StudentClaimed)
        assert (spell.lea, spell.revision) == (lea, 1)


def test_a_claim_from_before_the_end() -> None:
    """A claim does not begin before the earlier jurisdiction has ended."""
    decision = decide(closed(), claim(JEFFERSON, LAST_DAY), by=actor(JEFFERSON))
    assert codes(decision) == {"JUR-022"}


def test_no_school_transfer_afterwards() -> None:
    """After the end the student attends no school site of the LEA."""
    assert codes(decide(closed(), school_transfer())) == {"REC-002"}
