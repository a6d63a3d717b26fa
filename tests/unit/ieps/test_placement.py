"""Placement: the environment fits the student's age, and the share of the regular class fits it."""

from datetime import date, timedelta

import pytest

from contracts.codes import ENVIRONMENTS
from contracts.forms import Placement
from services.ieps.domain.requirements.placement import misplaced
from services.ieps.domain.validation import Light
from tests.unit.ieps import scenario
from tests.unit.ieps.test_validation import found, validated, with_forms

FIRST, LAST = date(2017, 8, 15), date(2018, 8, 14)
DAY = timedelta(days=1)
SCHOOL_AGE = [code for code, row in ENVIRONMENTS.items() if row.more["age_group"] == "6-21"]
EARLY_CHILDHOOD = [code for code, row in ENVIRONMENTS.items() if row.more["age_group"] == "3-5"]
EITHER = [code for code, row in ENVIRONMENTS.items() if not row.more["age_group"]]
SHARES = {"RC80": 90, "RC79TO40": 60, "RC39": 10}


def judged(environment: str | None, born: date, first: date = FIRST, last: date = LAST) -> list[str]:
    """The codes of the findings about an environment with a matching share of the regular class."""
    form = Placement(environment=environment, percent_in_regular_class=SHARES.get(environment or ""))
    return [finding.code for finding in misplaced(form, born, first, last)]


def born_at(years: int, day: date = FIRST) -> date:
    """The birth date of a student who has this birthday on the day."""
    return day.replace(year=day.year - years)


@pytest.mark.parametrize("environment", [*SCHOOL_AGE, *EARLY_CHILDHOOD, *EITHER])
@pytest.mark.parametrize("age", [3, 4, 6, 13, 21])
def test_each_age_has_its_environments(environment: str, age: int) -> None:
    """Each environment is right for its age group and wrong for the other; two are right for both."""
    group = EARLY_CHILDHOOD if age < 6 else SCHOOL_AGE

    assert judged(environment, born_at(age)) == ([] if environment in (*group, *EITHER) else ["IEP-111"])


@pytest.mark.parametrize("environment", ["RC80", "SC"])
@pytest.mark.parametrize("born", [born_at(5) - DAY, born_at(6) + DAY])
def test_a_child_who_turns_six_is_warned_of(environment: str, born: date) -> None:
    """A child who turns six during the IEP may be counted in either age group, so there is a warning."""
    assert judged(environment, born) == ["IEP-112"]


def test_a_sixth_birthday_on_the_first_day_counts() -> None:
    """A child of six when the IEP begins is of school age; one who is six the day after it ends is not."""
    assert judged("SC", born_at(6)) == ["IEP-111"]
    assert judged("RC80", born_at(6, LAST + DAY)) == ["IEP-111"]


def test_separate_schools_and_residential_facilities_are_for_all_ages() -> None:
    """An environment of both groups raises no question of age."""
    assert EITHER == ["SS", "RF"]
    assert [judged(environment, born_at(6) + DAY) for environment in EITHER] == [[], []]


def test_from_2019_on_kindergarten_counts_as_school_age() -> None:
    """From school year 2019-20 on a child of five may be counted in either group; before, in one only."""
    first, last = date(2019, 8, 15), date(2020, 8, 14)

    assert judged("RC80", born_at(5, first), first, last) == ["IEP-112"]
    assert judged("RC80", born_at(5)) == ["IEP-111"]
    for last_day, codes in ((date(2019, 6, 30), ["IEP-111"]), (date(2019, 7, 1), ["IEP-112"])):
        assert judged("RC80", born_at(5, date(2018, 9, 1)), date(2018, 9, 1), last_day) == codes
    assert judged("RC80", born_at(4, first), first, last) == ["IEP-111"]


@pytest.mark.parametrize(
    ("environment", "lowest", "highest"), [("RC80", 80, 100), ("RC79TO40", 40, 79), ("RC39", 0, 39)]
)
def test_the_share_of_the_regular_class_defines_the_environment(
    environment: str, lowest: int, highest: int
) -> None:
    """A share at either end of the environment's range is green; one point outside is red."""
    for share in range(101):
        form = Placement(environment=environment, percent_in_regular_class=share, justification="Because.")
        validation = validated(with_forms(LRE=form))
        agrees = lowest <= share <= highest
        assert found(validation) == ([] if agrees else [("IEP-113", "forms.LRE.percent_in_regular_class")])


@pytest.mark.parametrize("environment", ["RC80", "RC79TO40", "RC39"])
def test_a_missing_share_warns(environment: str) -> None:
    """An environment defined by its share passes without it, with a warning."""
    form = Placement(environment=environment, justification="Because.")
    validation = validated(with_forms(LRE=form))

    assert found(validation) == [("IEP-114", "forms.LRE.percent_in_regular_class")]
    assert validation.light is Light.YELLOW


def test_other_environments_need_no_share() -> None:
    """A separate school is not defined by a share of the regular class."""
    assert validated(with_forms(LRE=Placement(environment="SS", justification="Because."))).findings == ()


def test_an_amendment_is_judged_by_the_age_when_it_begins() -> None:
    """A child six years old when the amendment begins needs a school-age environment in it."""
    born = date(2011, 9, 1)
    history = scenario.after(
        scenario.drafted(
            born=born,
            forms=scenario.complete_forms(LRE=Placement(environment="SC", justification="Because.")),
        ),
        scenario.make_official(),
        scenario.submit(),
        scenario.amend(begin_on=date(2017, 9, 18)),
    )

    assert found(validated(history)) == [("IEP-112", "forms.LRE.environment")]
    assert found(validated(history, "amendment")) == [("IEP-111", "forms.LRE.environment")]
