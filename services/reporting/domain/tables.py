"""What a report says of each student or case, and the tables of numbers that it counts from them.

Each number of a table counts judged rows. `where` says which ones, so each number can list its students.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from contracts.types import StudentId

Value = str | int | date | bool | None
"""A value of a row. A list of codes is a text with commas."""
_Values = tuple[Value, ...]
_Names = tuple[str, ...]


class Kind(StrEnum):
    """How documents write a column. A code is text, because codes have leading zeros."""

    TEXT = "text"
    CODE = "code"
    DAY = "day"
    NUMBER = "number"
    COUNT = "count"
    """The number of judged rows with the values of the row and the column (`where`)."""
    PERCENT = "percent"
    """A text such as `33.3`, or `-` if the denominator is 0."""
    PLACE = "place"
    """A row of another table of the same answer: the table's name and the row's number from 1."""


class Column(NamedTuple):
    """A column of a table. `where`: the values of the rows that a count has."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    where: Mapping[str, Value] = {}


class Judged(NamedTuple):
    """What a report says of one student or case.

    `verdict`: `counted`, `IN`, … . `reason`: the code of the rule that says why it is left out; blank: it is
    in the report. `values`: by the names of the report's columns.
    """

    student_id: StudentId
    verdict: str
    reason: str | None
    values: Mapping[str, Value]

    def value(self, name: str) -> Value:
        """A value by its name. The verdict and the reason have names too."""
        match name:
            case "verdict":
                return self.verdict
            case "reason":
                return self.reason
            case _:
                return self.values.get(name)


@dataclass(frozen=True)
class Row:
    """A row of a table. `where`: the values that its judged rows have."""

    values: tuple[Value, ...]
    where: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A table of numbers."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


class Tally:
    """The number of judged rows for each combination of some of their values, the `dimensions`.

    `leas`: those that were asked about. A summary lists each, also without rows. `sums`: the values that
    tables add up.
    """

    def __init__(
        self, dimensions: Collection[str], leas: Iterable[str] = (), sums: Collection[str] = ()
    ) -> None:
        self.leas = tuple(leas)
        self.dimensions = tuple(dict.fromkeys(("verdict", "reason", *dimensions)))
        self._numbers: Counter[_Values] = Counter()
        self._added = {name: Counter[_Values]() for name in sums}
        self._narrowed: dict[tuple[str | None, _Names], Counter[_Values]] = {}

    def add(self, rows: Iterable[Judged]) -> None:
        """Count more judged rows."""
        self._narrowed.clear()
        for row in rows:
            values = tuple(row.value(name) for name in self.dimensions)
            self._numbers[values] += 1
            for name, added in self._added.items():
                number = row.value(name)
                if isinstance(number, int):
                    added[values] += number

    def count(self, where: Mapping[str, Value]) -> int:
        """The number of judged rows with these values."""
        return self._of(None, where)

    def sum(self, name: str, where: Mapping[str, Value]) -> int:
        """The sum of a value of the judged rows with these values. Blank values add nothing."""
        return self._of(name, where)

    def total(self) -> int:
        """The number of all judged rows."""
        return self._numbers.total()

    def each(self) -> Iterator[tuple[Mapping[str, Value], int]]:
        """Each combination, and its number of rows."""
        for values, number in self._numbers.items():
            yield dict(zip(self.dimensions, values, strict=True)), number

    def groups(self, *names: str) -> Mapping[tuple[Value, ...], int]:
        """Each combination of the values of some dimensions, and its number of rows."""
        return self._narrow(None, names)

    def values(self, name: str) -> list[Value]:
        """The values that a dimension has, sorted; no value first."""
        return sorted(
            (value for (value,) in self.groups(name)), key=lambda value: (value is not None, str(value))
        )

    def _of(self, name: str | None, where: Mapping[str, Value]) -> int:
        return self._narrow(name, tuple(where))[tuple(where.values())]

    def _narrow(self, name: str | None, names: _Names) -> Counter[_Values]:
        """The numbers by these dimensions alone, made once: a table asks for the same ones in each row."""
        key = name, names
        if key not in self._narrowed:
            places = [self.dimensions.index(one) for one in names]
            found = self._narrowed[key] = Counter[_Values]()
            for values, number in (self._added[name] if name else self._numbers).items():
                found[tuple(values[place] for place in places)] += number
        return self._narrowed[key]
