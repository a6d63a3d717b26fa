"""Reporting's child count in the layout of the published file."""

import pytest

from deploy.demo.reporting import cell_key_of
from deploy.population.cells import CellKey
from deploy.population.codes import AgeGroup, Disability, Environment


def reported_cell(**changes: object) -> dict[str, object]:
    """A cell as reporting gives it."""
    return {
        "age_group": "6-21",
        "disability": None,
        "environment": None,
        "breakdown": "total",
        "value": None,
        "children": 1,
    } | changes


def test_blank_stands_for_all() -> None:
    """A cell without disability, environment and value counts all children of the age group."""
    assert cell_key_of(reported_cell()) == CellKey(AgeGroup("6-21"), None, None, "total", "")


def test_a_cell_keeps_its_place() -> None:
    """Disability, environment and value equal those of the published file."""
    cell = reported_cell(disability="AUT", environment="RC80", breakdown="ageband", value="12-17")

    key = CellKey(AgeGroup("6-21"), Disability("AUT"), Environment("RC80"), "ageband", "12-17")
    assert cell_key_of(cell) == key


@pytest.mark.parametrize(
    ("group", "breakdown", "value", "expected"),
    [
        ("5K-21", "ageband", "5K-11", CellKey(AgeGroup("6-21"), None, None, "ageband", "6-11")),
        ("5K-21", "age", "7", CellKey(AgeGroup("6-21"), None, None, "age", "7")),
        ("3-5", "age", "AGE05NOTK", CellKey(AgeGroup("3-5"), None, None, "age", "5")),
    ],
)
def test_from_2019_on_the_groups_have_other_names(
    group: str, breakdown: str, value: str, expected: CellKey
) -> None:
    """The groups are the same: the file has no five-year-olds in kindergarten."""
    assert cell_key_of(reported_cell(age_group=group, breakdown=breakdown, value=value)) == expected


def test_five_in_kindergarten_has_a_cell_of_its_own() -> None:
    """A five-year-old in kindergarten is counted in another cell than one who is not."""
    five = cell_key_of(reported_cell(age_group="5K-21", breakdown="age", value="AGE05K"))

    assert five.value == "AGE05K"
