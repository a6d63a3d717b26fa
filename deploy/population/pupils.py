"""Gives each child a state id, a name, a birth date, a school and a grade.

A name that belongs to a real person does so by chance.
"""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final, NewType

from deploy.population.children import Child
from deploy.population.codes import Sex
from deploy.population.leas import Lea, LeaCode, spread

_LISTS: Final = Path(__file__).parent / "name_lists"


def _names(of: str) -> tuple[str, ...]:
    return tuple((_LISTS / f"{of}.txt").read_text(encoding="utf-8").split())


FIRST_NAMES: Final[Mapping[Sex, tuple[str, ...]]] = {Sex("F"): _names("girls"), Sex("M"): _names("boys")}
LAST_NAMES: Final = _names("families")


StateId = NewType("StateId", str)
SchoolCode = NewType("SchoolCode", str)
Grade = NewType("Grade", str)

PUPILS_PER_SCHOOL: Final = 600
"""About the size of a public school. The school sites are invented; they are not the state's list."""

_IDS: Final = 9_000_000_000
_STRIDE: Final = 6_180_339_887
"""Has no divisor in common with `_IDS`, so different numbers make different ids."""

_KINDERGARTEN_MATTERS_FROM: Final = date(2019, 7, 1)
"""From school year 2019-20 on, five-year-olds in kindergarten are of school age (EDFacts FS002 and FS089)."""


@dataclass(frozen=True, slots=True)
class Pupil:
    """A child with everything that is needed to add, claim and count it. All of it is invented."""

    child: Child
    state_id: StateId
    first_name: str
    last_name: str
    birth_on: date
    lea: LeaCode
    school: SchoolCode
    grade: Grade


def pupils_of(
    children: Sequence[Child], leas: Sequence[Lea], as_of: date, seed: int, source: str
) -> list[Pupil]:
    """Each child as a pupil of a school system on the day `as_of`. The same arguments give the same pupils.

    `source` names the figures behind the children. Each source, day and seed has its own state ids, and no
    two pupils share one.
    """
    draw = random.Random(f"{seed}|pupils")
    first_id = _first_id(f"{source}|{as_of.isoformat()}|{seed}")
    schools = {lea.code: _schools(lea) for lea in leas}
    placed = zip(children, spread(leas, len(children), seed), strict=True)
    return [
        Pupil(
            child,
            _state_id(first_id, child.number),
            draw.choice(FIRST_NAMES[child.sex]),
            draw.choice(LAST_NAMES),
            _birth_on(child.age, as_of, draw),
            lea,
            draw.choice(schools[lea]),
            _grade(child.age, as_of),
        )
        for child, lea in placed
    ]


def _first_id(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()) % _IDS


def _state_id(first: int, number: int) -> StateId:
    """Ten digits, the first of them not 0."""
    return StateId(str(10**9 + (first + number * _STRIDE) % _IDS))


def _birth_on(age: int, as_of: date, draw: random.Random) -> date:
    """A random day among the 365 or 366 birth dates that give this age in completed years."""
    latest = _years_before(as_of, age)
    earliest = _years_before(as_of, age + 1) + timedelta(days=1)
    return earliest + timedelta(days=draw.randrange((latest - earliest).days + 1))


def _years_before(day: date, years: int) -> date:
    """The latest birth date of a person who has completed so many years on the day.

    For 29 February it is 28 February of a common year. A person born on 29 February is a year older on
    1 March of a common year.
    """
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _schools(lea: Lea) -> tuple[SchoolCode, ...]:
    """The codes of a system's school sites: the system's code and three digits."""
    return tuple(
        SchoolCode(f"{lea.code}{number:03d}")
        for number in range(1, 1 + min(999, -(-max(lea.enrolment, 1) // PUPILS_PER_SCHOOL)))
    )


def _grade(age: int, as_of: date) -> Grade:
    """The usual grade for the age. From 2019-20 on a five-year-old is in PK, and so not of school age."""
    if age < 5 or (age == 5 and as_of >= _KINDERGARTEN_MATTERS_FROM):
        return Grade("PK")
    return Grade("KG" if age == 5 else f"{min(age - 5, 12):02d}")
