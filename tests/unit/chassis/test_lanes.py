"""A large batch goes to PostgreSQL in two parts."""

from collections import Counter

from contracts.message import SUBJECT_FIELD
from services.chassis.consumer import in_lanes
from services.chassis.records import Item, Unreadable, subject_of
from tests.unit.chassis.desk import Desk, claim


def batch(students: int, each: int) -> list[Item]:
    """So many commands about each of so many students, their turns mixed, and some bytes between them."""
    desk = Desk()
    asked: list[Item] = [
        desk.asked(claim().model_copy(update={SUBJECT_FIELD: f"{1_000_000_000 + number}"}))
        for _ in range(each)
        for number in range(students)
    ]
    gibberish = desk.asked(claim()).raw
    return [*asked, *(Unreadable(gibberish, "no value") for _ in range(each))]


def test_a_small_batch_stays_whole() -> None:
    """Two transactions cost more than one: a few records are not worth it."""
    few = batch(students=10, each=3)

    assert in_lanes(few) == [few]


def test_everything_about_a_student_stays_together_and_in_order() -> None:
    """Of a large batch nothing is lost, and no student's commands are in two parts or in another order."""
    many = batch(students=100, each=4)

    lanes = in_lanes(many)

    assert len(lanes) == 2
    assert Counter(id(item) for lane in lanes for item in lane) == Counter(map(id, many))
    subjects = [{subject_of(item) for item in lane} for lane in lanes]
    assert subjects[0].isdisjoint(subjects[1])
    for lane in lanes:
        mine = list(map(id, lane))
        assert [id(item) for item in many if id(item) in mine] == mine


def test_a_large_batch_about_one_student_is_one_part() -> None:
    """There is nothing to divide."""
    many = batch(students=1, each=300)[:300]

    assert in_lanes(many) == [many]
