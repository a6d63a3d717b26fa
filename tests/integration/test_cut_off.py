"""A process that loses its database connection without PostgreSQL's noticing."""

import asyncio
import struct
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.chassis.hosting.run import engine_for
from services.chassis.hosting.settings import Settings
from tests.conftest import Database

_QUESTION = b"\0SELECT 1\0" + struct.pack("!h", 0)
# The first message of a statement in PostgreSQL's protocol; what would let the server answer does not follow.
_BEGUN = b"P" + struct.pack("!i", 4 + len(_QUESTION)) + _QUESTION

_TAKE = text("SELECT * FROM students FOR UPDATE NOWAIT")


@pytest.mark.parametrize("sent", [b"", _BEGUN], ids=["between statements", "in the middle of one"])
async def test_locks_are_let_go(database: Database, tmp_path: Path, sent: bytes) -> None:
    """PostgreSQL frees the locks of a process that was cut off, so other processes go on."""
    settings = Settings(database=SecretStr(database("cut_off")), token_keys="/unused", database_seconds=1)
    cut_off, others = engine_for(settings, connections=1), engine_for(settings, connections=1)
    async with others.begin() as connection:
        await connection.execute(text("CREATE TABLE students AS SELECT 7 AS id"))
    silent = await cut_off.connect()
    await silent.execute(_TAKE)
    driver = (await silent.get_raw_connection()).driver_connection
    assert driver is not None
    driver._transport.write(sent)

    async with asyncio.timeout(20):
        while True:
            try:
                async with others.begin() as connection:
                    await connection.execute(_TAKE)
                break
            except DBAPIError:
                await asyncio.sleep(0.1)
    driver.terminate()
    await silent.invalidate()
    await others.dispose()
