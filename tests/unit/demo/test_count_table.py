"""The table of the child count."""

import io
import re

import pytest
from rich.console import Console

from deploy.demo.count_table import WIDE, draw_count_table
from deploy.demo.demonstration import Plan
from deploy.demo.reporting import ChildCount
from deploy.population.cells import Cell, CellKey, Cells, compare
from deploy.population.cells_file import read_cells
from deploy.population.codes import (
    EARLY_CHILDHOOD,
    GROUPS,
    SCHOOL_AGE,
    AgeGroup,
    Disability,
    Environment,
)
from deploy.population.population import EVERYONE, LOUISIANA_2017, Selection, select_cells
from tests.unit.demo.pupils import AS_OF

IN_CLASS = CellKey(SCHOOL_AGE, Disability("VI"), Environment("RC80"), "total", "")
ALL = CellKey(SCHOOL_AGE, Disability("VI"), None, "total", "")


def printed_table(counted_children: int, width: int = WIDE) -> str:
    """The table for one published cell of 283 children, with colours."""
    count = ChildCount({IN_CLASS: counted_children, ALL: counted_children}, True, 1, {})
    select_cells = Cells((Cell(IN_CLASS, 283, 1),))
    selection = Selection(frozenset({Disability("VI")}), frozenset({SCHOOL_AGE}))
    plan = Plan((), selection, select_cells, AS_OF, 1)
    screen = Console(file=io.StringIO(), force_terminal=True, width=width, color_system="standard")
    screen.print(draw_count_table(count, compare(select_cells, count.cells), plan, SCHOOL_AGE, width))
    file = screen.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_a_count_as_published_is_plain() -> None:
    """The disability is named, its children are counted, and nothing is red."""
    table = printed_table(283)

    assert "Visual Impairment" in table
    assert "283" in table
    assert "1 October 2017" in table
    assert not re.search(_RED, table)


def test_a_count_that_differs_is_red() -> None:
    """A count that differs from the published cell is red in the table."""
    assert re.search(_RED + r" *282", printed_table(282))


def test_a_narrow_screen_has_short_names() -> None:
    """On a narrow screen the environments have short names, and a legend explains them."""
    words = re.sub(r"\x1b\[[0-9;]*m", "", printed_table(283, width=80)).split()
    assert " ≥80 40–79 <40 sep. res. hosp. corr. priv. all " in " ".join(words)
    assert " res.: residential facility; " in " ".join(words)
    assert "hosp." not in printed_table(283)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("width", [80, WIDE])
def test_nothing_is_cut(group: AgeGroup, width: int) -> None:
    """The tables of the whole state, with the largest numbers, fit any screen."""
    cells = read_cells(LOUISIANA_2017)
    count = ChildCount({cell.key: cell.children for cell in cells}, True, 1, {})
    plan = Plan((), EVERYONE, select_cells(cells, EVERYONE), AS_OF, 1)
    screen = Console(file=io.StringIO(), width=width)
    screen.print(draw_count_table(count, compare(plan.published, count.cells), plan, group, width))
    assert isinstance(screen.file, io.StringIO)
    assert "Traumatic Brain Injury" in screen.file.getvalue()
    assert "…" not in screen.file.getvalue()


def test_early_childhood_has_environments_of_its_own() -> None:
    """The table of ages 3 to 5 has the environments of that age group."""
    plan = Plan((), Selection(), Cells(()), AS_OF, 1)
    count = ChildCount({}, True, 0, {})

    table = draw_count_table(count, compare(Cells(()), {}), plan, EARLY_CHILDHOOD, 80)

    assert "≥10h" in [column.header for column in table.columns]
    assert table.row_count == 13


_RED = "\x1b\\[1;31m"
