"""Solves linear and integer programs with HiGHS: unknowns, equations, and a cost to minimize."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, cast

import highspy
import numpy as np

from deploy.population.unknowns import Equation, Numbers


class Outcome(Enum):
    SOLVED = auto()
    IMPOSSIBLE = auto()
    UNDECIDED = auto()


@dataclass(frozen=True)
class Answer:
    """`values`: the values of the unknowns if the program was solved, otherwise empty."""

    outcome: Outcome
    values: Numbers


@dataclass(frozen=True)
class Limits:
    """Whether the solution must be whole, and when the solver stops.

    `nodes` is a limit with the same answer on every machine; `seconds` is the last resort.
    `gap` is the allowed distance from the least cost, as a share of it, for whole numbers.
    """

    whole: bool = False
    nodes: int = 100_000
    seconds: float = 60.0
    gap: float = 0.5


@dataclass(frozen=True)
class Program:
    """Find unknowns between `lower` and `upper` that satisfy the equations at the least `cost`."""

    equations: Sequence[Equation]
    cost: Numbers
    lower: Numbers
    upper: Numbers


def solve(program: Program, limits: Limits) -> Answer:
    solver = _solver(program, limits)
    solver.run()
    return Answer(_outcome(solver), np.array(solver.getSolution().col_value))


def find_conflict(program: Program) -> list[int] | None:
    """The indexes of equations that together make the program impossible, even for fractions.

    `None` if the program is possible; every equation if HiGHS cannot say which ones matter (it has no ray).
    """
    solver = _solver(program, Limits())
    solver.setOptionValue("presolve", "off")
    solver.setOptionValue("solver", "simplex")
    solver.run()
    if _outcome(solver) is not Outcome.IMPOSSIBLE:
        return None
    _, has_ray, ray = solver.getDualRay()
    if not has_ray:
        return list(range(len(program.equations)))
    return [int(number) for number in np.flatnonzero(np.abs(np.asarray(ray)) > 1e-9)]


def _solver(program: Program, limits: Limits) -> Any:
    """A solver, untyped: the type stubs of HiGHS lack some methods."""
    solver = cast(Any, highspy).Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)  # the same answer on every machine
    solver.setOptionValue("time_limit", limits.seconds)
    solver.setOptionValue("mip_max_nodes", limits.nodes)
    solver.setOptionValue("mip_rel_gap", limits.gap)
    solver.passModel(_model(program, limits.whole))
    return solver


def _model(program: Program, whole: bool) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_ = program.cost.size
    model.num_row_ = len(program.equations)
    model.col_cost_ = program.cost
    model.col_lower_ = program.lower
    model.col_upper_ = program.upper
    model.row_lower_ = model.row_upper_ = np.array([float(row.equals) for row in program.equations])
    if whole:
        model.integrality_ = [highspy.HighsVarType.kInteger] * program.cost.size
    _set_matrix(model, program.equations)
    return model


def _set_matrix(model: highspy.HighsLp, equations: Sequence[Equation]) -> None:
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = np.concatenate([[0], np.cumsum([row.columns.size for row in equations])])
    matrix.index_ = np.concatenate([row.columns for row in equations])
    matrix.value_ = np.concatenate([row.factors for row in equations])


def _outcome(solver: Any) -> Outcome:
    """No program here is unbounded, so `kUnboundedOrInfeasible` means impossible."""
    status = solver.getModelStatus()
    impossible = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
    if status == highspy.HighsModelStatus.kOptimal:
        return Outcome.SOLVED
    if status in impossible:
        return Outcome.IMPOSSIBLE
    has_solution = solver.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return Outcome.SOLVED if has_solution else Outcome.UNDECIDED
