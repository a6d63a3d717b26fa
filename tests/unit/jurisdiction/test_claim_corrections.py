"""Correcting the first day, the school site or the local student ID of a claim."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.access import Actor, Role
from contracts.decision import Decision, Refused, Waiting
from contracts.jurisdiction import ClaimCorrected, CorrectClaim, JurisdictionEnded, Spell
from contracts.message import Record
from services.jurisdiction.domain import DECIDERS
from tests.unit.events import (
    AUGUST,
    BORN,
    CADDO,
    JEFFERSON,
    OCTOBER,
    ORLEANS,
    SEPTEMBER,
    claimed,
    directory,
    ended,
    moved_to,
)
from tests.unit.jurisdiction.events import FIRST, OFFICE, ONE_DAY, SECOND, STUDENT_HERE, requested
from tests.unit.scenario import STUDENT, TODAY, actor, codes, decide_with, new_records

PAST: list[Record] = [STUDENT_HERE, directory(JEFFERSON), directory(ORLEANS), FIRST, SECOND]


def decide(past: list[Record], spell: Spell, by: Actor | None = None, **fields: Any) -> Decision:
    """The decision on the correction of a claim, by default by the LEA that made it."""
    command = CorrectClaim(student_id=STUDENT, spell_id=spell.spell_id, reason="a typing error", **fields)
    return decide_with(DECIDERS, past, command, by=by or actor(spell.lea))


@pytest.mark.parametrize("day", [SEPTEMBER - 3 * ONE_DAY, SEPTEMBER + 3 * ONE_DAY])
def test_the_wrong_first_day(day: date) -> None:
    """The LEA corrects its first day. The jurisdiction before it ends on the day before."""
    corrected, before = new_records(decide(PAST, SECOND, begin_on=day))
    assert isinstance(corrected, ClaimCorrected)
    assert (corrected.begin_on, corrected.schools[0].begin_on) == (day, day)
    assert corrected.correction_reason == "a typing error"
    assert isinstance(before, JurisdictionEnded)
    assert (before.spell_id, before.end_on) == (FIRST.spell_id, day - ONE_DAY)


def test_the_wrong_school_and_local_id() -> None:
    """The LEA corrects the school site and the local student ID. A blank field stays as it is."""
    (school,) = new_records(decide(PAST, SECOND, school="026002"))
    assert isinstance(school, ClaimCorrected)
    assert (school.schools[0].school, school.begin_on) == ("026002", SEPTEMBER)
    (number,) = new_records(decide(PAST, SECOND, local_student_id="J-78"))
    assert isinstance(number, ClaimCorrected)
    assert (number.local_student_id, number.schools) == ("J-78", SECOND.schools)


def test_the_state_office() -> None:
    """The state office corrects the claim of any LEA. The LEA's directory decides about the school site."""
    (corrected,) = new_records(decide(PAST, SECOND, by=OFFICE, school="026002"))
    assert isinstance(corrected, ClaimCorrected)
    assert codes(decide(PAST, SECOND, by=OFFICE, school="036001")) == {"JUR-007"}
    earlier, _ = new_records(decide(PAST, SECOND, by=OFFICE, begin_on=SEPTEMBER - ONE_DAY))
    assert isinstance(earlier, ClaimCorrected)


def test_others() -> None:
    """Another LEA, and a reader, correct nothing."""
    assert codes(decide(PAST, SECOND, by=actor(ORLEANS), school="036002")) == {"JUR-026"}
    assert codes(decide(PAST, SECOND, by=actor(JEFFERSON, Role.READER), school="026002")) == {"ACC-004"}


def test_school_sites() -> None:
    """The school site is one of the LEA's directory. Without a directory the command waits."""
    assert codes(decide(PAST, SECOND, school="036001")) == {"JUR-007"}
    assert codes(decide(PAST, SECOND, school="026999")) == {"JUR-016"}
    waiting = decide([STUDENT_HERE, FIRST, SECOND], SECOND, school="026002")
    assert isinstance(waiting, Waiting)
    assert waiting.reason.code == "JUR-018"


def test_the_order_of_the_spells_stays() -> None:
    """The first day is after the one of the LEA before, and not after the claim's own last day."""
    second = ended(SECOND, OCTOBER - ONE_DAY)
    past = [*PAST[:4], second, claimed(CADDO, begin_on=OCTOBER, under="the third claim")]
    assert codes(decide(past, second, begin_on=AUGUST)) == {"JUR-006"}
    assert codes(decide(past, second, begin_on=OCTOBER)) == {"JUR-029"}


def test_after_a_closed_jurisdiction() -> None:
    """The first day stays after the last day that the LEA before recorded."""
    closed = FIRST.model_copy(update={"closed_on": FIRST.end_on, "end_reason": "left the state"})
    assert codes(decide([*PAST[:3], closed, SECOND], SECOND, begin_on=SEPTEMBER - ONE_DAY)) == {"JUR-022"}


def test_before_the_next_school() -> None:
    """The first day is before the student's next school transfer, and the school another one."""
    moved = moved_to(SECOND, "026002", OCTOBER)
    assert codes(decide([*PAST[:4], moved], moved, begin_on=OCTOBER)) == {"JUR-030"}
    assert codes(decide([*PAST[:4], moved], moved, school="026002")) == {"JUR-013"}


def test_days_out_of_reach() -> None:
    """The first day is not before birth and within a year from today."""
    past = [STUDENT_HERE, directory(ORLEANS), claimed()]
    assert codes(decide(past, claimed(), begin_on=BORN - ONE_DAY)) == {"REC-003"}
    assert codes(decide(past, claimed(), begin_on=TODAY + timedelta(days=367))) == {"REC-004"}


def test_nothing_to_correct() -> None:
    """A correction that changes nothing is refused."""
    assert codes(decide(PAST, SECOND, begin_on=SEPTEMBER)) == {"JUR-028"}
    assert codes(decide(PAST, SECOND)) == {"JUR-028"}


def test_a_claim_that_has_moved_on() -> None:
    """A correction based on an older revision is refused; the finding names the fields."""
    moved = moved_to(SECOND, "026003", OCTOBER)
    decision = decide([*PAST[:4], moved], moved, school="026002", on_revision=1)
    assert isinstance(decision, Refused)
    assert [(found.code, found.facts["fields"]) for found in decision.findings] == [("MSG-031", "school")]


def test_while_another_claim_is_being_decided() -> None:
    """While SER decides another claim on the student, nobody corrects one."""
    asked = requested(CADDO, begin_on=OCTOBER, under="another")
    assert codes(decide([*PAST, asked], SECOND, school="026002")) == {"JUR-005"}
