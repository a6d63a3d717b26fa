"""Whole numbers of children for whom every published cell is true."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from deploy.population.cells import Cell, CellKey, Cells
from deploy.population.codes import GROUPS, AgeGroup
from deploy.population.contradictions import find_contradictions, find_wrong_sums
from deploy.population.expectation import (
    Concession,
    count_concessions,
    estimate_children,
    find_unlikely,
    mark_unlikely,
)
from deploy.population.findings import UNDECIDED, CellsRefused, Finding
from deploy.population.linear_program import Limits, Outcome, Program, solve
from deploy.population.unknowns import Equation, Marks, Numbers, Unknowns

_TOLERANCE = 1e-5
"""How far from a whole number the solver's whole numbers may be."""


@dataclass(frozen=True)
class Target:
    """What each unknown should rather be, what a child more or less costs, and how large it may be."""

    expected: Numbers
    weight: Numbers
    upper: Numbers


def find_nearest_whole(equations: Sequence[Equation], wish: Target) -> Numbers | None:
    """Whole numbers that satisfy the equations; `None` if none are within one of the nearest fractions."""
    fractions = _nearest(equations, wish)
    if fractions is None or satisfies(equations, fractions):
        return fractions if fractions is None else np.rint(fractions)
    rounded = _rounded(equations, wish, fractions)
    return np.rint(rounded) if rounded is not None and satisfies(equations, rounded) else None


def satisfies(equations: Sequence[Equation], values: Numbers) -> bool:
    """Whether the values are whole and satisfy each equation exactly."""
    whole = np.rint(values)
    if np.abs(values - whole).max() > _TOLERANCE:
        return False
    return all(int(row.factors @ whole[row.columns]) == row.equals for row in equations)


def _nearest(equations: Sequence[Equation], wish: Target) -> Numbers | None:
    """The least weighted distance, by a linear program with three unknowns for one.

    A count is the whole number below its expectation, plus a step of at most one, plus what is above that,
    less what is below. Costs bend at whole numbers only, so most of the solution comes out whole.
    """
    floor = np.minimum(np.floor(wish.expected + 1e-9), wish.upper)
    step = np.clip(wish.expected - floor, 0.0, 1.0)
    room = wish.upper - floor
    program = Program(
        [_split(row, floor) for row in equations],
        cost=np.concatenate([wish.weight * (1.0 - 2.0 * step), wish.weight, wish.weight]),
        lower=np.zeros(3 * floor.size),
        upper=np.concatenate([np.minimum(1.0, room), room, floor]),
    )
    answer = solve(program, Limits())
    if answer.outcome is not Outcome.SOLVED:
        return None
    within, above, below = answer.values.reshape(3, -1)
    values: Numbers = floor + within + above - below
    return values


def _split(row: Equation, floor: Numbers) -> Equation:
    size = floor.size
    return Equation(
        np.concatenate([row.columns, row.columns + size, row.columns + 2 * size]),
        np.concatenate([row.factors, row.factors, -row.factors]),
        row.equals - int(row.factors @ floor[row.columns]),
    )


def _rounded(equations: Sequence[Equation], wish: Target, fractions: Numbers) -> Numbers | None:
    """Whole numbers at most one from where each fraction lies: quick to find, so few are possible."""
    program = Program(
        equations,
        cost=np.where(fractions > wish.expected, wish.weight, -wish.weight),
        lower=np.maximum(np.floor(fractions + _TOLERANCE) - 1.0, 0.0),
        upper=np.minimum(np.ceil(fractions - _TOLERANCE) + 1.0, wish.upper),
    )
    answer = solve(program, Limits(whole=True, nodes=2_000))
    return answer.values if answer.outcome is Outcome.SOLVED else None


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
    wrong = find_wrong_sums(cells)
    if wrong:
        raise CellsRefused(cells.path, tuple(wrong))
    fitted = [_fit_group(Unknowns(group), cells.of(group)) for group in GROUPS]
    findings = tuple(finding for one in fitted if isinstance(one, list) for finding in one)
    if findings:
        raise CellsRefused(cells.path, findings)
    done = [one for one in fitted if isinstance(one, Fit)]
    return Fit(
        tuple(tables for one in done for tables in one.tables),
        tuple(concession for one in done for concession in one.concessions),
    )


def _fit_group(frame: Unknowns, cells: Sequence[Cell]) -> Fit | list[Finding]:
    if not cells:
        return Fit((), ())
    unlikely = find_unlikely(frame, cells)
    marked = mark_unlikely(frame, unlikely)
    values = _whole_tables(frame, cells, marked, allowed=~marked)
    if isinstance(values, Outcome):
        values = _whole_tables(frame, cells, marked, allowed=np.ones_like(marked))
    if isinstance(values, Outcome):
        return _refusal(frame, cells, values)
    people, ages = frame.split(values)
    tables = GroupTables(frame.group, people.astype(np.int64), ages.astype(np.int64))
    return Fit((tables,), tuple(count_concessions(frame, unlikely, values)))


def _refusal(frame: Unknowns, cells: Sequence[Cell], outcome: Outcome) -> list[Finding]:
    if outcome is Outcome.IMPOSSIBLE:
        return find_contradictions(frame, cells)
    facts = f"Ages {frame.group}, {len(cells)} cells, {SECONDS:.0f} seconds."
    return [Finding(UNDECIDED, facts)]


def _whole_tables(frame: Unknowns, cells: Sequence[Cell], marked: Marks, allowed: Marks) -> Numbers | Outcome:
    """Values for the frame's columns, those not allowed being 0, or why there are none."""
    upper = np.where(allowed, np.inf, 0.0)
    least = Program(frame.equations(cells), _children(frame, marked), np.zeros(frame.size), upper)
    fractions = solve(least, Limits())
    if fractions.outcome is not Outcome.SOLVED:
        return fractions.outcome
    settled = _with_total(frame, cells, fractions.values)
    wish = _wish(frame, settled, marked, upper)
    whole = find_nearest_whole(frame.equations(settled), wish)
    return whole if whole is not None else _any_whole(least)


def _children(frame: Unknowns, marked: Marks) -> Numbers:
    """What there is to keep small: the number of children, and much more so that of the unlikely ones."""
    cost = np.where(marked, _UNWANTED, 0.0)
    cost[frame.people] += 1.0
    return cost


def _with_total(frame: Unknowns, cells: Sequence[Cell], least: Numbers) -> list[Cell]:
    """The cells, and how many children there are in all where no cell says so: the least there can be."""
    key = CellKey(frame.group, None, None, "total", "")
    if any(cell.key == key for cell in cells):
        return list(cells)
    total = int(np.ceil(least[frame.people].sum() - 1e-6))
    return [*cells, Cell(key, total, line=0)]


def _wish(frame: Unknowns, cells: Sequence[Cell], marked: Marks, upper: Numbers) -> Target:
    """A child more or less matters by the size of chance, which is the square root of the expectation."""
    wanted = estimate_children(frame, cells, np.where(marked, 0.0, 1.0))
    weight = np.where(marked, _UNWANTED, 1.0 / np.sqrt(wanted + 0.5))
    return Target(wanted, weight, upper)


def _any_whole(least: Program) -> Numbers | Outcome:
    """The rare last resort, when fractions near the expectation cannot be rounded."""
    answer = solve(least, Limits(whole=True, seconds=SECONDS))
    if answer.outcome is not Outcome.SOLVED:
        return answer.outcome
    return np.rint(answer.values) if satisfies(least.equations, answer.values) else Outcome.UNDECIDED
