"""A claim from a day to come. Until that day the LEA before owns the student."""

from datetime import timedelta

from contracts.decision import Decision
from contracts.facts import holding
from contracts.jurisdiction import CloseJurisdiction, EndReason, JurisdictionEnded, SchoolTransferred, Spell
from contracts.message import Command, Record
from services.jurisdiction.domain import DECIDERS
from tests.unit.events import AUGUST, CADDO, JEFFERSON, OCTOBER, ORLEANS, SEPTEMBER, claimed, directory, ended
from tests.unit.jurisdiction.events import school_transfer
from tests.unit.scenario import STUDENT, TODAY, actor, codes, decide_with, new_records

ONE_DAY = timedelta(days=1)
NOW = ended(claimed(), SEPTEMBER - ONE_DAY)
NEXT = claimed(JEFFERSON, SEPTEMBER, "the second claim")
PAST: list[Record] = [directory(ORLEANS), directory(JEFFERSON), NOW, NEXT]


def decide(command: Command, lea: str) -> Decision:
    """The decision on an LEA's command before the first day of the next LEA."""
    return decide_with(DECIDERS, PAST, command, by=actor(lea), on=TODAY)


def test_the_owner_of_a_day() -> None:
    """The LEA before owns the student until the day before. From the day on the new LEA does."""
    owners = [holding([NOW, NEXT], day) for day in (TODAY, SEPTEMBER - ONE_DAY, SEPTEMBER, OCTOBER)]
    assert [spell.lea for spell in owners if spell] == [ORLEANS, ORLEANS, JEFFERSON, JEFFERSON]


def test_nobody_before() -> None:
    """If no LEA owns the student before, the LEA that claimed does, so that it can prepare."""
    gone = ended(claimed(), AUGUST + ONE_DAY, EndReason.OTHER)
    for spells in ([NEXT], [gone, NEXT]):
        spell = holding(spells, TODAY)
        assert spell
        assert spell.lea == JEFFERSON
    assert holding([gone], AUGUST + ONE_DAY) is None


def test_the_owner_moves_the_student_to_another_school() -> None:
    """Until its last day the LEA before moves the student to another of its school sites."""
    (moved,) = new_records(decide(school_transfer("036002", TODAY), ORLEANS))
    assert isinstance(moved, SchoolTransferred)
    assert (moved.lea, moved.end_on) == (ORLEANS, NOW.end_on)
    assert codes(decide(school_transfer("036002", SEPTEMBER), ORLEANS)) == {"JUR-031"}


def test_the_next_lea_plans_its_school() -> None:
    """The LEA that claimed moves the student within its own jurisdiction, which is to come."""
    (moved,) = new_records(decide(school_transfer("026002", OCTOBER), JEFFERSON))
    assert isinstance(moved, Spell)
    assert moved.lea == JEFFERSON
    assert codes(decide(school_transfer("009001", TODAY), CADDO)) == {"ACC-005"}


def test_the_owner_closes() -> None:
    """The student dies before the new LEA begins. The owner closes its jurisdiction, on an earlier day."""
    close = CloseJurisdiction(student_id=STUDENT, end_on=TODAY, reason=EndReason.DIED)
    (closed,) = new_records(decide(close, ORLEANS))
    assert isinstance(closed, JurisdictionEnded)
    assert (closed.lea, closed.end_on) == (ORLEANS, TODAY)
    assert codes(decide(close, JEFFERSON)) == {"JUR-021"}
