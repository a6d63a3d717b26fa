"""On the first day of a spell that was claimed ahead, the search shows the student to the new LEA."""

import asyncio
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.dates import day_at
from services.students.store import PLACE

log = structlog.get_logger()

_EVERY_SECONDS = 60


async def place_regularly(engine: AsyncEngine) -> None:
    """Place the students whose next spell has begun, when the process starts and every minute after that."""
    while True:
        try:
            await place(engine)
        except (DBAPIError, PoolExhausted) as failure:
            log.warning("students not placed", error=type(failure).__name__)
        await asyncio.sleep(_EVERY_SECONDS)


async def place(engine: AsyncEngine) -> None:
    """The rows of the search say for each student whose next spell has begun which LEA owns the student."""
    async with engine.begin() as database:
        await database.execute(PLACE, {"today": day_at(datetime.now(UTC))})
