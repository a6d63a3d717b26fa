"""Keeps the rows of a file on disk while they are checked, so that a file of any length is read once.

Memory does not grow with the file. Both files are temporary, and gone when the process ends.
"""

import pickle
import sqlite3
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Generic, TypeVar

T = TypeVar("T")


class Said:
    """Which message each revision of a State ID stands for: the id of the first row that says it."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")  # a temporary database on disk
        self._database.execute(
            "CREATE TABLE said (subject, revision, id, PRIMARY KEY (subject, revision)) WITHOUT ROWID"
        )

    def before(self, subject: str, revision: int, message_id: str) -> str | None:
        """The id of the message under this revision in an earlier row; None if this row is the first."""
        place = (subject, str(revision))
        inserted = self._database.execute("INSERT OR IGNORE INTO said VALUES (?, ?, ?)", (*place, message_id))
        if inserted.rowcount:
            return None
        found = self._database.execute("SELECT id FROM said WHERE subject = ? AND revision = ?", place)
        return str(found.fetchone()[0])


class Kept(Generic[T]):
    """Values in a temporary file, in their order."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - it lives as long as this object

    def add(self, value: T) -> None:
        """Keep one more."""
        pickle.dump(value, self._file, pickle.HIGHEST_PROTOCOL)

    def __iter__(self) -> Iterator[T]:
        """All of them, from the first."""
        end = self._file.tell()
        self._file.seek(0)
        while self._file.tell() < end:
            yield pickle.load(self._file)
