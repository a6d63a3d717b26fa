"""A blocked claim as a conversation between two LEAs and the state office."""

from datetime import date, timedelta

import pytest

from contracts.access import Role
from contracts.calendars import Calendar
from contracts.counting import Calendars
from contracts.decision import Begun, Decision
from contracts.jurisdiction import (
    EscalateTransfer,
    TransferEscalated,
    TransferMessageWritten,
    TransferRefused,
    TransferRequested,
    WriteOnTransfer,
)
from contracts.message import Command, Record
from services.jurisdiction.domain import DECIDERS, REACTIONS
from services.jurisdiction.domain.clock import answer_due, over_for_claims_of
from tests.unit.events import CADDO, JEFFERSON, ORLEANS, SEPTEMBER, claimed, directory
from tests.unit.jurisdiction.events import OFFICE, STUDENT_HERE, blocked, claim, requested
from tests.unit.scenario import STUDENT, TODAY, actor, codes, decide_with, id_named, new_records, react_with

CLAIM = id_named("the transfer")
WRITTEN = WriteOnTransfer(student_id=STUDENT, claim_id=CLAIM, text="Speech ends on Friday.")
ESCALATED = EscalateTransfer(student_id=STUDENT, claim_id=CLAIM)


def refused(since: date = TODAY) -> TransferRefused:
    """Orleans' open services block the claim of Jefferson."""
    request = TransferRequested.of(requested(), waiting_since=since)
    reaction = react_with(REACTIONS, [claimed(), request], blocked(request))
    (found,) = (part for part in reaction if isinstance(part, TransferRefused))
    return found


def decide(command: Command, lea: str = ORLEANS, *more: Record) -> Decision:
    """The decision on a command about the blocked claim."""
    by = OFFICE if lea == "LA" else actor(lea)
    return decide_with(DECIDERS, [STUDENT_HERE, claimed(), refused(), *more], command, by=by, on=TODAY)


@pytest.mark.parametrize(("lea", "answered_on"), [(ORLEANS, TODAY), (JEFFERSON, None), ("LA", None)])
def test_who_writes(lea: str, answered_on: date | None) -> None:
    """Both LEAs and the state office write. The owner's first message is its answer."""
    (written,) = new_records(decide(WRITTEN, lea))
    assert isinstance(written, TransferMessageWritten)
    assert (written.messages, written.message, written.answered_on) == (1, WRITTEN.text, answered_on)


def test_the_claimant_asks_for_help_once() -> None:
    """An LEA brings the claim before the state office, once."""
    (escalated,) = new_records(decide(ESCALATED, JEFFERSON))
    assert isinstance(escalated, TransferEscalated)
    assert escalated.escalated_on == TODAY
    assert codes(decide(ESCALATED, JEFFERSON, escalated)) == {"JUR-037"}


@pytest.mark.parametrize("command", [WRITTEN, ESCALATED])
def test_who_takes_no_part(command: Command) -> None:
    """Another LEA takes no part, and a reader writes nothing."""
    assert codes(decide(command, CADDO)) == {"JUR-036"}
    reader = decide_with(DECIDERS, [claimed(), refused()], command, by=actor(ORLEANS, Role.READER))
    assert codes(reader) == {"ACC-004"}


@pytest.mark.parametrize("past", [[claimed()], [claimed(), requested()]], ids=["no claim", "undecided"])
def test_what_is_not_blocked(past: list[Record]) -> None:
    """There is nothing to write about a claim that no services block."""
    assert codes(decide_with(DECIDERS, past, WRITTEN, by=actor(ORLEANS))) == {"JUR-036"}


def test_the_clock() -> None:
    """The owner has 10 business days for the answer. The day after the last one, they are over."""
    transfer, calendars = refused(), Calendars(list[Calendar]())
    due = answer_due(transfer, calendars)
    assert due is not None
    assert (due - TODAY).days >= 14
    assert over_for_claims_of(calendars, due) < TODAY
    assert over_for_claims_of(calendars, due + timedelta(days=1)) >= TODAY


def test_the_clock_goes_on() -> None:
    """An LEA that claims again does not start the clock anew."""
    past = [STUDENT_HERE, directory(JEFFERSON), claimed(), refused(since=TODAY - timedelta(days=5))]
    decision = decide_with(DECIDERS, past, claim(JEFFERSON, SEPTEMBER), by=actor(JEFFERSON), on=TODAY)
    assert isinstance(decision, Begun)
    (request,) = decision.records
    assert isinstance(request, TransferRequested)
    assert request.waiting_since == TODAY - timedelta(days=5)
