"""Removes the bytes that no record names: of uploads without a command, and of deleted or replaced files.

The sweep has two steps. First it gives an upload up, so that no later decision finds it. A decision that
found it before may still be saved. So the sweep removes the bytes ten minutes later, unless a record names
them by then.
"""

import asyncio
import contextlib
import shutil
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncEngine

from services.students.attachments.blobs import Blobs, StoreAway, blobs_at
from services.students.attachments.receiving import PREFIX
from services.students.attachments.settings import AttachmentSettings
from services.students.store import GIVE_UP, LEFT, REMOVE, TAKE_BACK, TO_REMOVE, TURN

log = structlog.get_logger()

_AT_ONCE = 1000
_LEFT_SECONDS = 3600
_SETTLE_SECONDS = 600
"""Longer than any transaction lasts (twice `SER_DATABASE_SECONDS`)."""


async def sweep_regularly(engine: AsyncEngine) -> None:
    """Sweep when the process starts, and regularly after that."""
    settings = AttachmentSettings()
    while True:
        try:
            await asyncio.to_thread(remove_leftovers)
            removed = await sweep(engine, settings)
            if removed:
                log.info("attachments swept", removed=removed)
        except (DBAPIError, PoolExhausted, StoreAway, OSError) as failure:
            log.warning("attachments not swept", error=type(failure).__name__)
        await asyncio.sleep(settings.sweep_seconds)


def remove_leftovers() -> None:
    """Remove the temporary files of uploads that ended with their process, an hour ago or more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _LEFT_SECONDS:
                shutil.rmtree(folder)


async def sweep(
    engine: AsyncEngine, settings: AttachmentSettings, *, settle_seconds: float = _SETTLE_SECONDS
) -> int:
    """Remove at most 1,000 files that no record names. Returns how many the store no longer has."""
    settle = {"settle": timedelta(seconds=settle_seconds)}
    async with engine.begin() as database:
        await database.execute(TAKE_BACK)
        await database.execute(GIVE_UP, {"grace": timedelta(hours=settings.grace_hours)})
        found = await database.execute(TO_REMOVE, settle | {"limit": _AT_ONCE})
        hashes = list(found.scalars())
    blobs = blobs_at(settings.store)
    return sum([await _removed(engine, blobs, sha256, settle) for sha256 in hashes])


async def _removed(engine: AsyncEngine, blobs: Blobs, sha256: str, settle: dict[str, timedelta]) -> bool:
    """Remove the rows, and the bytes if no other upload has the same. Uploads of these bytes wait meanwhile.

    If the process is killed in between, the rows are still there, and the next sweep removes the bytes.
    """
    of = {"sha256": sha256}
    async with engine.begin() as database:
        await database.execute(TURN, of)
        await database.execute(REMOVE, of | settle)
        last = bool((await database.execute(LEFT, of)).scalar_one() == 0)
        if last:
            await blobs.delete(sha256)
    return last
