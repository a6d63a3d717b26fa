"""Published cells, and their comparison with what somebody else counted."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from deploy.population.codes import AgeGroup, Breakdown, Disability, Environment


class CellKey(NamedTuple):
    """Which children a cell counts. `None` stands for all; `value` is blank when the breakdown is `total`."""

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
        """Something to sort by: `None` has no place among strings."""
        return (self.age_group, self.disability or "", self.environment or "", self.breakdown, self.value)


@dataclass(frozen=True, slots=True)
class Cell:
    """One published figure. `line` is where its file has it, from 1."""

    key: CellKey
    children: int
    line: int


@dataclass(frozen=True, slots=True)
class Cells:
    """All figures of one file, no two of the same key, in the order of the file; `path` is for messages."""

    cells: tuple[Cell, ...]
    path: Path | None = field(default=None, compare=False)

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def of(self, group: AgeGroup) -> tuple[Cell, ...]:
        """The cells of an age group in an order that does not depend on the file's."""
        return tuple(sorted((c for c in self.cells if c.key.age_group == group), key=lambda c: c.key.order))

    @property
    def digest(self) -> str:
        """The same for the same figures, whatever the order of the rows."""
        lines = sorted("|".join((*cell.key.order, str(cell.children))) for cell in self.cells)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


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
