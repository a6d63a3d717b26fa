"""The store of bytes. It keeps each file once, under its SHA-256, in a directory or in a cloud's bucket."""

from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.exceptions import NotFoundError as Missing
from obstore.store import LocalStore, ObjectStore, from_url

_SENT = 64 * 1024
_S3_PART = 5 * 1024 * 1024
_LOCAL_PART = 256 * 1024


class StoreAway(Exception):
    """The store does not answer, or does not have the bytes."""


class Blobs:
    """Bytes by their hash."""

    def __init__(self, url: str) -> None:
        self._store, self._part = _opened(url)

    async def put(self, sha256: str, path: Path) -> None:
        """Keep the bytes of a file. Nobody sees them before all are kept. StoreAway: it failed."""
        try:
            await obstore.put_async(
                self._store, _name(sha256), path, chunk_size=self._part, max_concurrency=1
            )
        except (BaseError, OSError) as failure:
            raise StoreAway from failure

    async def get(self, sha256: str) -> AsyncIterator[bytes]:
        """The bytes, in pieces. StoreAway: they cannot be read. It is raised before the first piece."""
        try:
            found = await obstore.get_async(self._store, _name(sha256))
        except (BaseError, OSError) as failure:
            raise StoreAway from failure
        return _pieces(found)

    async def delete(self, sha256: str) -> None:
        """Remove the bytes; it is no failure if there are none. StoreAway: it failed."""
        try:
            await obstore.delete_async(self._store, _name(sha256))
        except Missing:
            return
        except (BaseError, OSError) as failure:
            raise StoreAway from failure


@cache
def blobs_at(url: str) -> Blobs:
    """The store at an address; one for the process. StoreAway: it cannot be opened."""
    try:
        return Blobs(url)
    except (BaseError, OSError) as failure:
        raise StoreAway from failure


async def _pieces(found: Any) -> AsyncIterator[bytes]:
    async for piece in found.stream(min_chunk_size=_SENT):
        yield bytes(piece)


def _opened(url: str) -> tuple[ObjectStore, int]:
    """The store, and the size of the parts in which it takes a file. S3 takes none below 5 MB."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalStore(Path(unquote(parts.path)), mkdir=True), _LOCAL_PART
    return from_url(url), _S3_PART


def _name(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
