"""Whole numbers of children for whom every published cell is true."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from deploy.population.cells import Cell, CellKey, Cells
from deploy.population.codes import GROUPS, AgeGroup
from deploy.population.contradiction import contradictions
from deploy.population.findings import UNDECIDED, CellsRefused, Finding
from deploy.population.frame import Frame, Marks, Numbers
from deploy.population.nearest import Wish, holds, nearest_whole
from deploy.population.program import Effort, Outcome, Program, solve
from deploy.population.rake import expected
from deploy.population.sums import wrong_sums
from deploy.population.unlikely import Concession, concessions, marks, unlikely_in

Counts = NDArray[np.int64]

_UNWANTED: Final = 1_000.0
"""What an unlikely child costs, in likely ones."""
SECONDS: Final = 20.0
"""How long to look for whole numbers when the quick ways found none."""


@dataclass(frozen=True)
class GroupTables:
    """Children by disability × environment × race × sex, and × age, each in the order of `codes`."""

    group: AgeGroup
    people: Counts
    ages: Counts


@dataclass(frozen=True)
class Fit:
    """Tables for which all cells are true, and which unlikely children they took."""

    tables: tuple[GroupTables, ...]
    concessions: tuple[Concession, ...]

    @property
    def children(self) -> int:
        return sum(int(tables.people.sum()) for tables in self.tables)


def fit(cells: Cells) -> Fit:
    """The fewest children the cells allow, near proportion where cells leave them free; always the same.

    Unlikely children come in only where there is no other way, any number of likely ones rather than those.
    An age group without cells has no children. Raises `CellsRefused` naming cells that contradict each other.
    """
    wrong = wrong_sums(cells)
    if wrong:
        raise CellsRefused(cells.path, tuple(wrong))
    fitted = [_fit_group(Frame(group), cells.of(group)) for group in GROUPS]
    findings = tuple(finding for one in fitted if isinstance(one, list) for finding in one)
    if findings:
        raise CellsRefused(cells.path, findings)
    done = [one for one in fitted if isinstance(one, Fit)]
    return Fit(
        tuple(tables for one in done for tables in one.tables),
        tuple(concession for one in done for concession in one.concessions),
    )


def _fit_group(frame: Frame, cells: Sequence[Cell]) -> Fit | list[Finding]:
    if not cells:
        return Fit((), ())
    unlikely = unlikely_in(frame, cells)
    marked = marks(frame, unlikely)
    values = _whole_tables(frame, cells, marked, allowed=~marked)
    if isinstance(values, Outcome):
        values = _whole_tables(frame, cells, marked, allowed=np.ones_like(marked))
    if isinstance(values, Outcome):
        return _refusal(frame, cells, values)
    people, ages = frame.split(values)
    tables = GroupTables(frame.group, people.astype(np.int64), ages.astype(np.int64))
    return Fit((tables,), tuple(concessions(frame, unlikely, values)))


def _refusal(frame: Frame, cells: Sequence[Cell], outcome: Outcome) -> list[Finding]:
    if outcome is Outcome.IMPOSSIBLE:
        return contradictions(frame, cells)
    facts = f"Ages {frame.group}, {len(cells)} cells, {SECONDS:.0f} seconds."
    return [Finding(UNDECIDED, facts)]


def _whole_tables(frame: Frame, cells: Sequence[Cell], marked: Marks, allowed: Marks) -> Numbers | Outcome:
    """Values for the frame's columns, those not allowed being 0, or why there are none."""
    upper = np.where(allowed, np.inf, 0.0)
    least = Program(frame.equations(cells), _children(frame, marked), np.zeros(frame.size), upper)
    fractions = solve(least, Effort())
    if fractions.outcome is not Outcome.SOLVED:
        return fractions.outcome
    settled = _with_total(frame, cells, fractions.values)
    wish = _wish(frame, settled, marked, upper)
    whole = nearest_whole(frame.equations(settled), wish)
    return whole if whole is not None else _any_whole(least)


def _children(frame: Frame, marked: Marks) -> Numbers:
    """What there is to keep small: the number of children, and much more so that of the unlikely ones."""
    cost = np.where(marked, _UNWANTED, 0.0)
    cost[frame.people] += 1.0
    return cost


def _with_total(frame: Frame, cells: Sequence[Cell], least: Numbers) -> list[Cell]:
    """The cells, and how many children there are in all where no cell says so: the least there can be."""
    key = CellKey(frame.group, None, None, "total", "")
    if any(cell.key == key for cell in cells):
        return list(cells)
    total = int(np.ceil(least[frame.people].sum() - 1e-6))
    return [*cells, Cell(key, total, line=0)]


def _wish(frame: Frame, cells: Sequence[Cell], marked: Marks, upper: Numbers) -> Wish:
    """A child more or less matters by the size of chance, which is the square root of the expectation."""
    wanted = expected(frame, cells, np.where(marked, 0.0, 1.0))
    weight = np.where(marked, _UNWANTED, 1.0 / np.sqrt(wanted + 0.5))
    return Wish(wanted, weight, upper)


def _any_whole(least: Program) -> Numbers | Outcome:
    """The rare last resort, when fractions near the expectation cannot be rounded."""
    answer = solve(least, Effort(whole=True, seconds=SECONDS))
    if answer.outcome is not Outcome.SOLVED:
        return answer.outcome
    return np.rint(answer.values) if holds(least.equations, answer.values) else Outcome.UNDECIDED
