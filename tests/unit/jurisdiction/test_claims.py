"""Claiming a student."""

from datetime import date, timedelta

import pytest

from contracts.access import Actor, Role
from contracts.decision import Accepted, Begun, Decision, Refused, Waiting
from contracts.errors import Severity
from contracts.jurisdiction import ClaimJurisdiction, StudentClaimed, TransferRequested, TransferState
from contracts.message import Record
from services.jurisdiction.domain import DECIDERS, REACTIONS
from tests.unit.events import (
    AUGUST,
    BORN,
    CADDO,
    JEFFERSON,
    ORLEANS,
    SEPTEMBER,
    added,
    claimed,
    corrected,
    directory,
)
from tests.unit.jurisdiction.events import blocked, claim, requested
from tests.unit.scenario import STUDENT, TODAY, actor, codes, decide_with, id_named, new_records, react_with


def history(*events: Record) -> list[Record]:
    """The student was added; then `events`."""
    return [*react_with(REACTIONS, [], added()), *events]  # type: ignore[list-item]


def decide(past: list[Record], command: ClaimJurisdiction, by: Actor | None = None) -> Decision:
    """The decision on a claim. By default the LEA of the named school claims."""
    sender = by or actor(command.school[:3])
    return decide_with(DECIDERS, [directory(command.school[:3]), *past], command, by=sender)


def test_first_claim() -> None:
    """A student without an owner belongs to the first LEA that claims, from its begin date."""
    (spell,) = new_records(decide(history(), claim(ORLEANS, AUGUST, "12-A")))
    assert isinstance(spell, StudentClaimed)
    assert (spell.lea, spell.begin_on, spell.end_on) == (ORLEANS, AUGUST, None)
    assert spell.local_student_id == "12-A"
    assert [(stay.school, stay.begin_on) for stay in spell.schools] == [("036001", AUGUST)]


def test_the_lea_comes_from_the_token() -> None:
    """An LEA cannot claim a student with another LEA's school."""
    decision = decide(history(), claim(ORLEANS), by=actor(JEFFERSON))
    assert codes(decision) == {"JUR-007"}


def test_a_claim_waits_for_the_student() -> None:
    """A claim that arrives before the student's adding waits for it."""
    decision = decide([], claim())
    assert isinstance(decision, Waiting)
    assert codes(decision) == {"REC-001"}


def test_a_hopeless_claim_does_not_wait() -> None:
    """The service refuses a command at once if no later event could make it valid."""
    decision = decide([], claim(begin_on=TODAY + timedelta(days=367)))
    assert isinstance(decision, Refused)
    assert codes(decision) == {"REC-004"}


def test_claim_of_another_leas_student_begins_a_transfer() -> None:
    """A claim on another LEA's student asks whether services are open there, and names that LEA."""
    decision = decide(history(claimed()), claim(JEFFERSON, SEPTEMBER, "J-77"))
    assert isinstance(decision, Begun)
    assert codes(decision) == {"JUR-010"}
    assert decision.reason.severity is Severity.WARNING
    assert "Orleans" in decision.reason.message
    asked = {"claim_id": id_named("the command"), "waiting_since": TODAY}
    assert decision.records == [requested().model_copy(update=asked)]


def test_claim_after_a_refused_transfer() -> None:
    """An LEA whose claim failed may claim again."""
    request = requested()
    past = history(claimed(), request)
    failed = [
        record for record in react_with(REACTIONS, past, blocked(request)) if isinstance(record, Record)
    ]
    (again,) = new_records(decide([*past, *failed], claim(JEFFERSON, SEPTEMBER)))
    assert isinstance(again, TransferRequested)
    assert again.state is TransferState.REQUESTED


def test_before_birth() -> None:
    """A claim cannot begin before the student's birth date."""
    assert codes(decide(history(), claim(begin_on=BORN - timedelta(days=1)))) == {"REC-003"}
    assert isinstance(decide(history(), claim(begin_on=BORN)), Accepted)


def test_before_the_corrected_birth() -> None:
    """Jurisdiction checks the birth date as eScholar corrected it."""
    past = [
        record for record in react_with(REACTIONS, [], corrected(SEPTEMBER)) if isinstance(record, Record)
    ]
    assert codes(decide(past, claim(begin_on=AUGUST))) == {"REC-003"}


def test_owner_claims_again() -> None:
    """Jurisdiction refuses a claim of the LEA that owns the student."""
    assert codes(decide(history(claimed()), claim(ORLEANS, SEPTEMBER))) == {"JUR-003"}


def test_claim_while_another_is_decided() -> None:
    """While one claim is undecided, jurisdiction refuses another and names the first claimant."""
    decision = decide(history(claimed(), requested()), claim(CADDO, SEPTEMBER))
    assert codes(decision) == {"JUR-005"}
    assert isinstance(decision, Refused)
    assert "Jefferson" in decision.findings[0].message


@pytest.mark.parametrize("begin_on", [AUGUST, AUGUST - timedelta(days=1)])
def test_not_after_the_owner_began(begin_on: date) -> None:
    """A claim must begin after the day on which the present owner's jurisdiction began."""
    assert codes(decide(history(claimed()), claim(JEFFERSON, begin_on))) == {"JUR-006"}


def test_the_day_after_the_owner_began() -> None:
    """A claim may begin the day after the present owner's jurisdiction began."""
    assert isinstance(decide(history(claimed()), claim(JEFFERSON, AUGUST + timedelta(days=1))), Begun)


def test_too_far_ahead() -> None:
    """A claim may begin within a year from today, not later."""
    assert codes(decide(history(), claim(begin_on=TODAY + timedelta(days=367)))) == {"REC-004"}
    assert isinstance(decide(history(), claim(begin_on=TODAY + timedelta(days=366))), Accepted)


def test_the_state_owns_nobody() -> None:
    """The state office cannot own a student."""
    state = actor("LA", Role.STATE, Role.WRITER)
    assert codes(decide(history(), claim(ORLEANS), by=state)) == {"REC-007"}


def test_an_lea_that_does_not_exist() -> None:
    """Only a school system in the code list may claim a student; a signed token alone is not enough."""
    command = ClaimJurisdiction(student_id=STUDENT, begin_on=AUGUST, school="999001")
    decision = decide(history(), command, by=actor("999"))
    assert codes(decision) == {"REC-006"}
    assert isinstance(decision, Refused)
    assert decision.findings[0].message == "999 is not an LEA of the state."


def test_an_lea_that_does_not_exist_wants_another_leas_student() -> None:
    """The refusal of a claimant that is no LEA names its other broken rules too."""
    late = claim(CADDO, AUGUST)
    assert codes(decide(history(claimed()), late, by=actor("999"))) == {"JUR-006", "REC-006"}


def test_reader() -> None:
    """Readers cannot claim."""
    assert codes(decide(history(), claim(), by=actor(ORLEANS, Role.READER))) == {"ACC-004"}


def test_everything_at_once() -> None:
    """A refusal lists every broken rule, not only the first."""
    decision = decide(
        history(claimed(), requested()),
        claim(CADDO, BORN - timedelta(days=1)),
        by=actor(JEFFERSON, Role.READER),
    )
    assert codes(decision) == {"ACC-004", "REC-003", "JUR-005", "JUR-006", "JUR-007"}
