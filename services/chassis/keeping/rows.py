"""Rows as parameters of one statement: each column is an array, so any number of rows takes one
round trip."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

Row = tuple[object, ...]


class Rows:
    """The columns of rows that a statement is given, with their types.

    `after`: other rows for the same statement, whose parameters stand before these.
    """

    def __init__(self, types: Mapping[str, str], *, after: "Rows | None" = None) -> None:
        self.types = types
        self._first = after._next if after else 1

    @property
    def _next(self) -> int:
        return self._first + len(self.types)

    def __str__(self) -> str:
        """As SQL: `rows` with these columns, as they travel, and `n`, the place of each."""
        kinds = enumerate(self.types.values(), self._first)
        arrays = ", ".join(f"${place}::{_carrier(kind)}[]" for place, kind in kinds)
        return f"unnest({arrays}) WITH ORDINALITY AS rows ({self.names}, n)"

    @property
    def names(self) -> str:
        """The names of the columns, as SQL."""
        return ", ".join(f'"{name}"' for name in self.types)

    @property
    def values(self) -> str:
        """The columns of `rows`, each in its own type, as SQL."""
        return ", ".join(f'rows."{name}"::{kind}' for name, kind in self.types.items())

    def parameters(self, rows: Sequence[Row], before: int) -> Iterable[list[object]]:
        """An array for each column. `before`: how many parameters stand before these."""
        assert before == self._first - 1, "rows are given in the order in which their columns are numbered"
        return map(list, zip(*rows, strict=True)) if rows else ([] for _ in self.types)


async def run(
    database: AsyncConnection, statement: str, *given: tuple[Rows, Sequence[Row]]
) -> CursorResult[Any]:
    """Run a statement over rows."""
    parameters = list[object]()
    for kind, rows in given:
        parameters.extend(kind.parameters(rows, len(parameters)))
    return await database.exec_driver_sql(statement, tuple(parameters))


def _carrier(kind: str) -> str:
    """The type in which a column travels: what the driver has no form of its own for goes as text."""
    return kind if kind in _NATIVE else "text"


_NATIVE = {"bigint", "boolean", "bytea", "date", "integer", "text", "timestamptz", "uuid"}
