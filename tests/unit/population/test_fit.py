"""Fitting whole numbers of children to small files of cells, with the real solver."""

from collections import Counter

import pytest

from deploy.population import fit as fitting
from deploy.population.cells_file import read_cells
from deploy.population.children import Child, children_of
from deploy.population.codes import Disability
from deploy.population.findings import CellsRefused
from tests.unit.population.conftest import Sheet
from tests.unit.population.recount import find_differences


def _children(sheet: Sheet, *rows: str) -> tuple[list[Child], list[str]]:
    cells = read_cells(sheet(*rows))
    fitted = fitting.fit(cells)
    children = children_of(fitted, seed=1)
    assert find_differences(cells, children) == []
    assert len(children) == fitted.children
    return children, [str(concession) for concession in fitted.concessions]


def test_there_are_no_more_children_than_the_cells_demand(sheet: Sheet) -> None:
    """If a file has no total, the population is the smallest that its cells allow."""
    children, _ = _children(sheet, "6-21,AUT,,total,,5", "6-21,,SS,total,,3", "6-21,,,sex,F,2")
    assert len(children) == 5


def test_an_age_group_without_cells_has_no_children(sheet: Sheet) -> None:
    """A file about school age gives no children of 3 to 5 years."""
    children, _ = _children(sheet, "6-21,,,total,,4")
    assert {child.age_group for child in children} == {"6-21"}


def test_a_file_of_zeros_gives_no_children(sheet: Sheet) -> None:
    """Published zeros are accepted, and give no children."""
    assert _children(sheet, "3-5,,,total,,0", "6-21,AUT,RC80,race,BL7,0") == ([], [])


def test_an_unnamed_disability_is_not_made_up(sheet: Sheet) -> None:
    """Children have only disabilities and environments that the file names for their age group."""
    children, concessions = _children(sheet, "6-21,,,total,,40", "6-21,HI,,total,,9", "6-21,VI,RC80,sex,F,1")
    assert {(child.disability, child.environment) for child in children} == {("HI", "RC80"), ("VI", "RC80")}
    assert concessions == []


def test_an_unnamed_disability_is_used_if_needed(sheet: Sheet) -> None:
    """If the named disabilities do not reach the total, the rest have others, and a concession says so."""
    children, concessions = _children(sheet, "6-21,,,total,,12", "6-21,HI,,total,,9")
    assert Counter(child.disability == "HI" for child in children) == {True: 9, False: 3}
    assert sum(int(text.split(":")[1].split()[0]) for text in concessions) == 3
    assert all("which no cell names" in text for text in concessions)


def test_any_disability_will_do_where_none_is_named(sheet: Sheet) -> None:
    """A file by age alone spreads its children over all disabilities, without a concession."""
    children, concessions = _children(sheet, "6-21,,,age,7,2600")
    assert len({child.disability for child in children}) == 13
    assert concessions == []


def test_developmental_delay_ends_at_nine(sheet: Sheet) -> None:
    """From 9 years on, children get other disabilities than developmental delay if the cells allow it."""
    children, concessions = _children(
        sheet, "6-21,DD,,total,,30", "6-21,SLI,,total,,30", "6-21,,,age,8,31", "6-21,,,age,12,29"
    )
    assert Counter((child.disability, child.age) for child in children) == {
        ("DD", 8): 30, ("SLI", 8): 1, ("SLI", 12): 29,
    }  # fmt: skip
    assert concessions == []


def test_late_developmental_delay_is_a_concession(sheet: Sheet) -> None:
    """If a file needs developmental delay at 12, a concession gives the number of these children."""
    children, concessions = _children(
        sheet, "6-21,DD,,total,,30", "6-21,SLI,,total,,30", "6-21,,,age,8,21", "6-21,,,age,12,39"
    )
    assert [(child.disability, child.age) for child in children].count((Disability("DD"), 12)) == 9
    assert concessions == ["ages 6-21: 9 children count under DD outside ages 3 to 8; the cells need them"]


def test_both_age_groups_are_refused_together(sheet: Sheet) -> None:
    """One refusal names the contradictions of both age groups."""
    rows = ("{},,,total,,1", "{},,,race,BL7,1", "{},HI,,race,WH7,1")
    with pytest.raises(CellsRefused) as refused:
        fitting.fit(read_cells(sheet(*(row.format(group) for group in ("3-5", "6-21") for row in rows))))
    assert [finding.lines for finding in refused.value.findings] == [(2, 3, 4), (5, 6, 7)]
    assert refused.value.path is not None


def test_a_file_that_takes_too_long_is_refused(
    sheet: Sheet, half_children: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If no whole numbers are found in time, the file is refused."""
    monkeypatch.setattr(fitting, "SECONDS", 0.0)
    with pytest.raises(CellsRefused) as refused:
        fitting.fit(read_cells(sheet(*half_children)))
    assert [finding.rule.code for finding in refused.value.findings] == ["POP-012"]
