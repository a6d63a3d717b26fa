"""The names of the columns: the first row of a file."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from contracts.errors import Finding
from intake import rules
from intake.reading.lines import SEPARATORS, Opened, lines_of
from intake.record_types import COMMON, RECORD_TYPES, RecordType

_KEPT = "x_"
_BETWEEN = re.compile(r"[\s_-]+")
_ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(("disability", "disabilities", "exceptionality"), "exceptionalities"),
    **dict.fromkeys(("goal", "goals", "objective"), "iep_plans"),
    **dict.fromkeys(("parent", "guardian"), "guardians"),
}
"""Columns that senders look for in a file, and the file that has them."""


@dataclass(frozen=True)
class Header:
    """The columns of a file in their order. None: a column that is kept and returned unread."""

    separator: str
    line: int
    names: tuple[str | None, ...]
    cells: tuple[str, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether no row of the file can be read."""
        return bool(self.findings)

    def again(self, cells: Sequence[str]) -> bool:
        """Whether a row is the header once more."""
        return plain(cells[0]) == plain(self.cells[0]) and list(map(plain, cells)) == list(
            map(plain, self.cells)
        )


def plain(name: str) -> str:
    """A name with `_` for blanks and dashes, in lower case."""
    return _BETWEEN.sub("_", name.strip().strip("\ufeff")).lower()


def header_of(opened: Opened, record_type: RecordType) -> Header:
    """The header of a file. NotText: the file is in another encoding."""
    known = {plain(name): name for name in (*record_type.columns, *COMMON)}
    separator, line, cells = max(
        (_first(opened, separator) for separator in SEPARATORS),
        key=lambda first: len({plain(cell) for cell in first[2]} & known.keys()),
    )
    names = tuple(known.get(plain(cell)) for cell in cells)
    findings = tuple(_wrong(cells, names, record_type))
    return Header(separator, line, names, cells, findings)


def _first(opened: Opened, separator: str) -> tuple[str, int, tuple[str, ...]]:
    """The first row that is not blank, cut by a separator. Line 0: there is none."""
    rows = (line for line in lines_of(opened, separator) if not line.blank)
    found = next(islice(rows, 1), None)
    return (separator, found.number, found.cells) if found else (separator, 0, ())


def _wrong(cells: Sequence[str], names: Sequence[str | None], record_type: RecordType) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for place, cell in enumerate(cells, 1):
        name = plain(cell)
        if name in seen:
            where = f"columns {seen[name]} and {place}"
            yield rules.TWICE.broken(at=name, what=f"The column `{_shown(cell)}`", where=where)
        seen.setdefault(name, place)
        if names[place - 1] is None and not name.startswith(_KEPT):
            hint = _hint(name, record_type)
            yield rules.COLUMN_UNKNOWN.broken(
                at=name, column=_shown(cell), record_type=record_type.name, hint=hint
            )
    for missing in sorted(record_type.required - set(names)):
        yield rules.COLUMN_MISSING.broken(at=missing, column=missing)


def _hint(name: str, record_type: RecordType) -> str:
    known = {plain(one): one for one in (*record_type.columns, *COMMON)}
    if close := difflib.get_close_matches(name, known, n=1, cutoff=0.75):
        return f" Is it `{known[close[0]]}`?"
    other = _ELSEWHERE.get(name) or next(
        (one.name for one in RECORD_TYPES.values() if name in map(plain, one.columns)), None
    )
    return f" The file {other} has it." if other and other != record_type.name else ""


def _shown(name: str) -> str:
    """A name that somebody typed, cut and made printable."""
    return "".join(one if one.isprintable() else "?" for one in name.strip())[:60]
