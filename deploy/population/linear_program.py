"""Linear and integer programs, solved by HiGHS: unknowns of 0 or more, equations, a cost to keep small."""

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
    """`values` are those of the unknowns when solved, else nothing."""

    outcome: Outcome
    values: Numbers


@dataclass(frozen=True)
class Limits:
    """How a program is to be solved: in whole numbers or not, and when to give up.

    `nodes` is a bound that gives the same answer on every machine; `seconds` is the last resort.
    `gap` is how far from the least cost, as a share of it, whole numbers may stay.
    """

    whole: bool = False
    nodes: int = 100_000
    seconds: float = 60.0
    gap: float = 0.5


@dataclass(frozen=True)
class Program:
    """Unknowns between `lower` and `upper` that satisfy the equations at the least `cost`."""

    equations: Sequence[Equation]
    cost: Numbers
    lower: Numbers
    upper: Numbers


def solve(program: Program, effort: Limits) -> Answer:
    solver = _solver(program, effort)
    solver.run()
    return Answer(_outcome(solver), np.array(solver.getSolution().col_value))


def find_conflict(program: Program) -> list[int] | None:
    """Numbers of equations that are enough to make the program impossible in any numbers, whole or not.

    `None` when it is possible; every equation when HiGHS cannot tell which ones matter (it gives no ray).
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


def _solver(program: Program, effort: Limits) -> Any:
    """Untyped: the types of HiGHS leave out some of its methods."""
    solver = cast(Any, highspy).Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)  # the same answer on every machine
    solver.setOptionValue("time_limit", effort.seconds)
    solver.setOptionValue("mip_max_nodes", effort.nodes)
    solver.setOptionValue("mip_rel_gap", effort.gap)
    solver.passModel(_model(program, effort.whole))
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
