"""The dates of a history, for any birthday and any day of the count."""

from collections.abc import Iterator
from dataclasses import astuple
from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from contracts.deadlines import anniversary
from contracts.types import age_on
from deploy.demo.dates import draw_dates

DAYS = st.dates(date(1980, 1, 1), date(2026, 11, 1))
AGES = st.integers(3, 21)
FOUND_FROM = st.sampled_from([0, 3])


def birth_date(age: int, as_of: date, days: int) -> date:
    """A birth date that gives this age on `as_of`, `days` before the latest such date."""
    latest = next(day for day in _backwards(as_of) if age_on(day, as_of) == age)
    return latest - timedelta(days=days)


def _backwards(day: date) -> Iterator[date]:
    return (day - timedelta(days=back) for back in range(23 * 366))


@given(DAYS, AGES, st.integers(0, 364), FOUND_FROM, st.integers())
def test_dates_follow_each_other_and_the_law(
    as_of: date, age: int, back: int, found_from: int, seed: int
) -> None:
    """Each date is on or after the one before. No child is served before three or determined too early."""
    birth_on = birth_date(age, as_of, back)

    days = draw_dates(birth_on, as_of, Random(seed), found_from_age=found_from)

    assert list(astuple(days)) == sorted(astuple(days))
    assert days.begins_on <= as_of
    assert as_of - days.begins_on < timedelta(days=365), "the IEP is in effect on the day"
    assert age_on(birth_on, days.begins_on) >= 3
    assert age_on(birth_on, days.determined_on) >= found_from
    assert days.met_on - days.reported_on <= timedelta(days=30)
    assert days.claimed_on >= birth_on


@given(st.dates(date(1996, 1, 1), date(2020, 12, 31)), st.integers(0, 22))
def test_a_birthday_is_the_day_on_which_the_age_changes(birth_on: date, years: int) -> None:
    """A person born on 29 February is a year older on 1 March of a common year."""
    day = anniversary(birth_on, years)

    assert age_on(birth_on, day) == years
    assert age_on(birth_on, day - timedelta(days=1)) == years - 1
