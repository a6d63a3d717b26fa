"""Moving a student to another school site of the LEA."""

from datetime import timedelta

import pytest

from contracts.access import Actor, Role
from contracts.decision import Decision, Refused
from contracts.jurisdiction import SchoolTransferred, TransferSchool
from contracts.message import Record
from services.jurisdiction.domain import DECIDERS
from tests.unit.events import AUGUST, JEFFERSON, OCTOBER, ORLEANS, SEPTEMBER, claimed, directory
from tests.unit.jurisdiction.events import requested, school_transfer
from tests.unit.scenario import TODAY, actor, codes, decide_with, new_records


def decide(past: list[Record], command: TransferSchool, by: Actor | None = None) -> Decision:
    """The decision on a school transfer, by default of Orleans."""
    sender = by or actor(ORLEANS)
    return decide_with(DECIDERS, [directory(sender.lea), *past], command, by=sender)


def test_school_transfer() -> None:
    """The owner moves the student. Jurisdiction keeps the earlier stay, and the spell goes on."""
    (moved,) = new_records(decide([claimed()], school_transfer("036002", SEPTEMBER)))
    assert isinstance(moved, SchoolTransferred)
    assert [(stay.school, stay.begin_on) for stay in moved.schools] == [
        ("036001", AUGUST),
        ("036002", SEPTEMBER),
    ]
    assert (moved.revision, moved.lea, moved.end_on) == (2, ORLEANS, None)


def test_a_spell_that_has_moved_on() -> None:
    """Jurisdiction refuses a school transfer based on an older revision, and names the changed fields."""
    (moved,) = new_records(decide([claimed()], school_transfer("036002", SEPTEMBER)))
    later = school_transfer("036001", OCTOBER).model_copy(update={"on_revision": 1})
    decision = decide([moved], later)
    assert isinstance(decision, Refused)
    assert [(finding.code, finding.facts["fields"]) for finding in decision.findings] == [
        ("MSG-031", "begin_on, school")
    ]
    new_records(decide([moved], later.model_copy(update={"on_revision": 2})))
    assert codes(decide([moved], later, by=actor(JEFFERSON))) >= {"ACC-005"}
    assert "MSG-031" not in codes(decide([moved], later, by=actor(JEFFERSON)))


def test_back_to_the_first_school() -> None:
    """A student may return to a school attended before."""
    (moved,) = new_records(decide([claimed()], school_transfer("036002", SEPTEMBER)))
    (back,) = new_records(decide([moved], school_transfer("036001", OCTOBER)))
    assert isinstance(back, SchoolTransferred)
    assert [stay.school for stay in back.schools] == ["036001", "036002", "036001"]


def test_while_a_claim_is_decided() -> None:
    """While another LEA's claim is undecided, the owner may still move the student."""
    new_records(decide([claimed(), requested()], school_transfer()))


def test_nobody_owns_the_student() -> None:
    """Without an owner jurisdiction refuses a school transfer at once: it has decided all earlier claims."""
    decision = decide([], school_transfer())
    assert isinstance(decision, Refused)
    assert codes(decision) == {"REC-002"}


def test_same_school() -> None:
    """Jurisdiction refuses to move a student to the present school."""
    assert codes(decide([claimed()], school_transfer("036001"))) == {"JUR-013"}


@pytest.mark.parametrize("earlier", [timedelta(0), timedelta(days=1)])
def test_before_the_last_stay(earlier: timedelta) -> None:
    """A stay begins after the stay before it."""
    assert codes(decide([claimed()], school_transfer(begin_on=AUGUST - earlier))) == {"JUR-014"}


def test_school_of_another_lea() -> None:
    """A school transfer stays within the LEA. A student moves to another LEA by a claim."""
    assert codes(decide([claimed()], school_transfer("026001"))) == {"JUR-007"}


def test_too_far_ahead() -> None:
    """A stay may begin within a year from today, not later."""
    assert codes(decide([claimed()], school_transfer(begin_on=TODAY + timedelta(days=367)))) == {"REC-004"}


def test_another_lea() -> None:
    """Only the owner may move the student. Another LEA learns the owner and no school."""
    decision = decide([claimed()], school_transfer("026001", AUGUST), by=actor(JEFFERSON))
    assert codes(decision) == {"ACC-005"}
    assert isinstance(decision, Refused)
    assert "Orleans" in decision.findings[0].message


def test_reader() -> None:
    """A reader cannot move a student, and the refusal names all other broken rules."""
    decision = decide([claimed()], school_transfer("036001"), by=actor(ORLEANS, Role.READER))
    assert codes(decision) == {"ACC-004", "JUR-013"}
