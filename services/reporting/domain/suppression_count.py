"""The published child count as one release: its numbers, and every published sum among them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from services.reporting.domain.layout import Breakdown, Cell
from services.reporting.domain.suppression import Line, Release


def count_release(counts: Mapping[Cell, int]) -> Release:
    """The numbers of a child count in the order of its cells. Its tables share their totals."""
    place = {cell: number for number, cell in enumerate(counts)}
    lines = [
        line
        for _, cells in groupby(counts, key=attrgetter("age_group", "table"))
        for line in _lines_of(list(cells), place)
    ]
    return Release(list(counts.values()), lines)


def _lines_of(cells: Sequence[Cell], place: Mapping[Cell, int]) -> Iterator[Line]:
    """The sums of one table: over environments (its rows), over values, and over disabilities."""
    for total_of in (_all_environments, _all_values, _all_disabilities):
        yield from _sums(cells, total_of, place)


def _sums(
    cells: Iterable[Cell], total_of: Callable[[Cell], Cell], place: Mapping[Cell, int]
) -> Iterator[Line]:
    parts: dict[Cell, list[int]] = {}
    for cell in cells:
        if (total := total_of(cell)) != cell and total in place:
            parts.setdefault(total, []).append(place[cell])
    for total, found in parts.items():
        yield Line(place[total], tuple(found))


def _all_environments(cell: Cell) -> Cell:
    return cell._replace(environment=None)


def _all_values(cell: Cell) -> Cell:
    return cell._replace(breakdown=Breakdown.TOTAL, value=None)


def _all_disabilities(cell: Cell) -> Cell:
    return cell._replace(disability=None)
