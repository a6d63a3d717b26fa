"""What the state declares to the federal government about itself, and which combinations that rules out."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from services.reporting.domain.definitions import categories as disabilities_by_age
from services.reporting.domain.federal.specification import Category, CategorySet, Specification

Combination = tuple[str, ...]
"""A value of each category of a set, in the order of its categories."""

_FIRST_EXIT_AGE, _LAST_EXIT_AGE = 14, 21
_REACHED_MAXIMUM_AGE = "RMA"
_DIPLOMAS = ("GHS", "GRADALTDPL", "RC")


@dataclass(frozen=True, slots=True)
class Declarations:
    """The state's declarations. Ages are in completed years, both ends included.

    `minimum_age`: below it nobody leaves with a diploma or certificate. None: the state declares none.
    """

    state: str = "LA"
    fips: str = "22"
    agency: str = "01"
    offers_certificate: bool = True
    offers_alternate_diploma: bool = True
    minimum_age: int | None = None
    maximum_age: int = _LAST_EXIT_AGE
    correctional_ages: tuple[int, int] = (5, _LAST_EXIT_AGE)

    def possible(self, values: dict[Category, str]) -> bool:
        """Whether a student can have these values together."""
        return (
            self._disability_possible(values)
            and self._environment_possible(values)
            and self._exit_possible(values)
        )

    def _disability_possible(self, values: dict[Category, str]) -> bool:
        age, disability = values.get(Category.AGE), values.get(Category.DISABILITY)
        if age is None or disability is None:
            return True
        return any(
            one.from_age <= years_of(age) <= one.through_age
            for one in disabilities_by_age()
            if one.disability == disability
        )

    def _environment_possible(self, values: dict[Category, str]) -> bool:
        age = values.get(Category.AGE)
        if age is None or values.get(Category.ENVIRONMENT) != "CF":
            return True
        first, last = self.correctional_ages
        return first <= years_of(age) <= last

    def _exit_possible(self, values: dict[Category, str]) -> bool:
        basis, age = values.get(Category.EXIT), values.get(Category.AGE)
        if basis == "RC" and not self.offers_certificate:
            return False
        if basis == "GRADALTDPL" and not self.offers_alternate_diploma:
            return False
        if basis is None or age is None:
            return True
        if basis == _REACHED_MAXIMUM_AGE:
            return years_of(age) == self.maximum_age
        too_young = self.minimum_age is not None and years_of(age) < self.minimum_age
        return years_of(age) <= self.maximum_age and not (basis in _DIPLOMAS and too_young)


def years_of(age: str) -> int:
    """The completed years of an age as the files write it: `AGE05K` is 5."""
    return int("".join(filter(str.isdigit, age)))


def combinations(
    specification: Specification, category_set: CategorySet, declared: Declarations
) -> Iterator[Combination]:
    """Every combination of a set that a student of the state can have, in the file's order.

    Without MISSING: the files have no zero rows for it.
    """
    sides = [specification.values[category] for category in category_set.categories]
    for combination in product(*sides):
        ours = {
            category: specification.counted_as[category, value]
            for category, value in zip(category_set.categories, combination, strict=True)
        }
        if declared.possible(ours):
            yield combination
