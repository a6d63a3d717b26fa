"""Pupils for tests: of East Baton Rouge, with any age, birthday, disability and environment."""

from datetime import date, timedelta

from deploy.population.children import Child
from deploy.population.codes import RACES, SEXES, AgeGroup, Disability, Environment
from deploy.population.leas import LeaCode
from deploy.population.pupils import Grade, Pupil, SchoolCode, StateId

AS_OF = date(2017, 10, 1)


def pupil(
    age: int,
    birth_on: date,
    *,
    group: str = "6-21",
    disability: str = "OHI",
    environment: str = "RC80",
    number: int = 1,
) -> Pupil:
    """A pupil of East Baton Rouge."""
    child = Child(
        number,
        AgeGroup(group),
        age,
        Disability(disability),
        Environment(environment),
        RACES[number % len(RACES)],
        SEXES[number % len(SEXES)],
    )
    return Pupil(
        child,
        StateId(f"{2_000_000_000 + number}"),
        "Testa",
        "Student",
        birth_on,
        LeaCode("017"),
        SchoolCode("017001"),
        Grade("03"),
    )


def birthday_in(age: int, days: int, as_of: date = AS_OF) -> date:
    """The birth date of a child of that age who had its last birthday so many days before `as_of`."""
    day = as_of - timedelta(days=days)
    return day.replace(year=day.year - age)
