"""The audit of a publication: a linear program for each primary cell, solved with HiGHS.

Its unknowns are the hidden numbers, at least 0. Its equations are the published sums. A reader can solve it
too: the largest value of an unknown is the best that the reader can say about it.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, cast

import highspy
import numpy as np

from services.reporting.domain.suppression import LEAST_SHOWN, Release

_ROUNDING = 1e-6


def narrow_cells(release: Release, found: AbstractSet[int], cells: Sequence[int]) -> list[int]:
    """Of these primary cells those whose largest possible number is below ten."""
    if not cells:
        return []
    program = _Program(release, sorted(found), cells)
    left = list(cells)
    while reached := program.reaching(left).intersection(left):
        left = [cell for cell in left if cell not in reached]
    return [cell for cell in left if cell not in program.reaching([cell])]


class _Program:
    """The linear program of a release.

    A helper unknown of each primary cell is at most the cell and at most ten. So the program has a bound, and
    one solution shows for many cells at once that they can be ten.
    """

    def __init__(self, release: Release, hidden: Sequence[int], primary: Sequence[int]) -> None:
        self._place = {cell: column for column, cell in enumerate(hidden)}
        self._helper = {cell: len(hidden) + number for number, cell in enumerate(primary)}
        self._solver: Any = cast(Any, highspy).Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)  # the same answer on every machine
        self._solver.setOptionValue("presolve", "off")  # so each solution begins at the one before
        self._solver.passModel(self._model(release))

    def reaching(self, cells: Sequence[int]) -> set[int]:
        """The primary cells that are ten in a solution that makes these cells as large as possible."""
        wanted = set(cells)
        columns = np.array(list(self._helper.values()), dtype=np.int32)
        cost = np.array([float(cell in wanted) for cell in self._helper])
        self._solver.changeColsCost(len(columns), columns, cost)
        self._solver.run()
        assert self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        values = self._solver.getSolution().col_value
        return {cell for cell, column in self._helper.items() if values[column] >= LEAST_SHOWN - _ROUNDING}

    def _model(self, release: Release) -> highspy.HighsLp:
        rows = [*self._sums(release), *self._helped()]
        columns = len(self._place) + len(self._helper)
        model = highspy.HighsLp()
        model.sense_ = highspy.ObjSense.kMaximize
        model.num_col_, model.num_row_ = columns, len(rows)
        model.col_cost_ = np.zeros(columns)
        model.col_lower_ = np.zeros(columns)
        model.col_upper_ = np.array(
            [np.inf] * len(self._place) + [float(LEAST_SHOWN)] * len(self._helper), dtype=float
        )
        model.row_lower_ = np.array([lower for _, lower, _ in rows], dtype=float)
        model.row_upper_ = np.array([upper for _, _, upper in rows], dtype=float)
        matrix = model.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.start_ = np.cumsum([0, *(len(factors) for factors, _, _ in rows)])
        matrix.index_ = np.array([column for factors, _, _ in rows for column in factors])
        matrix.value_ = np.array([factor for factors, _, _ in rows for factor in factors.values()])
        return model

    def _sums(self, release: Release) -> Iterator[tuple[dict[int, float], float, float]]:
        """The published sums with hidden numbers: the hidden parts, less a hidden total, are known."""
        for line in release.lines:
            parts = {self._place[cell]: 1.0 for cell in line.parts if cell in self._place}
            total = {self._place[line.total]: -1.0} if line.total in self._place else {}
            if parts or total:
                shown = sum(release.numbers[cell] for cell in line.parts if cell not in self._place)
                known = (0 if total else release.numbers[line.total]) - shown
                yield parts | total, known, known

    def _helped(self) -> Iterator[tuple[dict[int, float], float, float]]:
        """A helper is at most its cell."""
        for cell, helper in self._helper.items():
            yield {self._place[cell]: 1.0, helper: -1.0}, 0.0, np.inf
