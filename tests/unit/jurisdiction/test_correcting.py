"""Correcting the last school stay of the LEA's own student."""

from datetime import date, timedelta

import pytest

from contracts.access import Actor, Role
from contracts.decision import Decision, Refused, Waiting
from contracts.jurisdiction import CorrectSchoolTransfer, SchoolTransferCorrected
from contracts.message import Record
from services.jurisdiction.domain import DECIDERS
from tests.unit.events import AUGUST, JEFFERSON, OCTOBER, ORLEANS, SEPTEMBER, claimed, directory, moved_to
from tests.unit.jurisdiction.events import school_correction
from tests.unit.scenario import TODAY, actor, codes, decide_with, new_records

ONE_DAY = timedelta(days=1)
MOVED = moved_to(claimed(), "036002", SEPTEMBER)


def decide(past: list[Record], command: CorrectSchoolTransfer, by: Actor | None = None) -> Decision:
    """The decision on a correction, by default of Orleans."""
    sender = by or actor(ORLEANS)
    return decide_with(DECIDERS, [directory(sender.lea), *past], command, by=sender)


def stays(decision: Decision) -> list[tuple[str, date]]:
    """The stays after the correction."""
    (corrected,) = new_records(decision)
    assert isinstance(corrected, SchoolTransferCorrected)
    return [(stay.school, stay.begin_on) for stay in corrected.schools]


def test_the_wrong_school_on_the_same_day() -> None:
    """The owner corrects the school site of the last move, on the same day. The earlier stay remains."""
    decision = decide([MOVED], school_correction("036003", SEPTEMBER))
    assert stays(decision) == [("036001", AUGUST), ("036003", SEPTEMBER)]
    (corrected,) = new_records(decision)
    assert corrected.revision == MOVED.revision + 1


def test_the_wrong_first_day() -> None:
    """The owner corrects the first day of the last move, to an earlier or a later day."""
    for day in (SEPTEMBER - ONE_DAY, OCTOBER):
        assert stays(decide([MOVED], school_correction("036002", day))) == [
            ("036001", AUGUST),
            ("036002", day),
        ]


def test_the_wrong_school_of_a_claim() -> None:
    """If the student has not moved since the claim, the correction is of the school site of the claim."""
    assert stays(decide([claimed()], school_correction("036002", AUGUST))) == [("036002", AUGUST)]


@pytest.mark.parametrize("day", [AUGUST - ONE_DAY, AUGUST + ONE_DAY])
def test_the_first_stay_begins_with_the_jurisdiction(day: date) -> None:
    """The first stay keeps its first day, because the jurisdiction begins on that day."""
    assert codes(decide([claimed()], school_correction("036002", day))) == {"JUR-024"}


def test_nothing_to_correct() -> None:
    """Jurisdiction refuses a correction that changes nothing."""
    assert codes(decide([MOVED], school_correction("036002", SEPTEMBER))) == {"JUR-023"}
    assert codes(decide([claimed()], school_correction("036001", AUGUST))) == {"JUR-023"}


def test_the_stay_before() -> None:
    """The corrected stay begins after the stay before it, and at another school site."""
    assert codes(decide([MOVED], school_correction("036003", AUGUST))) == {"JUR-014"}
    assert codes(decide([MOVED], school_correction("036001", SEPTEMBER))) == {"JUR-013"}


def test_school_sites() -> None:
    """The directory decides about the school site, as for a move. Without a directory the command waits."""
    assert codes(decide([MOVED], school_correction("026001"))) == {"JUR-007"}
    assert codes(decide([MOVED], school_correction("036999"))) == {"JUR-016"}
    waiting = decide_with(DECIDERS, [MOVED], school_correction("036003"), by=actor(ORLEANS))
    assert isinstance(waiting, Waiting)
    assert waiting.reason.code == "JUR-018"


def test_too_far_ahead() -> None:
    """A corrected stay may begin within a year from today, not later."""
    far = school_correction(begin_on=TODAY + timedelta(days=367))
    assert codes(decide([MOVED], far)) == {"REC-004"}


def test_another_lea() -> None:
    """Only the owner corrects. Another LEA learns the owner and no school."""
    assert codes(decide([MOVED], school_correction("026001"), by=actor(JEFFERSON))) == {"ACC-005"}


def test_nobody_owns_the_student() -> None:
    """Without an owner jurisdiction refuses a correction, also after a closed spell."""
    assert codes(decide([], school_correction())) == {"REC-002"}


def test_reader() -> None:
    """A reader cannot correct, and the refusal names all other broken rules."""
    decision = decide([MOVED], school_correction("036002", SEPTEMBER), by=actor(ORLEANS, Role.READER))
    assert codes(decision) == {"ACC-004", "JUR-023"}


def test_a_spell_that_has_moved_on() -> None:
    """Jurisdiction refuses a correction based on an older revision, and names the changed fields."""
    later = school_correction("036003").model_copy(update={"on_revision": 1})
    decision = decide([MOVED], later)
    assert isinstance(decision, Refused)
    assert [(finding.code, finding.facts["fields"]) for finding in decision.findings] == [
        ("MSG-031", "school")
    ]
