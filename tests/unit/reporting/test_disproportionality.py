"""Risk ratios: an LEA's group is compared with the LEA's other children, or with the state's."""

from fractions import Fraction

import pytest

from services.reporting.domain.disproportionality import Minimums, NoRatio, Numbers, ratio, ratios

ENROLLED = {"BL7": 1200, "WH7": 3000, "HI7": 150, "AS7": 40, "AM7": 8, "PI7": 3, "MU7": 99}
STATE_OTHERS = Numbers(762, 394_230)
THRESHOLD = Fraction(3)


def shown(outcomes: dict[str, int]) -> dict[str, str]:
    """The ratio of each group of an LEA, or the rule by which there is none."""
    lea = {race: Numbers(outcomes.get(race, 0), base) for race, base in ENROLLED.items()}
    state = {race: Numbers(STATE_OTHERS.outcome, STATE_OTHERS.base) for race in lea}
    whole = Numbers(sum(outcomes.values()), sum(ENROLLED.values()))
    found = {race: ratio(group, whole.less(group), state[race], Minimums()) for race, group in lea.items()}
    return {race: one.why_none or one.shown for race, one in found.items()}


def test_intellectual_disability() -> None:
    """Two groups are large enough. The others have fewer than ten children, or fewer than thirty enrolled."""
    assert shown({"BL7": 36, "WH7": 24, "HI7": 3, "MU7": 1}) == {
        "BL7": "3.5357",
        "WH7": "0.3000",
        "HI7": NoRatio.CELL,
        "AS7": NoRatio.CELL,
        "AM7": NoRatio.N,
        "PI7": NoRatio.N,
        "MU7": NoRatio.CELL,
    }


def test_a_small_comparison_group_is_replaced_by_the_states() -> None:
    """Eight other children with an emotional disturbance are too few, so the state's others are compared."""
    assert shown({"BL7": 14, "WH7": 6, "HI7": 1, "MU7": 1})["BL7"] == "6.0359"


def test_learning_disability() -> None:
    """Two ratios stay below the threshold."""
    found = shown({"BL7": 90, "WH7": 134, "HI7": 12, "AS7": 1, "MU7": 3})
    assert (found["BL7"], found["HI7"]) == ("1.6500", "1.5263")


def test_only_a_greater_ratio_exceeds() -> None:
    """A ratio equal to the threshold does not exceed it."""
    group, others = Numbers(30, 100), Numbers(10, 100)
    found = ratio(group, others, STATE_OTHERS, Minimums())
    assert (found.shown, found.exceeds(THRESHOLD), found.exceeds(Fraction(299, 100))) == (
        "3.0000",
        False,
        True,
    )


@pytest.mark.parametrize(
    ("group", "lea", "state", "minimums", "why"),
    [
        (Numbers(20, 100), Numbers(9, 100), Numbers(9, 1000), Minimums(), NoRatio.COMPARISON),
        (Numbers(20, 100), Numbers(20, 29), Numbers(20, 29), Minimums(), NoRatio.COMPARISON),
        (Numbers(20, 100), Numbers(0, 100), Numbers(0, 100), Minimums(cell=0), NoRatio.COMPARISON),
        (Numbers(20, None), Numbers(20, None), Numbers(20, None), Minimums(), NoRatio.BASE),
    ],
)
def test_no_ratio(group: Numbers, lea: Numbers, state: Numbers, minimums: Minimums, why: NoRatio) -> None:
    """Without a large enough comparison, or without a base, there is no ratio."""
    found = ratio(group, lea, state, minimums)
    assert (found.why_none, found.shown, found.exceeds(THRESHOLD)) == (why, "-", False)


def test_all_groups_of_an_lea() -> None:
    """A group's comparison is everybody else. With an unknown base nobody is compared."""
    lea = {"BL7": Numbers(36, 1200), "WH7": Numbers(24, 3000), "HI7": Numbers(4, 300)}
    assert ratios(lea, lea, Minimums())["BL7"].shown == "3.5357"
    unknown = lea | {"HI7": Numbers(4, None)}
    assert ratios(unknown, unknown, Minimums())["BL7"].why_none is NoRatio.COMPARISON
