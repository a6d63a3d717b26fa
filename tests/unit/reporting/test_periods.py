"""Periods, and percentages of a summary."""

from datetime import date

import pytest

from services.reporting.domain.periods import months_later, read_period, school_year_of
from services.reporting.domain.summers import summer_of
from services.reporting.domain.tables import Tally
from services.reporting.domain.timeliness import Level, groups_of, percent
from services.reporting.reports.cases import OfSchoolYear, period_of
from services.reporting.reports.report import Asked


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-Q1", date(2025, 1, 1), date(2025, 3, 31)),
        ("2024-25", date(2024, 7, 1), date(2025, 6, 30)),
        ("2024-12-15..2025-01-31", date(2024, 12, 15), date(2025, 1, 31)),
    ],
)
def test_a_period_is_read(written: str, first: date, last: date) -> None:
    """A month, a quarter, a school year and a range have a first and a last day, both in the period."""
    period = read_period(written)
    assert (period.first, period.last) == (first, last)
    assert first in period
    assert last in period


def test_a_report_of_school_years_reads_a_school_year() -> None:
    """2011-12 names a month, too. A report of school years takes it for the school year, another does not."""
    assert read_period("2011-12", of_years=True).first == date(2011, 7, 1)
    assert read_period("2011-12").first == date(2011, 12, 1)
    assert read_period("2024-09", of_years=True).first == date(2024, 9, 1)
    assert OfSchoolYear(period="2011-12").period == "2011-12"
    question = Asked(OfSchoolYear(period="2011-12"), date(2012, 2, 1), "017")
    assert period_of(question, school_year_of).first == date(2011, 7, 1)
    assert period_of(question).first == date(2011, 12, 1)


@pytest.mark.parametrize("written", ["2024-13", "2024-26", "2025-Q5", "2025-01-31..2025-01-01", "soon"])
def test_anything_else_is_no_period(written: str) -> None:
    """A month that does not exist, a range backwards, and words are refused."""
    with pytest.raises(ValueError, match=r"period|before|month"):
        read_period(written)


def test_a_summer_is_june_through_august() -> None:
    """Through August 31 the summer is that of the year, afterwards that of the next one."""
    assert summer_of(date(2025, 2, 1)) == (date(2025, 6, 1), date(2025, 8, 31))
    assert summer_of(date(2025, 8, 31)).first == date(2025, 6, 1)
    assert summer_of(date(2025, 9, 1)).first == date(2026, 6, 1)


def test_a_month_later_may_be_shorter() -> None:
    """31 January and a month is the last day of February."""
    assert months_later(date(2025, 1, 31), 1) == date(2025, 2, 28)
    assert months_later(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert months_later(date(2024, 11, 30), 3) == date(2025, 2, 28)
    assert school_year_of(date(2025, 6, 30)).first == date(2024, 7, 1)
    assert school_year_of(date(2025, 7, 1)).first == date(2025, 7, 1)


@pytest.mark.parametrize(
    ("part", "whole", "decimals", "shown"),
    [
        (1, 3, 1, "33.3"),
        (2, 3, 1, "66.7"),
        (1, 16, 1, "6.3"),
        (0, 1, 1, "0.0"),
        (0, 0, 1, "-"),
        (1, 2, 0, "50"),
    ],
)
def test_a_percentage_is_rounded_half_up(part: int, whole: int, decimals: int, shown: str) -> None:
    """Percentages are exact, then rounded half up. Nothing of nothing is a dash."""
    assert percent(part, whole, decimals) == shown


def test_a_summary_lists_an_lea_without_rows() -> None:
    """Every LEA that was asked about has a row, also one without a case."""
    tally = Tally(("lea", "school", "coordinator"), leas=("009", "017"))
    assert [(label, where.get("lea")) for label, where in groups_of(tally, Level.SCHOOL)] == [
        ("LEA", "009"),
        ("LEA", "017"),
        ("Total", None),
    ]
    assert [label for label, _ in groups_of(tally, Level.STATE)] == ["Total"]
