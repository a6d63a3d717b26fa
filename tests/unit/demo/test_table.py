"""The table at the end."""

import io
import re

from rich.console import Console

from deploy.demo.counting import Count
from deploy.demo.living import Plan
from deploy.demo.table import WIDE, counted
from deploy.population.cells import Cell, CellKey, Cells
from deploy.population.codes import EARLY_CHILDHOOD, SCHOOL_AGE, Disability, Environment
from deploy.population.compare import compare
from deploy.population.selection import Selection
from tests.unit.demo.pupils import AS_OF

IN_CLASS = CellKey(SCHOOL_AGE, Disability("VI"), Environment("RC80"), "total", "")
ALL = CellKey(SCHOOL_AGE, Disability("VI"), None, "total", "")


def shown(counted_children: int, width: int = WIDE) -> str:
    """The table for one published cell of 283 children, with colours."""
    count = Count({IN_CLASS: counted_children, ALL: counted_children}, True, 1, {})
    published = Cells((Cell(IN_CLASS, 283, 1),))
    selection = Selection(frozenset({Disability("VI")}), frozenset({SCHOOL_AGE}))
    plan = Plan((), selection, published, AS_OF, 1)
    screen = Console(file=io.StringIO(), force_terminal=True, width=width, color_system="standard")
    screen.print(counted(count, compare(published, count.cells), plan, SCHOOL_AGE, width))
    file = screen.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_what_is_as_published_is_plain() -> None:
    """The disability is named, its children are counted, and nothing is red."""
    table = shown(283)

    assert "Visual Impairment" in table
    assert "283" in table
    assert "1 October 2017" in table
    assert not re.search(_RED, table)


def test_what_differs_from_the_published_cell_is_red() -> None:
    """Whoever looks at the table sees at once which number is wrong."""
    assert re.search(_RED + r" *282", shown(282))


def test_a_narrow_screen_has_codes() -> None:
    """On a narrow screen the environments have their codes, so that the numbers are not cut."""
    assert "RC79TO40" in shown(283, width=80)
    assert "RC79TO40" not in shown(283)


def test_early_childhood_has_environments_of_its_own() -> None:
    """Of children of three to five there is a table with their environments."""
    plan = Plan((), Selection(), Cells(()), AS_OF, 1)
    count = Count({}, True, 0, {})

    table = counted(count, compare(Cells(()), {}), plan, EARLY_CHILDHOOD, 80)

    assert "REC10YSVCS" in [column.header for column in table.columns]
    assert table.row_count == 13


_RED = "\x1b\\[1;31m"
