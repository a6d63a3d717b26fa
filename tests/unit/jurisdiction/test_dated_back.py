"""A claim that is dated back: SER names what goes from one LEA to another."""

from datetime import date

from contracts.decision import Accepted, Begun, Decision, Settled
from contracts.jurisdiction import (
    CorrectClaim,
    Transfer,
    TransferCompleted,
    TransferRequested,
    WithdrawClaim,
)
from contracts.message import Command, Record
from contracts.provision import DoneSince, OpenService
from services.jurisdiction.domain import DECIDERS, REACTIONS
from tests.unit.events import AUGUST, JEFFERSON, OCTOBER, ORLEANS, SEPTEMBER, claimed, directory
from tests.unit.jurisdiction.events import FIRST, SECOND, STUDENT_HERE, claim, cleared, requested
from tests.unit.scenario import STUDENT, actor, decide_with, id_named, react_with

COUNT = date(2017, 10, 1)
WINTER = date(2018, 1, 10)
HERE: list[Record] = [STUDENT_HERE, directory(JEFFERSON), directory(ORLEANS)]


def decide(past: list[Record], command: Command, on: date = WINTER) -> Decision:
    """The decision on a command of Jefferson."""
    return decide_with(DECIDERS, [*HERE, *past], command, by=actor(JEFFERSON), on=on)


def requested_by(decision: Decision) -> TransferRequested:
    """The transfer that a claim began."""
    assert isinstance(decision, Begun)
    (request,) = decision.records
    assert isinstance(request, TransferRequested)
    return request


def test_over_a_child_count() -> None:
    """A claim over the day of a past child count names that day and both LEAs."""
    request = requested_by(decide([claimed()], claim(JEFFERSON, SEPTEMBER)))
    (finding,) = request.findings
    assert (finding.code, finding.field, finding.severity) == ("JUR-032", "begin_on", "warning")
    assert finding.facts == {"day": COUNT.isoformat(), "owner": ORLEANS, "now": JEFFERSON}


def test_no_child_count_between() -> None:
    """Without a count day since the begin date there is nothing to warn of. A count to come does not move."""
    assert requested_by(decide([claimed()], claim(JEFFERSON, OCTOBER))).findings == ()
    early = requested_by(decide([claimed()], claim(JEFFERSON, SEPTEMBER), on=SEPTEMBER))
    assert early.findings == ()


def test_over_what_the_owner_did() -> None:
    """A won claim is accepted with warnings that name the services, team meetings and evaluations."""
    request = requested()
    speech = OpenService(service_id=id_named("speech"), lea=ORLEANS, service_code="SPE", begin_on=AUGUST)
    done = DoneSince(services=(speech,), service_count=1, meetings=(SEPTEMBER,), evaluations=(OCTOBER,))
    answer = cleared(request).model_copy(update={"done_since": done})
    won = react_with(REACTIONS, [claimed(), request], answer)
    (settled,) = (part for part in won if isinstance(part, Settled))
    assert [one.code for one in settled.findings] == ["JUR-033", "JUR-034", "JUR-035"]
    assert {one.severity for one in settled.findings} == {"warning"}
    assert "Speech/language pathology (SPE) since 2017-08-" in settled.findings[0].message
    (completed,) = (part for part in won if isinstance(part, Transfer))
    assert isinstance(completed, TransferCompleted)
    assert completed.findings == settled.findings


def test_a_correction_over_a_child_count() -> None:
    """A corrected begin date, and a withdrawal, warn of the count days that go to another LEA."""
    names = {"student_id": STUDENT, "spell_id": SECOND.spell_id, "reason": "a typing error"}
    for command, now in (
        (CorrectClaim(**names, begin_on=OCTOBER), ORLEANS),
        (WithdrawClaim(**names), ORLEANS),
    ):
        decision = decide([FIRST, SECOND], command)
        assert isinstance(decision, Accepted)
        (finding,) = decision.warnings
        assert (finding.code, finding.facts["owner"], finding.facts["now"]) == ("JUR-032", JEFFERSON, now)


def test_a_withdrawn_first_claim() -> None:
    """After the withdrawal of the only claim no LEA has the student on the day of the count."""
    only = claimed(JEFFERSON)
    decision = decide([only], WithdrawClaim(student_id=STUDENT, spell_id=only.spell_id, reason="in error"))
    assert isinstance(decision, Accepted)
    (finding,) = decision.warnings
    assert finding.facts["now"] == "no LEA"
