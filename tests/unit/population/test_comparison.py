"""Selecting a part of the population, and comparing counts with published cells."""

from dataclasses import replace
from typing import Any

from deploy.population.cells import Cell, CellKey, Cells, compare
from deploy.population.children import count_cells
from deploy.population.codes import DISABILITIES, EARLY_CHILDHOOD, SCHOOL_AGE, Disability
from deploy.population.population import EVERYONE, RARER, Population, Selection, select_cells, select_pupils
from tests.unit.population.recount import recount


def test_the_rarer_disabilities_are_5384_children(louisiana: Cells, state: Population) -> None:
    """The children of the rarer disabilities are 5,384, and all 315 cells about them alone come out."""
    some = select_pupils(state.pupils, RARER)
    cells = select_cells(louisiana, RARER)
    assert (len(some), len(cells)) == (5_384, 315)
    assert compare(cells, recount(pupil.child for pupil in some).__getitem__).equal


def test_a_part_is_compared_with_cells_about_it_alone(louisiana: Cells) -> None:
    """A cell over all disabilities, or of another age group, is not compared with a few disabilities."""
    keys = [cell.key for cell in select_cells(louisiana, RARER)]
    assert {key.age_group for key in keys} == {"6-21"}
    assert {key.disability for key in keys} == {"DB", "EMN", "HI", "MD", "OI", "TBI", "VI"}


def test_everyone_is_compared_with_every_cell(louisiana: Cells, state: Population) -> None:
    """The whole population is compared with the whole file."""
    assert select_cells(louisiana, EVERYONE) == louisiana
    assert select_cells(louisiana, Selection(disabilities=frozenset(DISABILITIES))) == louisiana
    assert len(select_pupils(state.pupils, EVERYONE)) == 84_473


def test_an_age_group_is_compared_with_all_of_its_cells(louisiana: Cells, state: Population) -> None:
    """The children of 3 to 5 match each cell of that age group, also those over all disabilities."""
    early = Selection(age_groups=frozenset({EARLY_CHILDHOOD}))
    cells = select_cells(louisiana, early)
    assert len(cells) == sum(cell.key.age_group == "3-5" for cell in louisiana)
    assert compare(cells, recount(p.child for p in select_pupils(state.pupils, early)).__getitem__).equal


def test_counting_is_the_published_way(state: Population) -> None:
    """The project's count of the state equals an independent count, in every cell."""
    children = [pupil.child for pupil in state.pupils]
    assert count_cells(children) == recount(children)


def _cells() -> Cells:
    keys = [CellKey(SCHOOL_AGE, Disability("HI"), None, "sex", sex) for sex in ("F", "M")]
    return Cells((Cell(keys[0], 3, 2), Cell(keys[1], 0, 3)))


def test_one_child_too_many_is_a_difference() -> None:
    """One child too many in one cell is a difference, shown with the published and the counted number."""
    counts: dict[Any, int] = {("6-21", "HI", None, "sex", "F"): 4, ("6-21", "HI", None, "sex", "M"): 0}
    comparison = compare(_cells(), counts)
    assert (comparison.matched, comparison.total, comparison.equal) == (1, 2, False)
    (difference,) = comparison.differences
    assert str(difference) == "ages 6-21, HI, all environments, sex F: published 3, counted 4"


def test_a_missing_count_is_not_zero() -> None:
    """A published 0 does not match a count without that cell."""
    (_, nobody) = _cells()
    comparison = compare(Cells((nobody,)), {})
    assert [str(difference) for difference in comparison.differences] == [
        "ages 6-21, HI, all environments, sex M: published 0, not counted"
    ]


def test_no_cell_compared_is_no_agreement() -> None:
    """A comparison of no cells is no success."""
    assert not compare(Cells(()), {}).equal


def test_a_changed_figure_is_found_among_all(louisiana: Cells, state: Population) -> None:
    """If one of 1,076 cells is changed after the children were made, exactly that cell differs."""
    cells = list(louisiana)
    cells[500] = replace(cells[500], children=cells[500].children + 1)
    comparison = compare(Cells(tuple(cells)), recount(p.child for p in state.pupils).__getitem__)
    assert (comparison.matched, comparison.total) == (1_075, 1_076)
    assert [difference.cell for difference in comparison.differences] == [cells[500]]
