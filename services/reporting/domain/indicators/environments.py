"""Indicators 5 and 6: where children are educated, by the environments of the child count.

The denominator is the child count of the ages, with children in private schools and correctional facilities.
"""

from collections.abc import Mapping

SCHOOL_AGE: Mapping[str, tuple[str, ...]] = {"A": ("RC80",), "B": ("RC39",), "C": ("SS", "RF", "HH")}
"""Indicator 5. A: inside the regular class 80 % or more of the day. B: less than 40 %. C: separate school,
residential facility, homebound or hospital."""

PRESCHOOL: Mapping[str, tuple[str, ...]] = {
    "A": ("REC10YSVCS", "REC09YSVCS"),
    "B": ("SC", "SS", "RF"),
    "C": ("H",),
}
"""Indicator 6. A: a regular early childhood program with most services in it. B: separate class, separate
school or residential facility. C: home."""


def part_of(environment: str, parts: Mapping[str, tuple[str, ...]]) -> str:
    """The part of the indicator that has the environment. `other`: none."""
    return next((part for part, places in parts.items() if environment in places), "other")
