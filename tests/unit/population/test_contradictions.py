"""Finding cells that contradict each other although every sum is right."""

import time
from dataclasses import replace

import numpy as np
import pytest

from deploy.population.cells import Cell, CellKey, Cells
from deploy.population.cells_file import read_cells
from deploy.population.codes import SCHOOL_AGE, Disability
from deploy.population.findings import CellsRefused, Finding
from deploy.population.fit import fit, satisfies
from deploy.population.linear_program import Limits, Outcome, Program, solve
from deploy.population.unknowns import Unknowns
from tests.unit.population.conftest import Sheet


def _findings(cells: Cells) -> tuple[Finding, ...]:
    with pytest.raises(CellsRefused) as refused:
        fit(cells)
    return refused.value.findings


def test_only_the_contradictory_cells_are_named(sheet: Sheet) -> None:
    """A finding names the two races that together exceed the total, and no other cell."""
    rows = (
        "6-21,,,total,,10",
        "6-21,,,race,BL7,10",
        "6-21,EMN,,race,WH7,1",
        "6-21,AUT,,total,,6",
        "6-21,,,sex,F,4",
    )
    (finding,) = _findings(read_cells(sheet(*rows)))
    assert finding.rule.code == "POP-011"
    assert finding.lines == (2, 3, 4)
    assert "The smallest change that resolves it:" in finding.facts


def test_races_and_sexes_of_a_disability_must_be_as_many(louisiana: Cells) -> None:
    """A wrong count is found without a total: the sums over race and over sex differ."""
    wrong = CellKey(SCHOOL_AGE, Disability("AUT"), None, "race", "AS7")
    some = (cell for cell in louisiana if cell.key.disability and cell.key.breakdown in ("race", "sex"))
    cells = Cells(tuple(replace(c, children=c.children + 4) if c.key == wrong else c for c in some))
    started = time.process_time()
    (finding,) = _findings(cells)
    assert time.process_time() - started < 20
    assert {(key.disability, key.environment, key.breakdown) for key in finding.cells} == {
        ("AUT", None, "race"),
        ("AUT", None, "sex"),
    }
    assert len(finding.cells) == 9
    assert f"{wrong} 116 instead of 120" in finding.facts


def test_contradictions_that_share_no_cell_are_all_named(sheet: Sheet) -> None:
    """Two separate contradictions in one age group are two findings."""
    rows = (
        "6-21,HI,,total,,1", "6-21,HI,SS,race,BL7,1", "6-21,HI,RF,race,WH7,1",
        "6-21,VI,,total,,1", "6-21,VI,SS,age,9,1", "6-21,VI,RF,sex,F,1",
    )  # fmt: skip
    found = sorted(finding.lines for finding in _findings(read_cells(sheet(*rows))))
    assert found == [(2, 3, 4), (5, 6, 7)]


def test_cells_that_only_half_children_could_make_true_are_refused(
    sheet: Sheet, half_children: tuple[str, ...]
) -> None:
    """Cells that need half a child contradict each other. The finding names no cell too many."""
    cells = read_cells(sheet(*half_children))
    (finding,) = _findings(cells)
    assert finding.rule.code == "POP-011"
    named = [cell for cell in cells if cell.key in finding.cells]
    assert not _possible(named)
    assert all(_possible([cell for cell in named if cell != spared]) for spared in named)


def _possible(cells: list[Cell]) -> bool:
    unknowns = Unknowns(SCHOOL_AGE)
    equations = unknowns.equations(cells)
    nothing = [0.0] * unknowns.size
    program = Program(equations, np.array(nothing), np.array(nothing), np.full(unknowns.size, np.inf))
    answer = solve(program, Limits(whole=True))
    assert answer.outcome is not Outcome.UNDECIDED
    return answer.outcome is Outcome.SOLVED and satisfies(equations, answer.values)
