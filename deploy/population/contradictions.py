"""Finds cells that contradict each other: by sums, or because no children can match all of them."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from deploy.population.cells import Cell, CellKey
from deploy.population.codes import DISABILITIES, GROUPS, AgeBand, Breakdown, values_of
from deploy.population.findings import CONTRADICTION, WRONG_SUM, Finding
from deploy.population.linear_program import Limits, Outcome, Program, find_conflict, solve
from deploy.population.unknowns import Equation, Unknowns


def find_wrong_sums(cells: Iterable[Cell]) -> list[Finding]:
    """One finding for each total whose parts do not add up to it.

    A part that the file leaves out may have any count. So the others may be fewer than the total, never more.
    """
    by_key = {cell.key: cell for cell in cells}
    return [
        finding
        for whole in by_key.values()
        for name, parts in _divisions(whole.key)
        if (finding := _disagreement(whole, name, parts, by_key))
    ]


def _disagreement(
    whole: Cell, name: str, keys: list[CellKey], by_key: Mapping[CellKey, Cell]
) -> Finding | None:
    parts = tuple(by_key[key] for key in keys if key in by_key)
    total = sum(part.children for part in parts)
    complete = len(parts) == len(keys)
    if total == whole.children or (total < whole.children and not complete):
        return None
    facts = (
        f"{whole.key} is {whole.children}, but its parts by {name} ({len(parts)} given) add up to {total}."
    )
    return Finding.about(WRONG_SUM, (whole, *parts), facts)


def _divisions(key: CellKey) -> Iterator[tuple[str, list[CellKey]]]:
    if key.disability is None:
        yield "disability", [key._replace(disability=code) for code in DISABILITIES]
    if key.environment is None:
        yield "environment", [key._replace(environment=code) for code in GROUPS[key.age_group].environments]
    if key.breakdown == "total":
        for breakdown in _complete_breakdowns(key):
            yield breakdown, _parts(key, breakdown, values_of(key.age_group, breakdown))
    if key.breakdown == "ageband":
        ages = GROUPS[key.age_group].bands[AgeBand(key.value)]
        yield "age", _parts(key, "age", tuple(map(str, ages)))


def _complete_breakdowns(key: CellKey) -> Iterator[Breakdown]:
    yield from ("age", "race", "sex")
    if GROUPS[key.age_group].bands:
        yield "ageband"


def _parts(key: CellKey, breakdown: Breakdown, values: tuple[str, ...]) -> list[CellKey]:
    return [key._replace(breakdown=breakdown, value=value) for value in values]


SECONDS: Final = 10.0
"""How long to search for the fewest cells. After that, a finding may name more cells than needed."""
MOST_SHOWN: Final = 5
"""The most contradictions in one refusal."""


def find_contradictions(unknowns: Unknowns, cells: Sequence[Cell]) -> list[Finding]:
    """Disjoint sets of cells that contradict each other. Without any one cell, a set would be possible."""
    search = _Search(unknowns, time.monotonic() + SECONDS)
    nearest = _nearest_figures(unknowns, cells)
    remaining, found = list(cells), list[Finding]()
    while len(found) < MOST_SHOWN and (conflict := search.conflict_in_fractions(remaining)):
        found.append(_finding(conflict, nearest))
        remaining = [cell for cell in remaining if cell not in conflict]
    return found or [_finding(search.conflict_in_whole_numbers(remaining), nearest)]


def _finding(cells: Sequence[Cell], nearest: dict[CellKey, int]) -> Finding:
    conflict = sorted(cells, key=lambda cell: cell.line)
    figures = "; ".join(f"{cell.key} = {cell.children}" for cell in conflict)
    changes = "; ".join(
        f"{cell.key} {nearest[cell.key]} instead of {cell.children}"
        for cell in conflict
        if cell.key in nearest
    )
    hint = f" The smallest change that resolves it: {changes}." if changes else ""
    return Finding.about(CONTRADICTION, tuple(conflict), f"{figures}.{hint}")


class _Search:
    """Searches for the fewest cells that contradict each other, until its time is over."""

    def __init__(self, unknowns: Unknowns, until: float) -> None:
        self._unknowns = unknowns
        self._until = until

    def conflict_in_fractions(self, cells: Sequence[Cell]) -> list[Cell]:
        """A contradiction that exists even for fractions of children, or no cells. This is fast."""
        rows = find_conflict(_feasibility(self._unknowns.equations(cells)))
        if rows is None:
            return []
        links = self._unknowns.link_count
        suspects = [cells[row - links] for row in rows if row >= links]
        return self._least([], False, suspects, Limits())

    def conflict_in_whole_numbers(self, cells: Sequence[Cell]) -> list[Cell]:
        return self._least([], False, list(cells), Limits(whole=True, seconds=1.0))

    def _least(self, kept: list[Cell], grown: bool, suspects: list[Cell], effort: Limits) -> list[Cell]:
        """The fewest suspects that contradict each other and the kept cells (QuickXplain, Junker 2004)."""
        if grown and not self._possible(kept, effort):
            return []
        if len(suspects) == 1:
            return suspects
        half = len(suspects) // 2
        first, second = suspects[:half], suspects[half:]
        of_second = self._least(kept + first, bool(first), second, effort)
        of_first = self._least(kept + of_second, bool(of_second), first, effort)
        return of_first + of_second

    def _possible(self, cells: Sequence[Cell], effort: Limits) -> bool:
        """Whether children can match the cells. If undecided, yes: then a finding names a cell too many."""
        if time.monotonic() > self._until:
            return True
        answer = solve(_feasibility(self._unknowns.equations(cells)), effort)
        return answer.outcome is not Outcome.IMPOSSIBLE


def _feasibility(equations: Sequence[Equation]) -> Program:
    size = 1 + max(int(row.columns.max()) for row in equations)
    return Program(equations, np.zeros(size), np.zeros(size), np.full(size, np.inf))


def _nearest_figures(unknowns: Unknowns, cells: Sequence[Cell]) -> dict[CellKey, int]:
    """The smallest change, in children, that makes every cell true. Empty if it needs fractions."""
    equations = unknowns.equations(cells)
    first, count = unknowns.size, len(cells)
    loose = [
        *equations[: unknowns.link_count],
        *(
            Equation(
                np.concatenate([row.columns, [first + number, first + count + number]]),
                np.concatenate([row.factors, [1.0, -1.0]]),
                row.equals,
            )
            for number, row in enumerate(equations[unknowns.link_count :])
        ),
    ]
    size = first + 2 * count
    cost = np.concatenate([np.zeros(first), np.ones(2 * count)])
    answer = solve(Program(loose, cost, np.zeros(size), np.full(size, np.inf)), Limits())
    if answer.outcome is not Outcome.SOLVED:
        return {}
    missing, surplus = answer.values[first:].reshape(2, count)
    changes = np.rint(surplus - missing)
    if np.abs(surplus - missing - changes).max() > 1e-5:
        return {}
    changed = ((cell, int(change)) for cell, change in zip(cells, changes, strict=True))
    return {cell.key: cell.children + change for cell, change in changed if change}
