"""The deadlines of the law."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.deadlines import (
    Clock,
    anniversary,
    business_day_after,
    days_left,
    evaluation_due,
    iep_review_due,
    initial_iep_due,
    reevaluation_due,
)
from contracts.types import FIRST_DAY, LAST_DAY

DAYS = st.dates(FIRST_DAY, date(2190, 1, 1))
FRIDAY, SATURDAY, MONDAY = date(2017, 9, 1), date(2017, 9, 2), date(2017, 9, 4)


def is_business_day(day: date) -> bool:
    """Whether a day is one of Monday through Friday."""
    return day.weekday() < 5


@given(DAYS, st.integers(1, 130))
def test_business_days_are_counted_one_by_one(day: date, count: int) -> None:
    """Counting day by day finds the same business day; day 0 is the day itself, also on a weekend."""
    counted, last = 0, day
    while counted < count:
        last += timedelta(days=1)
        counted += is_business_day(last)
    assert business_day_after(day, count) == last


@given(DAYS, st.integers(-200, 200))
def test_the_business_days_left(today: date, distance: int) -> None:
    """The days left are the business days after today through the due date; after it, those since."""
    due_on = today + timedelta(days=distance)
    first, last = min(today, due_on), max(today, due_on)
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    left = sum(map(is_business_day, between))
    assert days_left(Clock.BUSINESS_DAYS, today, due_on) == (left if distance > 0 else -left)


def test_an_evaluation_is_due_sixty_business_days_after_consent() -> None:
    """Consent on a Friday or on the weekend after it leads to the same Friday twelve weeks later."""
    assert evaluation_due(FRIDAY) == evaluation_due(SATURDAY) == FRIDAY + timedelta(weeks=12)
    assert evaluation_due(MONDAY) == MONDAY + timedelta(weeks=12)


def test_the_clocks_of_ieps_count_calendar_days() -> None:
    """The first IEP is due after 30 days, the review by the last day of the year, the re-evaluation after
    three years."""
    assert initial_iep_due(FRIDAY) == date(2017, 10, 1)
    assert iep_review_due(FRIDAY) == date(2018, 8, 31)
    assert reevaluation_due(FRIDAY) == date(2020, 9, 1)
    assert days_left(Clock.CALENDAR_DAYS, FRIDAY, MONDAY) == 3
    assert days_left(Clock.CALENDAR_DAYS, MONDAY, FRIDAY) == -3


@pytest.mark.parametrize("day", [FIRST_DAY, date(2016, 2, 29), LAST_DAY])
@pytest.mark.parametrize("years", [1, 3, 16, 22])
def test_an_anniversary_of_any_day_exists(day: date, years: int) -> None:
    """No day that a message can hold lies so far ahead that counting years from it fails."""
    assert anniversary(day, years).year == day.year + years
