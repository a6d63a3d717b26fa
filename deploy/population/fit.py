"""Finds whole numbers of children that match every published cell."""

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
    """For each unknown: the expected value, the cost of one child more or less, and the upper limit."""

    expected: Numbers
    weight: Numbers
    upper: Numbers


def find_nearest_whole(equations: Sequence[Equation], target: Target) -> Numbers | None:
    """Whole numbers that satisfy the equations, within 1 of the nearest fractions; or `None`."""
    fractions = _nearest(equations, target)
    if fractions is None or satisfies(equations, fractions):
        return fractions if fractions is None else np.rint(fractions)
    rounded = _rounded(equations, target, fractions)
    return np.rint(rounded) if rounded is not None and satisfies(equations, rounded) else None


def satisfies(equations: Sequence[Equation], values: Numbers) -> bool:
    """Whether the values are whole and satisfy each equation exactly."""
    whole = np.rint(values)
    if np.abs(values - whole).max() > _TOLERANCE:
        return False
    return all(int(row.factors @ whole[row.columns]) == row.equals for row in equations)


def _nearest(equations: Sequence[Equation], target: Target) -> Numbers | None:
    """The values at the smallest weighted distance, by a linear program with three unknowns for each one.

    A count is the whole number below its expectation, plus a step of at most 1, plus an amount above that,
    minus an amount below. Costs change only at whole numbers, so most of the solution is whole.
    """
    floor = np.minimum(np.floor(target.expected + 1e-9), target.upper)
    step = np.clip(target.expected - floor, 0.0, 1.0)
    room = target.upper - floor
    program = Program(
        [_split(row, floor) for row in equations],
        cost=np.concatenate([target.weight * (1.0 - 2.0 * step), target.weight, target.weight]),
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


def _rounded(equations: Sequence[Equation], target: Target, fractions: Numbers) -> Numbers | None:
    """Whole numbers within 1 of each fraction. There are few candidates, so the search is fast."""
    program = Program(
        equations,
        cost=np.where(fractions > target.expected, target.weight, -target.weight),
        lower=np.maximum(np.floor(fractions + _TOLERANCE) - 1.0, 0.0),
        upper=np.minimum(np.ceil(fractions - _TOLERANCE) + 1.0, target.upper),
    )
    answer = solve(program, Limits(whole=True, nodes=2_000))
    return answer.values if answer.outcome is Outcome.SOLVED else None


Counts = NDArray[np.int64]

_UNWANTED: Final = 1_000.0
"""The cost of an unlikely child; a likely one costs 1."""
SECONDS: Final = 20.0
"""How long to search for whole numbers after the fast ways have found none."""


@dataclass(frozen=True)
class GroupTables:
    """Children by disability × environment × race × sex, and × age, each in the order of `codes`."""

    group: AgeGroup
    people: Counts
    ages: Counts


@dataclass(frozen=True)
class Fit:
    """Tables that match all cells, and the unlikely children they needed."""

    tables: tuple[GroupTables, ...]
    concessions: tuple[Concession, ...]

    @property
    def children(self) -> int:
        return sum(int(tables.people.sum()) for tables in self.tables)


def fit(cells: Cells) -> Fit:
    """The fewest children that match the cells. Where the cells leave a choice, near proportion.

    The same cells give the same fit. Unlikely children are used only if the cells need them. An age group
    without cells has no children. Raises `CellsRefused`, which names cells that contradict each other.
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


def _fit_group(unknowns: Unknowns, cells: Sequence[Cell]) -> Fit | list[Finding]:
    if not cells:
        return Fit((), ())
    unlikely = find_unlikely(unknowns, cells)
    marked = mark_unlikely(unknowns, unlikely)
    values = _whole_tables(unknowns, cells, marked, allowed=~marked)
    if isinstance(values, Outcome):
        values = _whole_tables(unknowns, cells, marked, allowed=np.ones_like(marked))
    if isinstance(values, Outcome):
        return _refusal(unknowns, cells, values)
    people, ages = unknowns.split(values)
    tables = GroupTables(unknowns.group, people.astype(np.int64), ages.astype(np.int64))
    return Fit((tables,), tuple(count_concessions(unknowns, unlikely, values)))


def _refusal(unknowns: Unknowns, cells: Sequence[Cell], outcome: Outcome) -> list[Finding]:
    if outcome is Outcome.IMPOSSIBLE:
        return find_contradictions(unknowns, cells)
    facts = f"Ages {unknowns.group}, {len(cells)} cells, {SECONDS:.0f} seconds."
    return [Finding(UNDECIDED, facts)]


def _whole_tables(
    unknowns: Unknowns, cells: Sequence[Cell], marked: Marks, allowed: Marks
) -> Numbers | Outcome:
    """Values of the unknowns, 0 where not allowed; or the reason why there are none."""
    upper = np.where(allowed, np.inf, 0.0)
    least = Program(unknowns.equations(cells), _children(unknowns, marked), np.zeros(unknowns.size), upper)
    fractions = solve(least, Limits())
    if fractions.outcome is not Outcome.SOLVED:
        return fractions.outcome
    settled = _with_total(unknowns, cells, fractions.values)
    target = _target(unknowns, settled, marked, upper)
    whole = find_nearest_whole(unknowns.equations(settled), target)
    return whole if whole is not None else _any_whole(least)


def _children(unknowns: Unknowns, marked: Marks) -> Numbers:
    """The cost to minimize: the number of children, with unlikely ones at a much higher cost."""
    cost = np.where(marked, _UNWANTED, 0.0)
    cost[unknowns.people] += 1.0
    return cost


def _with_total(unknowns: Unknowns, cells: Sequence[Cell], least: Numbers) -> list[Cell]:
    """The cells, with the smallest possible total added if no cell gives the total."""
    key = CellKey(unknowns.group, None, None, "total", "")
    if any(cell.key == key for cell in cells):
        return list(cells)
    total = int(np.ceil(least[unknowns.people].sum() - 1e-6))
    return [*cells, Cell(key, total, line=0)]


def _target(unknowns: Unknowns, cells: Sequence[Cell], marked: Marks, upper: Numbers) -> Target:
    """The cost of one child more or less is 1 / √expectation, the size of chance."""
    wanted = estimate_children(unknowns, cells, np.where(marked, 0.0, 1.0))
    weight = np.where(marked, _UNWANTED, 1.0 / np.sqrt(wanted + 0.5))
    return Target(wanted, weight, upper)


def _any_whole(least: Program) -> Numbers | Outcome:
    """Any whole solution: the rare last resort if fractions near the expectation cannot be rounded."""
    answer = solve(least, Limits(whole=True, seconds=SECONDS))
    if answer.outcome is not Outcome.SOLVED:
        return answer.outcome
    return np.rint(answer.values) if satisfies(least.equations, answer.values) else Outcome.UNDECIDED
