"""Rows into a table by one statement, in one round trip however many they are: each column is an array."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

Types = Mapping[str, str]
"""The columns of a table and their types, in order."""

Row = tuple[Any, ...]


def unnested(types: Types) -> str:
    """The rows a statement is given: `unnest($1::bigint[], …) AS row (subject, …)`."""
    arrays = ", ".join(f"${place}::{_carrier(name)}[]" for place, name in enumerate(types.values(), 1))
    return f"unnest({arrays}) AS row ({', '.join(types)})"


def selected(types: Types) -> str:
    """The columns of those rows, each in its own type."""
    return ", ".join(f"row.{name}::{kind}" for name, kind in types.items())


async def run(
    database: AsyncConnection, statement: str, types: Types, rows: Sequence[Row]
) -> CursorResult[Any]:
    """Run a statement over rows. There is at least one."""
    return await database.exec_driver_sql(statement, tuple(_columns(types, rows)))


def _columns(types: Types, rows: Sequence[Row]) -> Iterable[list[Any]]:
    return (list(column) for column in zip(*rows, strict=True))


def _carrier(kind: str) -> str:
    """The type in which a column travels: what the driver has no form of its own for goes as text."""
    return kind if kind in _NATIVE else "text"


_NATIVE = {"bigint", "integer", "boolean", "date", "text", "timestamptz", "uuid"}
