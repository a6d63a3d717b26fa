"""Published cells, and their comparison with other counts."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from deploy.population.codes import AgeGroup, Breakdown, Disability, Environment


class CellKey(NamedTuple):
    """The children that a cell counts. `None` means all; `value` is blank if the breakdown is `total`."""

    age_group: AgeGroup
    disability: Disability | None
    environment: Environment | None
    breakdown: Breakdown
    value: str

    def __str__(self) -> str:
        parts = (
            f"ages {self.age_group}",
            self.disability or "all disabilities",
            self.environment or "all environments",
            f"{self.breakdown} {self.value}".rstrip(),
        )
        return ", ".join(parts)

    @property
    def order(self) -> tuple[str, str, str, str, str]:
        """A sort key. In it `None` is a blank text, since `None` and texts cannot be compared."""
        return (self.age_group, self.disability or "", self.environment or "", self.breakdown, self.value)


@dataclass(frozen=True, slots=True)
class Cell:
    """One published figure. `line` is its line in the file, from 1."""

    key: CellKey
    children: int
    line: int


@dataclass(frozen=True, slots=True)
class Cells:
    """All figures of one file in the file's order, each key once. `path` is for messages."""

    cells: tuple[Cell, ...]
    path: Path | None = field(default=None, compare=False)

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def of(self, group: AgeGroup) -> tuple[Cell, ...]:
        """The cells of an age group, sorted by key, so that the order of the file does not matter."""
        return tuple(sorted((c for c in self.cells if c.key.age_group == group), key=lambda c: c.key.order))

    @property
    def digest(self) -> str:
        """A hash of the figures. The order of the rows does not matter."""
        lines = sorted("|".join((*cell.key.order, str(cell.children))) for cell in self.cells)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


Counted = Mapping[CellKey, int] | Callable[[CellKey], int | None]
"""How many children each cell has. A plain tuple of a key's five parts is as good a key.

A cell that a mapping lacks, or whose count is `None`, was not counted. That never equals a published 0. If a
missing cell means 0, pass a function.
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A published cell with a different count. `counted` is `None` if the cell was not counted."""

    cell: Cell
    counted: int | None

    def __str__(self) -> str:
        counted = "not counted" if self.counted is None else f"counted {self.counted:,}"
        return f"{self.cell.key}: published {self.cell.children:,}, {counted}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many cells were compared, and every cell that differs."""

    total: int
    differences: tuple[Difference, ...]

    @property
    def matched(self) -> int:
        return self.total - len(self.differences)

    @property
    def equal(self) -> bool:
        """Whether all compared cells are equal, and at least one was compared."""
        return self.total > 0 and not self.differences


def compare(cells: Cells, counted: Counted) -> Comparison:
    count = counted.get if isinstance(counted, Mapping) else counted
    pairs = ((cell, count(cell.key)) for cell in cells)
    differences = tuple(Difference(cell, found) for cell, found in pairs if found != cell.children)
    return Comparison(len(cells), differences)
