"""How alike two persons are, and why."""

from datetime import date

import pytest

from services.students.likeness import Bearer, compare, near_days

BORN = date(2016, 3, 7)
MIA = Bearer("Mía", "Boudreaux", BORN, "F")


def other(
    first: str = "Mia", last: str = "Boudreaux", birth_on: date = BORN, sex: str | None = "F"
) -> Bearer:
    """The same person, as far as nothing else is said."""
    return Bearer(first, last, birth_on, sex)


def test_accents_signs_and_case_do_not_count() -> None:
    """The same person, written another way."""
    found = compare(MIA, other("MIA", "Bou dreaux".replace(" ", "")))
    assert found.same
    assert found.share == pytest.approx(1)
    assert found.why == ("the same name", "the same birth date")


@pytest.mark.parametrize(
    ("bearer", "why"),
    [
        (other(last="Boudreau"), "the last name differs in one letter"),
        (other(last="Boudraeux"), "the last name differs in one letter"),
        (other(first="Maia"), "the first name differs in one letter"),
        (other(last="Budreau"), "the last name differs in two letters"),
        (other(last="Boudreaux Landry"), "a part of the last name is the same"),
        (other("Boudreaux", "Mia"), "first name and last name are swapped"),
        (other(birth_on=date(2016, 7, 3)), "day and month of the birth date are swapped"),
        (other(birth_on=date(2006, 3, 7)), "the birth date differs in one digit"),
        (other(birth_on=date(2016, 3, 6)), "the birth date differs in one digit"),
        (other(sex="M"), "another sex"),
    ],
)
def test_a_slip_leaves_a_candidate_and_is_said(bearer: Bearer, why: str) -> None:
    """One slip leaves the person alike enough to be shown, but is never the same person."""
    found = compare(MIA, bearer)
    assert not found.same
    assert 0.8 <= found.share < 1
    assert why in found.why


def test_a_short_form_of_the_first_name_is_known() -> None:
    """Bill is William."""
    bill, william = (Bearer(first, "Landry", BORN, "M") for first in ("Bill", "William"))
    found = compare(bill, william)
    assert "one first name is a short form of the other" in found.why
    assert found.share > 0.95


def test_the_last_day_of_a_month_is_one_day_from_the_first() -> None:
    """A birth near midnight."""
    found = compare(other(birth_on=date(2016, 2, 29)), other(birth_on=date(2016, 3, 1)))
    assert found.why == ("the same name", "the birth date differs by one day")


def test_who_shares_the_birth_date_alone_is_no_candidate() -> None:
    """Every day has a hundred births."""
    assert compare(MIA, other("Jordan", "Tran", sex="M")).share < 0.8


def test_who_shares_the_name_alone_is_less_than_a_candidate() -> None:
    """A namesake of quite another age."""
    found = compare(MIA, other(birth_on=date(2008, 11, 30)))
    assert found.why == ("the same name", "another birth date")
    assert found.share == pytest.approx(0.75)


def test_a_blank_name_is_said() -> None:
    """A person may have one name only."""
    found = compare(Bearer("", "Boudreaux", BORN, None), MIA)
    assert "one has no first name" in found.why


def test_the_days_for_which_a_birth_date_may_be_mistaken_are_few() -> None:
    """The day itself comes first, none twice, none after today; so the database has little to read."""
    days = list(near_days(BORN, date(2026, 11, 27)))
    assert days[0] == BORN
    assert {date(2016, 7, 3), date(2016, 3, 6), date(2006, 3, 7), date(2016, 3, 8)} <= set(days)
    assert len(days) == len(set(days)) <= 40
    assert max(days) <= date(2026, 11, 27)
