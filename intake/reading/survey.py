"""The first pass over a file: how many rows, which keys are there twice, and damage by column."""

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import pairwise

from contracts.errors import Finding, Severity
from intake import rules
from intake.reading.rows import Row, State
from intake.record_types import RecordType

_LINES_SHOWN = 3

Digest = int
"""Eight bytes in place of a text, so that memory holds a number for each key."""


@dataclass(slots=True)
class _Damage:
    """How often a column breaks a rule, where first, and how the first finding says so."""

    finding: Finding
    count: int = 0
    lines: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Again:
    """The rows of a key that is there more than once: the first lines, how many, and whether they differ."""

    lines: list[int]
    count: int = 0
    contradicts: bool = False


@dataclass(slots=True)
class Survey:
    """What the first pass over a file found. Add its rows in their order, then close it."""

    record_type: RecordType
    read: int = 0
    blank: int = 0
    students: set[Digest] = field(default_factory=set)
    _filled: Counter[str] = field(default_factory=Counter)
    _damage: dict[tuple[str, str], _Damage] = field(default_factory=dict)
    _keys: "array[int]" = field(default_factory=lambda: array("Q"))
    _contents: "array[int]" = field(default_factory=lambda: array("Q"))
    _lines: "array[int]" = field(default_factory=lambda: array("Q"))
    _again: dict[Digest, _Again] = field(default_factory=dict)
    _unreadable: int = 0

    def add(self, row: Row) -> None:
        """Count a row."""
        self.read += 1
        self._filled.update(name for name, value in row.values.items() if value is not None)
        if row.student_id:
            self.students.add(digest(row.student_id))
        for finding in row.findings:
            self._note(row, finding)
        if row.state is State.UNREAD:
            self._unreadable += 1
        else:
            self._remember(row)

    def add_unread(self) -> None:
        """Count a row of a file none of whose rows can be read."""
        self.read += 1
        self._unreadable += 1

    def judged(self, row: Row) -> Row:
        """The row with what the other rows of the file say: it is there twice, or contradicts another."""
        if row.state is State.UNREAD:
            return row
        key = digest(*row.key(self.record_type))
        if (again := self._again.get(key)) and again.contradicts:
            what = f"The key {', '.join(self.record_type.key)}"
            finding = rules.TWICE.broken(what=what, where=f"lines {_listed(again.lines)}")
            return replace(row, state=State.UNREAD, findings=(*row.findings, finding))
        return row if not again or row.line == again.lines[0] else replace(row, state=State.REPEATED)

    def close(self) -> None:
        """Say that all rows were added: which keys are there more than once is known now."""
        repeated = _of_two(self._keys)
        first: dict[Digest, Digest] = {}
        for key, contents, line in zip(self._keys, self._contents, self._lines, strict=True):
            if key in repeated:
                again = self._again.setdefault(key, _Again([]))
                again.count += 1
                again.contradicts |= contents != first.setdefault(key, contents)
                if len(again.lines) < _LINES_SHOWN:
                    again.lines.append(line)
        for numbers in (self._keys, self._contents, self._lines):
            del numbers[:]

    @property
    def unread(self) -> int:
        """How many rows cannot be read, those included that contradict another."""
        return self._unreadable + sum(again.count for again in self._again.values() if again.contradicts)

    @property
    def repeated(self) -> int:
        """How many rows say what an earlier one says."""
        return sum(again.count - 1 for again in self._again.values() if not again.contradicts)

    @property
    def good(self) -> int:
        """How many rows can be sent."""
        return self.read - self.unread - self.repeated

    def of_columns(self) -> Iterator[Finding]:
        """A finding for each column most of whose values are damaged alike."""
        for (name, code), damage in self._damage.items():
            if self.says_column(name, code):
                lines = _listed(damage.lines)
                where = f" in {damage.count:,} of {self._of(name, code):,} rows, first in lines {lines}"
                facts = {**damage.finding.facts, "where": where}
                yield rules.RULES[code].broken(at=name, **facts)

    def says_column(self, name: str | None, code: str) -> bool:
        """Whether one finding says for the whole column that it breaks the rule."""
        damage = self._damage.get((name or "", code))
        return damage is not None and damage.count > 1 and 2 * damage.count > self._of(name or "", code)

    def _of(self, name: str, code: str) -> int:
        """How many values the column has: the good ones, and those that are damaged in any way."""
        if code == rules.CELL_MISSING.code:
            return self.read
        damaged = sum(
            damage.count
            for (column, other), damage in self._damage.items()
            if column == name
            and other != rules.CELL_MISSING.code
            and damage.finding.severity is Severity.ERROR
        )
        return self._filled[name] + damaged

    def _note(self, row: Row, finding: Finding) -> None:
        if finding.code in rules.OF_COLUMNS and finding.field:
            damage = self._damage.setdefault((finding.field, finding.code), _Damage(finding))
            damage.count += 1
            if len(damage.lines) < _LINES_SHOWN:
                damage.lines.append(row.line)

    def _remember(self, row: Row) -> None:
        self._keys.append(digest(*row.key(self.record_type)))
        self._contents.append(digest(*map(str, row.values.items())))
        self._lines.append(row.line)


def _of_two(numbers: "array[int]") -> set[int]:
    """The numbers that are there more than once."""
    in_order = sorted(numbers)
    return {number for number, next_one in pairwise(in_order) if number == next_one}


def digest(*texts: str) -> Digest:
    """A number of eight bytes for some texts."""
    return int.from_bytes(blake2b("\x1f".join(texts).encode(errors="replace"), digest_size=8).digest())


def _listed(lines: list[int]) -> str:
    *before, last = map(str, lines)
    return f"{', '.join(before)} and {last}" if before else last
