"""Among all tables for which the cells are true, one close to what was expected."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deploy.population.frame import Equation, Numbers
from deploy.population.program import Effort, Outcome, Program, solve

_TOLERANCE = 1e-5
"""How far from a whole number the solver's whole numbers may be."""


@dataclass(frozen=True)
class Wish:
    """What each unknown should rather be, what a child more or less costs, and how large it may be."""

    expected: Numbers
    weight: Numbers
    upper: Numbers


def nearest_whole(equations: Sequence[Equation], wish: Wish) -> Numbers | None:
    """Whole numbers that satisfy the equations; `None` if none are within one of the nearest fractions."""
    fractions = _nearest(equations, wish)
    if fractions is None or holds(equations, fractions):
        return fractions if fractions is None else np.rint(fractions)
    rounded = _rounded(equations, wish, fractions)
    return np.rint(rounded) if rounded is not None and holds(equations, rounded) else None


def holds(equations: Sequence[Equation], values: Numbers) -> bool:
    """Whether the values are whole and satisfy each equation exactly."""
    whole = np.rint(values)
    if np.abs(values - whole).max() > _TOLERANCE:
        return False
    return all(int(row.factors @ whole[row.columns]) == row.equals for row in equations)


def _nearest(equations: Sequence[Equation], wish: Wish) -> Numbers | None:
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
    answer = solve(program, Effort())
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


def _rounded(equations: Sequence[Equation], wish: Wish, fractions: Numbers) -> Numbers | None:
    """Whole numbers at most one from where each fraction lies: quick to find, so few are possible."""
    program = Program(
        equations,
        cost=np.where(fractions > wish.expected, wish.weight, -wish.weight),
        lower=np.maximum(np.floor(fractions + _TOLERANCE) - 1.0, 0.0),
        upper=np.minimum(np.ceil(fractions - _TOLERANCE) + 1.0, wish.upper),
    )
    answer = solve(program, Effort(whole=True, nodes=2_000))
    return answer.values if answer.outcome is Outcome.SOLVED else None
