"""Withdrawing a claim that was made in error. The days go back to the LEA that had them before."""

from datetime import date

import pytest

from contracts.access import STATE, Actor, Role
from contracts.decision import Accepted, Decision
from contracts.jurisdiction import (
    ClaimWithdrawn,
    JurisdictionEnded,
    JurisdictionResumed,
    Spell,
    WithdrawClaim,
)
from contracts.message import Record
from services.jurisdiction.domain import DECIDERS
from tests.unit.events import (
    AUGUST,
    CADDO,
    JEFFERSON,
    OCTOBER,
    ORLEANS,
    SEPTEMBER,
    claimed,
    directory,
    ended,
)
from tests.unit.jurisdiction.events import FIRST, OFFICE, ONE_DAY, SECOND, STUDENT_HERE, claim, requested
from tests.unit.scenario import STUDENT, actor, codes, decide_with, id_named, new_records


def decide(past: list[Record], spell: Spell, by: Actor | None = None) -> Decision:
    """The decision on the withdrawal of a claim, by default by the LEA that made it."""
    command = WithdrawClaim(student_id=STUDENT, spell_id=spell.spell_id, reason="the wrong child")
    return decide_with(DECIDERS, past, command, by=by or actor(spell.lea))


def test_the_owner_before_goes_on() -> None:
    """An LEA withdraws its claim. The jurisdiction of the LEA before it is open again."""
    withdrawn, resumed = new_records(decide([FIRST, SECOND], SECOND))
    assert isinstance(withdrawn, ClaimWithdrawn)
    assert (withdrawn.withdrawn, withdrawn.correction_reason) == (True, "the wrong child")
    assert isinstance(resumed, JurisdictionResumed)
    assert (resumed.spell_id, resumed.end_on) == (FIRST.spell_id, None)


def test_the_days_between_two_others() -> None:
    """The days of a withdrawn claim between two others belong to the LEA before it."""
    third = claimed(CADDO, begin_on=OCTOBER, under="the third claim")
    second = ended(SECOND, OCTOBER - ONE_DAY)
    _, longer = new_records(decide([FIRST, second, third], second))
    assert isinstance(longer, JurisdictionEnded)
    assert (longer.spell_id, longer.end_on) == (FIRST.spell_id, OCTOBER - ONE_DAY)


def test_two_leas_with_one_first_day() -> None:
    """The wrong LEA claimed first. It withdraws, and the right LEA claims from the same first day."""
    past: list[Record] = [STUDENT_HERE, directory(JEFFERSON), claimed()]
    again = claim(JEFFERSON, begin_on=AUGUST)
    assert codes(decide_with(DECIDERS, past, again, by=actor(JEFFERSON))) == {"JUR-006"}
    past += new_records(decide(past, claimed()))
    (taken,) = new_records(decide_with(DECIDERS, past, again, by=actor(JEFFERSON)))
    assert isinstance(taken, Spell)
    assert (taken.lea, taken.begin_on, taken.end_on) == (JEFFERSON, AUGUST, None)


def test_the_state_office() -> None:
    """The state office withdraws the claim of any LEA. Another LEA does not."""
    assert isinstance(decide([FIRST, SECOND], SECOND, by=OFFICE), Accepted)
    assert codes(decide([FIRST, SECOND], SECOND, by=actor(ORLEANS))) == {"JUR-026"}


def test_readers() -> None:
    """Only writers of the LEA withdraw."""
    assert codes(decide([FIRST, SECOND], SECOND, by=actor(JEFFERSON, Role.READER))) == {"ACC-004"}
    assert codes(decide([FIRST, SECOND], SECOND, by=actor(STATE, Role.AUDITOR))) == {"ACC-004", "JUR-026"}


def test_no_such_claim() -> None:
    """A claim that the student does not have, and one that is withdrawn already, cannot be withdrawn."""
    assert codes(decide([FIRST], SECOND)) == {"JUR-025"}
    (withdrawn, resumed) = new_records(decide([FIRST, SECOND], SECOND))
    assert codes(decide([withdrawn, resumed], SECOND)) == {"JUR-027"}


def test_while_another_claim_is_being_decided() -> None:
    """While SER decides another claim on the student, nobody withdraws one."""
    asked = requested(CADDO, begin_on=OCTOBER, under="another")
    assert codes(decide([FIRST, SECOND, asked], SECOND)) == {"JUR-005"}


@pytest.mark.parametrize("begin_on", [AUGUST, SEPTEMBER])
def test_the_lea_claims_again(begin_on: date) -> None:
    """After a withdrawal the LEA may claim again, also from the same day."""
    past: list[Record] = [STUDENT_HERE, directory(ORLEANS), *new_records(decide([claimed()], claimed()))]
    again = decide_with(DECIDERS, past, claim(ORLEANS, begin_on), by=actor(ORLEANS), under="another claim")
    (taken,) = new_records(again)
    assert isinstance(taken, Spell)
    assert taken.spell_id == id_named("another claim")
