"""The console has a word for each value that a service can name."""

from collections.abc import Collection, Iterable
from datetime import date

import pytest

from console import words
from console.pages.counts import MEND
from console.pages.home import KINDS, number_of_days
from console.pages.iep_forms import MODELS
from contracts import catalog
from contracts.forms import FormCode
from contracts.roles import Role
from services.reporting.domain.definitions import age_groups, disabilities
from services.reporting.domain.due import LISTED
from services.reporting.domain.rules import Step


@pytest.mark.parametrize(
    ("named", "every"),
    [
        (words.SERVICES, catalog.SERVICES),
        (words.ROLES, Role),
        (words.FORMS, FormCode),
        (MODELS, FormCode),
        (KINDS, LISTED),
        (MEND, Step),
        (words.AGE_GROUPS, {group.name for year in (2018, 2026) for group in age_groups(date(year, 10, 1))}),
        (words.DISABILITIES, disabilities()),
    ],
    ids=[
        "services",
        "roles",
        "IEP forms",
        "models of IEP forms",
        "kinds of due dates",
        "steps of the count",
        "age groups",
        "disabilities",
    ],
)
def test_each_value_has_its_word(named: Collection[str], every: Iterable[str]) -> None:
    """None is missing, and none is left over from an earlier contract."""
    assert {str(one) for one in named} == {str(one) for one in every}


def test_one_of_a_thing_is_not_several() -> None:
    """`1 open service`, and commas in large numbers."""
    assert words.count_of(1, "open service") == "1 open service"
    assert words.count_of(0, "IEP") == "0 IEPs"
    assert words.count_of(1204, "IEP draft") == "1,204 IEP drafts"


def test_a_sender_is_named_with_the_lea() -> None:
    """A page does not show `017/m.landry` as the services write it."""
    assert words.sender("017/m.landry") == "m.landry, East Baton Rouge (017)"
    assert words.sender("LA/office") == "office, State office"
    assert words.sender("eScholar") == "eScholar"


@pytest.mark.parametrize(
    ("typed", "days"),
    [("", 30), (" 7 ", 7), ("0", 0), ("99999999999", 3650), ("abc", 30), ("-1", 30), ("²", 30)],
)
def test_a_number_of_days_is_read(typed: str, days: int) -> None:
    """A number that cannot be read shows the list of thirty days; the page says that it could not be read."""
    assert number_of_days(typed) == days


def test_a_federal_disability_is_not_called_as_a_part_of_it() -> None:
    """Deafness is a hearing impairment. The row of the child count has the hard of hearing, too."""
    assert words.DISABILITIES["HI"] == "Hearing Impairment (HI)"
    assert words.DISABILITIES["ID"] == "Intellectual Disability (ID)"
    assert words.DISABILITIES["AUT"] == "Autism (AUT)"
