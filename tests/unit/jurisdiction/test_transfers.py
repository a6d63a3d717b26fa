"""The decision of a claim on another LEA's student."""

from datetime import date, timedelta
from typing import TypeVar

from contracts.decision import Reaction, Settled
from contracts.jurisdiction import (
    ClaimJurisdiction,
    JurisdictionEnded,
    SchoolStay,
    SchoolTransferred,
    StudentClaimed,
    TransferCompleted,
    TransferRefused,
)
from contracts.message import Record
from services.jurisdiction.domain import REACTIONS
from tests.unit.events import AUGUST, JEFFERSON, OCTOBER, ORLEANS, SEPTEMBER, claimed
from tests.unit.jurisdiction.events import blocked, cleared, requested
from tests.unit.scenario import id_named, react_with

Kind = TypeVar("Kind")


def only(kind: type[Kind], reaction: Reaction) -> Kind:
    """The only record of this kind in a reaction."""
    (found,) = (part for part in reaction if isinstance(part, kind))
    return found


def records(reaction: Reaction) -> list[Record]:
    """The new states of a reaction."""
    return [part for part in reaction if isinstance(part, Record)]


def test_old_spell_ends_the_day_before() -> None:
    """After a won claim the old spell ends the day before the new one begins: no gap, no overlap."""
    request = requested(begin_on=SEPTEMBER)
    won = react_with(REACTIONS, [claimed(), request], cleared(request))
    ended, begun = only(JurisdictionEnded, won), only(StudentClaimed, won)
    assert (ended.lea, ended.begin_on, ended.end_on) == (ORLEANS, AUGUST, date(2017, 9, 9))
    assert (begun.lea, begun.begin_on, begun.end_on) == (JEFFERSON, SEPTEMBER, None)
    assert begun.schools == (SchoolStay(school="026001", begin_on=SEPTEMBER),)
    assert begun.local_student_id == "J-77"


def test_winner_is_told() -> None:
    """A won claim gets its final outcome, under the id of its command."""
    request = requested()
    won = react_with(REACTIONS, [claimed(), request], cleared(request))
    assert only(Settled, won) == Settled(ClaimJurisdiction, id_named("the transfer"))
    assert only(TransferCompleted, won).state == "completed"


def test_blocked_claim_is_refused_with_reasons() -> None:
    """Jurisdiction refuses a claim that open services block, and names the LEA and each service."""
    request = requested()
    lost = react_with(REACTIONS, [claimed(), request], blocked(request, ("SPE", "TRA")))
    finding = only(TransferRefused, lost).findings[0]
    assert finding.code == "JUR-004"
    for fact in ("Orleans Parish (036)", "Speech/language pathology (SPE)", "Special transportation (TRA)"):
        assert fact in finding.message
    assert only(Settled, lost) == Settled(ClaimJurisdiction, id_named("the transfer"), (finding,))
    assert not [part for part in lost if isinstance(part, StudentClaimed | JurisdictionEnded)]


def test_an_answer_counts_once() -> None:
    """A late answer of provision to a decided claim changes nothing."""
    request = requested()
    past = [claimed(), request]
    won = records(react_with(REACTIONS, past, cleared(request)))
    assert len(react_with(REACTIONS, [*past, *won], cleared(request))) == 1


def test_a_late_contrary_answer_changes_nothing() -> None:
    """A refused claim stays refused after a later answer of provision."""
    request = requested()
    past = [claimed(), request]
    lost = records(react_with(REACTIONS, past, blocked(request)))
    (remembered,) = records(react_with(REACTIONS, [*past, *lost], cleared(request)))
    assert (remembered.kind, remembered.record_id) == ("transfer_answer", str(request.claim_id))


def test_answer_to_a_claim_nobody_made() -> None:
    """Jurisdiction stores provision's answer to an unknown claim; the answer changes nothing else."""
    assert len(react_with(REACTIONS, [claimed()], cleared(requested()))) == 1


def test_a_planned_stay_that_never_began() -> None:
    """An ended spell drops a school stay that was planned for later."""
    request = requested(begin_on=SEPTEMBER)
    moved = SchoolTransferred.of(
        claimed(),
        schools=(
            SchoolStay(school="036001", begin_on=AUGUST),
            SchoolStay(school="036002", begin_on=SEPTEMBER - timedelta(days=1)),
            SchoolStay(school="036003", begin_on=OCTOBER),
        ),
    )
    ended = only(JurisdictionEnded, react_with(REACTIONS, [moved, request], cleared(request)))
    assert [stay.school for stay in ended.schools] == ["036001", "036002"]
    assert ended.revision == 3


def test_back_and_forth() -> None:
    """A student who returns to an LEA gets a second spell there."""
    there = requested(JEFFERSON, SEPTEMBER, "there")
    past: list[Record] = [claimed(), there]
    past += records(react_with(REACTIONS, past, cleared(there)))
    back = there.model_copy(
        update={
            "claim_id": id_named("back"),
            "from_lea": JEFFERSON,
            "from_spell": id_named("there"),
            "to_lea": ORLEANS,
            "begin_on": OCTOBER,
        }
    )
    returned = react_with(REACTIONS, [*past, back], cleared(back))
    assert only(StudentClaimed, returned).spell_id != id_named("the first claim")
    assert only(JurisdictionEnded, returned).lea == JEFFERSON


def test_thousands_of_open_services() -> None:
    """A refused claim names twenty of the blocking services and the number of the others."""
    request = requested()
    answer = blocked(request, ["SPE"] * 100).model_copy(update={"open_count": 11_000})
    refused = next(
        part for part in react_with(REACTIONS, [claimed(), request], answer) if isinstance(part, Settled)
    )
    (finding,) = refused.findings
    assert finding.message.endswith(" and 10980 more.")
    assert len(finding.message) < 2_000
