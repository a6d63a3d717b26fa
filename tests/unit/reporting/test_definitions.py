"""The child count's definitions, school year by school year."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis.strategies import dates

from contracts.codes import EXCEPTIONALITIES
from contracts.deadlines import anniversary
from services.reporting.domain.definitions import (
    Category,
    age_groups,
    categories,
    disabilities,
    school_year,
    year_over,
)

FALL_2018, FALL_2019 = date(2018, 10, 1), date(2019, 10, 1)


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2017, 10, 1), "2017-18"),
        (date(2018, 6, 30), "2017-18"),
        (date(2018, 7, 1), "2018-19"),
        (date(1999, 12, 1), "1999-00"),
    ],
)
def test_a_school_year_begins_in_july(day: date, year: str) -> None:
    """A day belongs to the school year that began on the last 1 July."""
    assert school_year(day) == year


@pytest.mark.parametrize("day", [date.min, date(1000, 1, 1), date.max])
def test_any_day_there_is(day: date) -> None:
    """Reporting can count as of any day of the calendar. On a day long ago it counts nobody."""
    assert len(school_year(day)) == len("2017-18")
    assert len(age_groups(day)) == 2


def test_five_year_olds_through_2018() -> None:
    """Through 2018-19 every five-year-old is counted in early childhood, in kindergarten or not."""
    early, school = age_groups(FALL_2018)
    assert [(age.years, age.halves()) for age in early.ages][-1] == (5, (False, True))
    assert [age.value for age in school.ages] == [str(years) for years in range(6, 22)]


def test_five_year_olds_from_2019() -> None:
    """From 2019-20 on, five-year-olds in kindergarten are counted at school age, the others are not."""
    early, school = age_groups(FALL_2019)
    assert [(age.value, age.halves()) for age in early.ages][-1] == ("AGE05NOTK", (False,))
    assert next((age.value, age.halves()) for age in school.ages) == ("AGE05K", (True,))


def test_the_definitions_change_with_the_school_year() -> None:
    """The definitions depend on the school year, not on the calendar year."""
    assert [group.name for group in age_groups(date(2019, 6, 30))] == ["3-5", "6-21"]
    assert [group.name for group in age_groups(date(2019, 7, 1))] == ["3-5", "5K-21"]


@pytest.mark.parametrize("day", [FALL_2018, FALL_2019])
def test_every_age_is_in_one_place(day: date) -> None:
    """No age is counted twice, and none from three through twenty-one is left out."""
    halves = [(age.years, half) for group in age_groups(day) for age in group.ages for half in age.halves()]
    assert sorted(halves) == [(years, half) for years in range(3, 22) for half in (False, True)]


@pytest.mark.parametrize("day", [FALL_2018, FALL_2019])
def test_every_school_age_is_in_one_band(day: date) -> None:
    """The three bands divide school age among them."""
    _, school = age_groups(day)
    assert {band: sum(school.band(age) == band for age in school.ages) for band in school.bands} == {
        band: len(years) for band, years in school.bands.items()
    }


def test_deafness_is_a_hearing_impairment() -> None:
    """Deafness and being hard of hearing are one federal category, and neither is deaf-blindness."""
    found = {category.code: category.disability for category in categories()}
    assert (found["DEAF"], found["HH"], found["DB"]) == ("HI", "HI", "DB")


def test_gifted_and_talented_are_no_disabilities() -> None:
    """The federal count has thirteen disabilities. Gifted and talented are not among them."""
    assert len(disabilities()) == 13
    assert set(EXCEPTIONALITIES) - {category.code for category in categories()} == {
        "GFT",
        "TLM",
        "TLT",
        "TLV",
    }


def test_developmental_delay_ends_at_nine() -> None:
    """Developmental delay is declared for ages three through eight, every other disability for every age."""
    limited = [category for category in categories() if not category.declared_in(range(21, 22))]
    assert limited == [Category("DD", "DD", 3, 8)]


def test_environments_belong_to_age_groups() -> None:
    """A separate school may be for any age, a regular early childhood program only for the youngest."""
    early, school = age_groups(FALL_2018)
    assert {"SS", "RF"} == set(early.environments) & set(school.environments)
    assert (len(early.environments), len(school.environments)) == (9, 8)


@given(begin_on=dates(date(1900, 1, 1), date(2199, 12, 31)), day=dates(date(1901, 1, 1), date(2199, 12, 31)))
def test_a_year_is_over_from_the_anniversary_on(begin_on: date, day: date) -> None:
    """A plan that began on 29 February 2016 is over on 1 March 2017."""
    assert (begin_on <= year_over(day)) == (anniversary(begin_on, 1) <= day)


@pytest.mark.parametrize(
    ("day", "last_begin"),
    [
        (date(2017, 3, 1), date(2016, 3, 1)),
        (date(2017, 2, 28), date(2016, 2, 28)),
        (date(2016, 2, 29), date(2015, 2, 28)),
    ],
)
def test_a_year_with_a_leap_day(day: date, last_begin: date) -> None:
    """On the last days of February too, each plan is either in its year or past it."""
    assert year_over(day) == last_begin
