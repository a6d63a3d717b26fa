"""Children as pupils: their birth dates, school systems, schools, grades and state ids."""

import re
from collections import Counter
from datetime import date, timedelta

import pytest

from contracts.codes import GRADES, LEAS
from contracts.types import age_on
from deploy.population.children import Child
from deploy.population.codes import DISABILITIES, GROUPS, RACES, SEXES, AgeGroup
from deploy.population.leas import Lea, LeaCode, spread
from deploy.population.population import Population
from deploy.population.pupils import Pupil, pupils_of


def _pupils(leas: tuple[Lea, ...], as_of: date, each: int = 40) -> list[Pupil]:
    """Pupils of every age, `each` of them for one age."""
    ages = [(group, age) for group, codes in GROUPS.items() for age in codes.ages for _ in range(each)]
    children = [
        Child(number, group, age, DISABILITIES[0], GROUPS[group].environments[0], RACES[0], SEXES[number % 2])
        for number, (group, age) in enumerate(ages, start=1)
    ]
    return pupils_of(children, leas, as_of, seed=1, source="")


@pytest.mark.parametrize(
    "as_of", [date(2017, 10, 1), date(2020, 2, 29), date(2021, 2, 28), date(2021, 3, 1), date(2016, 12, 31)]
)
def test_every_pupil_has_the_counted_age_on_the_day(leas: tuple[Lea, ...], as_of: date) -> None:
    """A birth date makes the child's age in completed years on the day of the count, leap days included."""
    pupils = _pupils(leas, as_of, each=400)
    assert [age_on(pupil.birth_on, as_of) for pupil in pupils] == [pupil.child.age for pupil in pupils]


def test_birth_dates_use_the_whole_year(leas: tuple[Lea, ...]) -> None:
    """The birth dates of one age cover the whole year."""
    as_of = date(2017, 10, 1)
    births = {pupil.birth_on for pupil in _pupils(leas, as_of, each=6_000) if pupil.child.age == 9}
    assert births == {date(2007, 10, 2) + timedelta(days=days) for days in range(366)}


def test_every_state_id_is_ten_digits_and_given_once(state: Population) -> None:
    """No two children of the state share a state id, and none begins with 0."""
    ids = [pupil.state_id for pupil in state.pupils]
    assert len(set(ids)) == len(ids) == 84_473
    assert all(re.fullmatch(r"[1-9][0-9]{9}", state_id) for state_id in ids)


def test_school_systems_have_children_in_proportion(state: Population, leas: tuple[Lea, ...]) -> None:
    """Each system has its share by enrolment, within one child. A system without enrolment has none."""
    enrolment = sum(lea.enrolment for lea in leas)
    placed = Counter(pupil.lea for pupil in state.pupils)
    assert sum(placed.values()) == len(state.pupils)
    for lea in leas:
        assert abs(placed[lea.code] - len(state.pupils) * lea.enrolment / enrolment) < 1


def test_each_disability_is_spread_over_the_state(state: Population, leas: tuple[Lea, ...]) -> None:
    """The 1,773 children with emotional disturbance are near proportion to enrolment in every system too."""
    enrolment = sum(lea.enrolment for lea in leas)
    placed = Counter(pupil.lea for pupil in state.pupils if pupil.child.disability == "EMN")
    for lea in leas:
        assert abs(placed[lea.code] - 1_773 * lea.enrolment / enrolment) < 2


def test_leftover_children_go_to_the_largest_fractions() -> None:
    """Three systems of 5, 3 and 2 pupils share seven children as 4, 2 and 1."""
    pupils = {"A00": 5, "B00": 3, "C00": 2, "D00": 0}
    leas = [Lea(LeaCode(code), "", enrolment) for code, enrolment in pupils.items()]
    assert Counter(spread(leas, 7, seed=1)) == {"A00": 4, "B00": 2, "C00": 1}


def test_a_school_belongs_to_its_system(state: Population) -> None:
    """A school site's code is its system's and three digits, and a large system has many sites."""
    assert all(re.fullmatch(re.escape(p.lea) + r"[0-9]{3}", p.school) for p in state.pupils)
    assert len({pupil.school for pupil in state.pupils if pupil.lea == "026"}) == 80


def test_grades_fit_ages(leas: tuple[Lea, ...]) -> None:
    """In October 2017 a five-year-old is in kindergarten, one of 6 in grade 1, one of 18 in grade 12."""
    grades = {pupil.child.age: pupil.grade for pupil in _pupils(leas, date(2017, 10, 1))}
    assert set(grades.values()) <= set(GRADES)
    assert [grades[age] for age in (3, 4, 5, 6, 14, 17, 18, 21)] == [
        "PK",
        "PK",
        "KG",
        "01",
        "09",
        "12",
        "12",
        "12",
    ]


def test_a_five_year_old_of_early_childhood_stays_in_it(leas: tuple[Lea, ...]) -> None:
    """From 2019-20 on, a five-year-old in early childhood is not in kindergarten."""
    grades = {pupil.child.age: pupil.grade for pupil in _pupils(leas, date(2019, 10, 1))}
    assert grades[5] == "PK"


def test_a_child_is_one_person_in_every_part_of_the_population(
    state: Population, leas: tuple[Lea, ...]
) -> None:
    """The same children always get the same ids, names, birth dates and schools."""
    children = [pupil.child for pupil in state.pupils]
    assert AgeGroup("3-5") == children[0].age_group
    again = pupils_of(children, leas, date(2017, 10, 1), 1, "another file")
    assert [p.birth_on for p in again] == [p.birth_on for p in state.pupils]
    assert {p.state_id for p in again}.isdisjoint(p.state_id for p in state.pupils)


def test_every_school_system_is_one_the_contracts_know(leas: tuple[Lea, ...]) -> None:
    """Every school system with children is in the code list, so it can claim them."""
    assert {lea.code for lea in leas if lea.enrolment} <= set(LEAS)
