"""One race or ethnicity for each student."""

from datetime import date

import pytest

from contracts.identity import Person
from services.reporting.domain.race import MISSING, federal_race


def person(*races: str, hispanic: bool = False) -> Person:
    """A person of these races."""
    return Person(
        first_name="Testa",
        last_name="Canary",
        birth_on=date(2009, 4, 2),
        sex="F",
        hispanic=hispanic,
        races=races,
    )


def test_one_race() -> None:
    """A student of one race counts under that race."""
    assert federal_race(person("AS7")) == "AS7"


def test_hispanic_wins() -> None:
    """A Hispanic student counts as Hispanic or Latino with any races."""
    assert federal_race(person("BL7", "WH7", hispanic=True)) == "HI7"
    assert federal_race(person("HI7", "WH7")) == "HI7"


def test_two_or_more() -> None:
    """A student of several races counts under two or more races."""
    assert federal_race(person("BL7", "WH7")) == "MU7"


@pytest.mark.parametrize("races", [("BL7", "BL7"), ("BL7",)])
def test_the_same_race_twice_is_one(races: tuple[str, ...]) -> None:
    """A race that is recorded twice is still one race."""
    assert federal_race(person(*races)) == "BL7"


def test_no_race_recorded() -> None:
    """A student without a recorded race counts as missing."""
    assert federal_race(person()) == MISSING
