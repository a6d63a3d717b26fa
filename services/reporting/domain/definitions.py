"""The students whom the child count counts, and their age groups, by school year.

Through 2018-19 the early childhood file had ages 3 through 5 and the school age file 6 through 21. From
2019-20 on, five-year-olds in kindergarten are of school age (EDFacts FS002 and FS089, change of that year).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from contracts.codes import ENVIRONMENTS, EXCEPTIONALITIES, EnvironmentCode, ExceptionalityCode

NOT_IN_KINDERGARTEN = ("IN", "PK")
"""The grades before kindergarten. A student without a grade is not in kindergarten either."""

_SCHOOL_YEAR_BEGINS = (7, 1)
_KINDERGARTEN_MATTERS_FROM = 2019


@dataclass(frozen=True, slots=True)
class Age:
    """An age in completed years. `kindergarten`: only children in it, or only those not in it. None: both."""

    years: int
    value: str
    kindergarten: bool | None = None

    def halves(self) -> tuple[bool, ...]:
        """The values of *in kindergarten* that belong to this age."""
        return (False, True) if self.kindergarten is None else (self.kindergarten,)


@dataclass(frozen=True, slots=True)
class AgeGroup:
    """Ages that one file reports together. `listed_as`: the group's name in the list of environments."""

    name: str
    listed_as: str
    ages: tuple[Age, ...]
    bands: Mapping[str, range]

    @property
    def environments(self) -> tuple[EnvironmentCode, ...]:
        """The educational environments of these ages."""
        return tuple(
            code for code, found in ENVIRONMENTS.items() if found.more["age_group"] in ("", self.listed_as)
        )

    def band(self, age: Age) -> str | None:
        """The band of the age. None: the group has no bands."""
        return next((name for name, years in self.bands.items() if age.years in years), None)


@dataclass(frozen=True, slots=True)
class Category:
    """A federal disability, and the ages for which the state uses it."""

    code: ExceptionalityCode
    disability: str
    from_age: int
    through_age: int

    def declared_in(self, years: range) -> bool:
        """Whether any of the ages may have this disability."""
        return any(self.from_age <= age <= self.through_age for age in years)


_EVER = (0, 99)
_EARLY, _SCHOOL = "3-5", "6-21"

_THROUGH_2018 = (
    AgeGroup(_EARLY, _EARLY, tuple(Age(years, str(years)) for years in (3, 4, 5)), {}),
    AgeGroup(
        _SCHOOL,
        _SCHOOL,
        tuple(Age(years, str(years)) for years in range(6, 22)),
        {"6-11": range(6, 12), "12-17": range(12, 18), "18-21": range(18, 22)},
    ),
)
_FROM_2019 = (
    AgeGroup(_EARLY, _EARLY, (Age(3, "3"), Age(4, "4"), Age(5, "AGE05NOTK", kindergarten=False)), {}),
    AgeGroup(
        "5K-21",
        _SCHOOL,
        (Age(5, "AGE05K", kindergarten=True), *(Age(years, str(years)) for years in range(6, 22))),
        {"5K-11": range(5, 12), "12-17": range(12, 18), "18-21": range(18, 22)},
    ),
)


def school_year(day: date) -> str:
    """The school year of a day, as EDFacts writes it (`2017-18`). It begins on 1 July."""
    begins = _begins(day)
    return f"{begins:04d}-{(begins + 1) % 100:02d}"


def _begins(day: date) -> int:
    return day.year - ((day.month, day.day) < _SCHOOL_YEAR_BEGINS)


def year_over(day: date) -> date:
    """The last day on which a plan began whose year is over on `day`. A plan is in effect through the day
    before its anniversary, and is counted after it, with a warning."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return date(day.year - 1, 2, 28)


def age_groups(as_of: date) -> tuple[AgeGroup, ...]:
    """Early childhood and school age, as the school year of the day defines them."""
    return _FROM_2019 if _begins(as_of) >= _KINDERGARTEN_MATTERS_FROM else _THROUGH_2018


def categories() -> Iterator[Category]:
    """Every exceptionality that is a federal disability. Federally, deafness is a hearing impairment."""
    for code, found in EXCEPTIONALITIES.items():
        if found.edfacts:
            first = int(found.more["from_age"] or _EVER[0])
            last = int(found.more["through_age"] or _EVER[1])
            yield Category(code, found.edfacts, first, last)


def disabilities() -> tuple[str, ...]:
    """The federal disabilities, each once."""
    return tuple(dict.fromkeys(category.disability for category in categories()))
