"""The year of an indicator, its percentages, and the LEA of a case."""

from datetime import date

import pytest

from services.reporting.domain.indicators.ownership import Spell, owner_on
from services.reporting.domain.indicators.shares import percent
from services.reporting.domain.indicators.year import read_year, year_of


def test_a_school_year_has_its_first_and_last_day() -> None:
    """The school year begins on 1 July and ends on 30 June."""
    year = read_year("2024-25")
    assert (year.name, year.first, year.last) == ("2024-25", date(2024, 7, 1), date(2025, 6, 30))
    assert date(2024, 6, 30) not in year
    assert [year_of(day).name for day in (date(2025, 6, 30), date(2025, 7, 1))] == ["2024-25", "2025-26"]
    assert read_year("1999-00").last == date(2000, 6, 30)
    with pytest.raises(ValueError, match="2024-25"):
        read_year("2024-26")


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (620, 800, "77.50"),
        (120, 800, "15.00"),
        (17_334, 25_777, "67.25"),
        (976, 25_777, "3.79"),
        (56, 25_777, "0.22"),
        (1_500, 4_683, "32.03"),
        (334, 4_683, "7.13"),
        (223, 4_683, "4.76"),
        (1, 62, "1.61"),
        (199, 208, "95.67"),
        (26, 27, "96.30"),
        (12, 14, "85.71"),
        (1, 8, "12.50"),
        (1, 20_000, "0.01"),
        (0, 0, "-"),
        (7, 7, "100.00"),
    ],
)
def test_percentages_have_two_decimals(part: int, whole: int, shown: str) -> None:
    """A percentage is rounded half up from exact numbers. Nothing to divide by prints a dash."""
    assert percent(part, whole) == shown


def test_a_case_belongs_to_the_owner_of_its_key_date() -> None:
    """The last day of a spell is the owner's. Of two spells on one day the later one counts."""
    spells = [
        Spell("017", date(2020, 8, 1), date(2024, 10, 1)),
        Spell("009", date(2024, 10, 1), None),
    ]
    days = (date(2020, 7, 31), date(2024, 9, 30), date(2024, 10, 1), date(2025, 1, 1))
    assert [owner_on(spells, day) for day in days] == [None, "017", "009", "009"]
