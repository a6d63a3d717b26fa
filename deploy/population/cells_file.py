"""Reads a file of published cells, or refuses it with every finding."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Final, cast

from deploy.population.cells import Cell, CellKey, Cells
from deploy.population.codes import (
    BREAKDOWNS,
    DISABILITIES,
    GROUPS,
    AgeGroup,
    Breakdown,
    Disability,
    Environment,
    values_of,
)
from deploy.population.contradictions import find_wrong_sums
from deploy.population.csv_rows import Row, read_rows
from deploy.population.findings import GIVEN_TWICE, UNKNOWN_CODE, WRONG_COUNT, CellsRefused, Finding
from deploy.population.spreadsheet import Change, describe, restore

HEADER: Final = ("age_group", "disability", "environment", "breakdown", "value", "children")
MOST_CHILDREN: Final = 1_000_000
"""The largest allowed count of a cell. No state serves as many children."""

_WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,7}")


def read_cells(path: Path) -> Cells:
    """The cells of a file: every code is known, no cell comes twice, and every sum is right.

    Raises `CellsRefused` with every finding. Only `fit` finds out whether children can match all cells.
    """
    rows, findings = read_rows(path, HEADER)
    cells: list[Cell] = []
    changes: list[Change] = []
    for saved in rows:
        row, changed = restore(saved)
        changes += changed
        wrong = _wrong_codes(row) or _wrong_count(row)
        findings += wrong
        if not wrong:
            cells.append(Cell(_key(row), int(row.values[5]), row.line))
    if changes:
        findings.append(describe(changes))
    once, twice = _given_once(cells)
    findings += [*twice, *find_wrong_sums(once)]
    if findings:
        raise CellsRefused(path, tuple(sorted(findings, key=lambda finding: finding.lines)))
    return Cells(once, path)


def _key(row: Row) -> CellKey:
    group, disability, environment, breakdown, value, _ = row.values
    return CellKey(
        AgeGroup(group),
        Disability(disability) if disability else None,
        Environment(environment) if environment else None,
        cast(Breakdown, breakdown),
        value,
    )


def _wrong_codes(row: Row) -> list[Finding]:
    group, disability, environment, breakdown, value, _ = row.values
    if group not in GROUPS:
        return [_unknown(row, "age_group", group, tuple(GROUPS))]
    findings = []
    if disability and disability not in DISABILITIES:
        findings.append(_unknown(row, "disability", disability, DISABILITIES))
    environments = GROUPS[AgeGroup(group)].environments
    if environment and environment not in environments:
        findings.append(_unknown(row, "environment", environment, environments))
    if breakdown not in BREAKDOWNS:
        return [*findings, _unknown(row, "breakdown", breakdown, BREAKDOWNS)]
    values = values_of(AgeGroup(group), breakdown)
    if value not in values:
        findings.append(_unknown(row, f"value of {breakdown}", value, values))
    return findings


def _unknown(row: Row, column: str, value: str, allowed: tuple[str, ...]) -> Finding:
    group = "" if column in ("age_group", "disability", "breakdown") else f" for ages {row.values[0]}"
    choices = ", ".join(choice or "blank" for choice in allowed) or "nothing"
    facts = f"{column} is {value[:40] or 'blank'!r}; allowed{group}: {choices}."
    return Finding(UNKNOWN_CODE, facts, (row.line,))


def _wrong_count(row: Row) -> list[Finding]:
    count = row.values[5]
    if _WHOLE_NUMBER.fullmatch(count) and int(count) <= MOST_CHILDREN:
        return []
    key = _key(row)
    shown = repr(count[:40]) if count else "missing"
    facts = f"{key}: children is {shown}; a whole number from 0 to {MOST_CHILDREN:,} is needed."
    return [Finding(WRONG_COUNT, facts, (row.line,), (key,))]


def _given_once(cells: list[Cell]) -> tuple[tuple[Cell, ...], list[Finding]]:
    """The cells that come once, and one finding for each cell that comes more than once."""
    by_key: dict[CellKey, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_key[cell.key].append(cell)
    once = tuple(same[0] for same in by_key.values() if len(same) == 1)
    twice = [_given_twice(key, same) for key, same in by_key.items() if len(same) > 1]
    return once, twice


def _given_twice(key: CellKey, same: list[Cell]) -> Finding:
    counts = ", ".join(str(cell.children) for cell in same)
    return Finding.about(GIVEN_TWICE, tuple(same), f"{key}: {counts}.")
