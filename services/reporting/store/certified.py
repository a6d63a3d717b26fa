"""The certified federal files. PostgreSQL refuses to change or delete one, and a rebuild keeps them.

They are in this database alone: no topic has them, so a backup must.
"""

import gzip
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import RowMapping, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

_STAMP = (
    "version, name, form, as_of, known_at, read_through, events, rows, students, digest, sha256, warnings,"
    " comment, certified_by, certified_at"
)
_OF = "file = :file AND year = :year AND level = :level"
_LAST = text(f"SELECT coalesce(max(version), 0) FROM certified_files WHERE {_OF}")
_KEEP = text(f"""
INSERT INTO certified_files (file, year, level, {_STAMP}, content)
VALUES (:file, :year, :level, :version, :name, :form, :as_of, :known_at, :read_through, :events, :rows,
    :students, :digest, :sha256, CAST(:warnings AS jsonb), :comment, :certified_by, now(), :content)
RETURNING {_STAMP}
""")
_LISTED = text(f"SELECT {_STAMP} FROM certified_files WHERE {_OF} ORDER BY version DESC")
_FILES = f"SELECT name, form, rows, content FROM certified_files WHERE {_OF}"
_CONTENT = text(f"{_FILES} AND version = :version")
_NEWEST = text(f"{_FILES} ORDER BY version DESC LIMIT 1")


class AlreadyCertified(Exception):
    """Somebody else certified the same version of the file."""


class Key(NamedTuple):
    """A file of a school year at a level."""

    file: str
    year: str
    level: str

    @property
    def values(self) -> dict[str, str]:
        """The parameters of a statement."""
        return {"file": str(self.file), "year": self.year, "level": str(self.level)}


class Stamp(NamedTuple):
    """What a certification says of a file, besides who made it and when."""

    version: int
    name: str
    form: str
    as_of: date
    known_at: datetime
    read_through: datetime
    events: int
    rows: int
    students: int
    digest: str
    sha256: str
    warnings: Sequence[str]
    comment: str | None


class Content(NamedTuple):
    """The bytes of a certified file, its name, its format and its number of data records."""

    name: str
    form: str
    rows: int
    content: bytes


async def last_version(database: AsyncConnection, key: Key) -> int:
    """The version of the file's newest certification; 0 if nobody has certified it."""
    return int((await database.execute(_LAST, key.values)).scalar_one())


async def keep(
    database: AsyncConnection, key: Key, stamp: Stamp, certified_by: str, content: bytes
) -> RowMapping:
    """Keep a certified file. Returns its stamp with who certified it, and when.

    AlreadyCertified: another transaction kept the version since this one began.
    """
    values: dict[str, Any] = {
        **key.values,
        **stamp._asdict(),
        "warnings": json.dumps(list(stamp.warnings)),
        "certified_by": certified_by,
        "content": gzip.compress(content, mtime=0),
    }
    try:
        return (await database.execute(_KEEP, values)).mappings().one()
    except IntegrityError:
        raise AlreadyCertified from None


async def certified(database: AsyncConnection, key: Key) -> Sequence[RowMapping]:
    """The stamps of a file, newest first."""
    return (await database.execute(_LISTED, key.values)).mappings().all()


async def content(database: AsyncConnection, key: Key, version: int | None = None) -> Content | None:
    """A certified file, or its newest version. None: there is none."""
    values: dict[str, Any] = {**key.values} | ({"version": version} if version else {})
    row = (await database.execute(_CONTENT if version else _NEWEST, values)).one_or_none()
    return Content(row.name, row.form, row.rows, gzip.decompress(row.content)) if row else None
