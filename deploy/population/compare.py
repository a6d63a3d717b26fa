"""Published cells against what somebody else counted, cell by cell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deploy.population.cells import Cell, CellKey, Cells

Counted = Mapping[CellKey, int] | Callable[[CellKey], int | None]
"""How many children each cell has; a plain tuple of a key's five parts is as good a key.

What is not in a mapping, or is `None`, was not counted, which is never equal to a published 0. Pass a
function if cells that are left out mean 0.
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A published cell and the count that is another, or `None` where nothing was counted."""

    cell: Cell
    counted: int | None

    def __str__(self) -> str:
        counted = "not counted" if self.counted is None else f"counted {self.counted:,}"
        return f"{self.cell.key}: published {self.cell.children:,}, {counted}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many of the cells compared are equal, and every one that is not."""

    total: int
    differences: tuple[Difference, ...]

    @property
    def matched(self) -> int:
        return self.total - len(self.differences)

    @property
    def equal(self) -> bool:
        """Whether cells were compared and all are equal; comparing nothing proves nothing."""
        return self.total > 0 and not self.differences


def compare(cells: Cells, counted: Counted) -> Comparison:
    count = counted.get if isinstance(counted, Mapping) else counted
    pairs = ((cell, count(cell.key)) for cell in cells)
    differences = tuple(Difference(cell, found) for cell, found in pairs if found != cell.children)
    return Comparison(len(cells), differences)
