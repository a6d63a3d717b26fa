"""The days of an IEP's line."""

from datetime import date

import pytest

from contracts.types import FIRST_DAY, LAST_DAY
from services.ieps.domain.lines import anniversary


@pytest.mark.parametrize("day", [FIRST_DAY, date(2016, 2, 29), LAST_DAY])
@pytest.mark.parametrize("years", [1, 3, 16, 22])
def test_an_anniversary_of_any_day_exists(day: date, years: int) -> None:
    """The anniversary of any date that a message can hold exists."""
    assert anniversary(day, years).year == day.year + years
