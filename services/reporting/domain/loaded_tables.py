"""Tables that the state office loads, because no message has them. Each is CSV, and checked as a whole.

- `enrolment`: the enrolled children of each LEA by race, from the school information system. A line a race.
- `findings`: a group of an LEA whose disproportionate representation is, by a person's review, the result of
  inappropriate identification. `disability` is a federal code, or `all`.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contracts.codes import LEAS, RACES
from contracts.errors import Finding
from services.reporting.domain.definitions import disabilities
from services.reporting.domain.indicators import rules

ALL = "all"
Line = Mapping[str, str]


class TableName(StrEnum):
    """The tables that can be loaded."""

    ENROLMENT = "enrolment"
    FINDINGS = "findings"


@dataclass(frozen=True)
class TableForm:
    """The columns of a table, each with the check of its values. `key`: no two lines share it."""

    columns: Mapping[str, Callable[[str], bool]]
    key: tuple[str, ...]
    every_race: bool = False


def _is_number(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) < 10


_LEA = {"lea": LEAS.__contains__}
_RACE = {"race": RACES.__contains__}
FORMS: Mapping[TableName, TableForm] = {
    TableName.ENROLMENT: TableForm(
        {**_LEA, **_RACE, "children": _is_number}, ("lea", "race"), every_race=True
    ),
    TableName.FINDINGS: TableForm(
        {**_LEA, **_RACE, "disability": lambda code: code in (ALL, *disabilities())},
        ("lea", "race", "disability"),
    ),
}


def read(table: TableName, written: str) -> tuple[Sequence[Line], Sequence[Finding]]:
    """The lines of a table, and what is wrong with it. A table with findings is not loaded."""
    form = FORMS[table]
    header, *rest = list(csv.reader(written.splitlines())) or [[]]
    if header != list(form.columns):
        return (), [rules.WRONG_HEADER.broken(at="csv", expected=",".join(form.columns))]
    numbered = [(number, cells) for number, cells in enumerate(rest, 2) if cells]
    findings = [finding for number, cells in numbered for finding in _cells(form, number, cells)]
    if findings:
        return (), findings
    lines = [dict(zip(form.columns, cells, strict=True)) for _, cells in numbered]
    return lines, [*_repeated(form, numbered, lines), *_incomplete(form, lines)]


def _cells(form: TableForm, number: int, cells: Sequence[str]) -> Iterator[Finding]:
    if len(cells) != len(form.columns):
        yield rules.WRONG_NUMBER_OF_CELLS.broken(at="csv", line=number, expected=len(form.columns))
        return
    for (column, allowed), cell in zip(form.columns.items(), cells, strict=True):
        if not allowed(cell):
            yield rules.WRONG_CELL.broken(at="csv", line=number, value=cell[:20], column=column)


def _repeated(
    form: TableForm, numbered: Sequence[tuple[int, Sequence[str]]], lines: Sequence[Line]
) -> Iterator[Finding]:
    first: dict[tuple[str, ...], int] = {}
    for (number, _), line in zip(numbered, lines, strict=True):
        earlier = first.setdefault(tuple(line[name] for name in form.key), number)
        if earlier != number:
            yield rules.REPEATED_LINE.broken(at="csv", line=number, earlier=earlier)


def _incomplete(form: TableForm, lines: Sequence[Line]) -> Iterator[Finding]:
    """The LEAs without a line for each race. A blank race is not zero children."""
    if form.every_race:
        for lea in dict.fromkeys(line["lea"] for line in lines):
            missing = set(RACES) - {line["race"] for line in lines if line["lea"] == lea}
            if missing:
                yield rules.RACE_LACKING.broken(at="csv", lea=lea, races=", ".join(sorted(missing)))
