"""The tables that the state office has loaded. Every version stays, for reports of an earlier moment."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

Line = Mapping[str, str]

_KEEP = text("""
INSERT INTO loaded_tables (name, school_year, lines, loaded_by)
VALUES (:name, :school_year, :lines, :loaded_by)
""")
_ALL = text("""
SELECT name, school_year, jsonb_array_length(lines) AS lines, loaded_by, at FROM loaded_tables
ORDER BY name, school_year, id
""")
_NEWEST = text("""
SELECT lines::text FROM loaded_tables
WHERE name = :name AND school_year = :school_year AND at <= coalesce(CAST(:known_at AS timestamptz), now())
ORDER BY id DESC LIMIT 1
""")


async def keep(
    database: AsyncConnection, name: str, school_year: str, lines: Sequence[Line], loaded_by: str
) -> None:
    """Keep a version of a table. It replaces the earlier ones from now on."""
    given = {"name": name, "school_year": school_year, "lines": json.dumps(lines), "loaded_by": loaded_by}
    await database.execute(_KEEP, given)


async def versions(database: AsyncConnection) -> Sequence[RowMapping]:
    """Every version of every table, with its number of lines."""
    return (await database.execute(_ALL)).mappings().all()


async def newest(
    database: AsyncConnection, name: str, school_year: str, known_at: datetime | None = None
) -> Sequence[Line] | None:
    """The lines of a table as it was known at a moment (None: now). None: nobody had loaded it."""
    given = {"name": name, "school_year": school_year, "known_at": known_at}
    found = (await database.execute(_NEWEST, given)).scalar_one_or_none()
    return json.loads(found) if found is not None else None
