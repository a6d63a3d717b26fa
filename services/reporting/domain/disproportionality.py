"""Disproportionality by race: risk ratios, alternate risk ratios, and whether one exceeds the threshold.

34 CFR 300.646 and 300.647. A risk is the share of a group's children who have an outcome, such as a
disability. Ratios are exact fractions; only print rounds them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

_PLACES = 4


class Numbers(NamedTuple):
    """Children of a group: those with the outcome, and all. `base` None: nobody has loaded it."""

    outcome: int
    base: int | None

    def less(self, other: "Numbers") -> "Numbers":
        """These children without those of a group among them."""
        if self.base is None or other.base is None:
            return Numbers(self.outcome - other.outcome, None)
        return Numbers(self.outcome - other.outcome, self.base - other.base)


class Comparison(StrEnum):
    """The children with whom a group is compared."""

    LEA = "risk ratio"
    STATE = "alternate risk ratio"


class NoRatio(StrEnum):
    """Why a group has no ratio, in the order in which the reasons are tried."""

    BASE = "enrolment not loaded"
    N = "n-size below the minimum"
    CELL = "cell below the minimum"
    COMPARISON = "both comparison groups below the minimum"


@dataclass(frozen=True, slots=True)
class Minimums:
    """The smallest outcome (`cell`) and the smallest base (`n`) of a group that gives a ratio.

    Up to 10 and 30 they are presumed reasonable (34 CFR 300.647(b)(1)(iv)).
    """

    cell: int = 10
    n: int = 30

    def met_by(self, numbers: Numbers) -> bool:
        """Whether a comparison group is large enough."""
        return numbers.outcome >= self.cell and numbers.base is not None and numbers.base >= self.n


class Ratio(NamedTuple):
    """The ratio of a group and with whom it was compared, or why there is none."""

    value: Fraction | None
    comparison: Comparison | None
    why_none: NoRatio | None

    @property
    def shown(self) -> str:
        """With four decimals, half rounded up; `-` if there is none."""
        return decimals(self.value) if self.value is not None else "-"

    def exceeds(self, threshold: Fraction) -> bool:
        """Whether the ratio is greater than the threshold. Equal is not greater."""
        return self.value is not None and self.value > threshold


def ratio(group: Numbers, in_lea: Numbers, in_state: Numbers, minimums: Minimums) -> Ratio:
    """The ratio of a group of an LEA. `in_lea`, `in_state`: all other children there, outcome and base.

    The LEA's others are compared if they are large enough, else the state's.
    """
    why_none = _too_small(group, minimums)
    if why_none is not None:
        return Ratio(None, None, why_none)
    for comparison, others in ((Comparison.LEA, in_lea), (Comparison.STATE, in_state)):
        if minimums.met_by(others) and others.outcome:
            return Ratio(_risk(group) / _risk(others), comparison, None)
    return Ratio(None, None, NoRatio.COMPARISON)


def _too_small(group: Numbers, minimums: Minimums) -> NoRatio | None:
    if group.base is None:
        return NoRatio.BASE
    if group.base < minimums.n:
        return NoRatio.N
    return NoRatio.CELL if group.outcome < minimums.cell else None


def _risk(numbers: Numbers) -> Fraction:
    assert numbers.base, "a group of a ratio has children"
    return Fraction(numbers.outcome, numbers.base)


def ratios(
    lea: Mapping[str, Numbers], state: Mapping[str, Numbers], minimums: Minimums
) -> Mapping[str, Ratio]:
    """The ratio of each group, by race. `lea`, `state`: the numbers of every race there."""
    whole_lea, whole_state = _sum(lea), _sum(state)
    return {
        race: ratio(group, whole_lea.less(group), whole_state.less(state[race]), minimums)
        for race, group in lea.items()
    }


def _sum(groups: Mapping[str, Numbers]) -> Numbers:
    bases = [group.base for group in groups.values()]
    known = [base for base in bases if base is not None]
    return Numbers(
        sum(group.outcome for group in groups.values()), sum(known) if len(known) == len(bases) else None
    )


def decimals(value: Fraction) -> str:
    """A fraction with four decimals, half rounded up."""
    scaled = (2 * value.numerator * 10**_PLACES + value.denominator) // (2 * value.denominator)
    units, rest = divmod(scaled, 10**_PLACES)
    return f"{units}.{rest:0{_PLACES}d}"
