"""Takes a batch: the bytes go to a temporary file, then with the batch into the database."""

import asyncio
import hashlib
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.fernet import MultiFernet
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_new
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts.access import Actor
from intake.reading.damage import Dates
from intake.reading.files import type_of
from intake.tables import batches, contents
from intake.verdicts import BatchState

PREFIX = "ser-batch-"
"""The name of a temporary directory begins so."""

_PIECE = 1_000_000


class Options(BaseModel):
    """What the sender says of a batch."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        pattern=r"^[\w .()+,-]{0,98}\w$", description="Name of the file, such as `claims.csv` or `night.zip`."
    )
    record_type: str = Field(
        default="", max_length=60, description="Of a single CSV whose name does not say it."
    )
    date_format: Dates | None = Field(
        default=None, description="The form of every day; goes before the manifest's."
    )
    rows: int | None = Field(default=None, ge=0, description="How many rows there should be in all.")
    students: int | None = Field(
        default=None, ge=0, description="How many different State IDs there should be."
    )
    anyway: bool = Field(default=False, description="Send the good rows although most cannot be read.")
    check: bool = Field(default=False, description="Read the rows and send nothing.")

    @property
    def meant(self) -> dict[str, Any]:
        """What the options change about a batch. The name of a file changes nothing but its record type."""
        own = self.model_dump(mode="json", exclude={"name"})
        return own | {"record_type": self.record_type or type_of(self.name)}


@dataclass(frozen=True, slots=True)
class Received:
    """A batch as it was taken. `goes_on`: it is new, or goes on with the sender's new token."""

    batch_id: UUID
    goes_on: bool


@dataclass(frozen=True, slots=True)
class _Saved:
    path: Path
    sha256: str
    size: int


async def receive(
    engine: AsyncEngine,
    sealer: MultiFernet,
    viewer: Actor,
    token: str,
    options: Options,
    body: AsyncIterator[bytes],
) -> Received:
    """Take a batch. The same bytes with the same options from the same LEA give the batch from before."""
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        saved = await _save(Path(folder) / "batch", body)
        async with engine.begin() as database:
            return await _take(database, sealer, viewer, token, options, saved)


async def _save(path: Path, body: AsyncIterator[bytes]) -> _Saved:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        async for piece in body:
            size += len(piece)
            digest.update(piece)
            await asyncio.to_thread(file.write, piece)
    return _Saved(path, digest.hexdigest(), size)


async def _take(
    database: AsyncConnection,
    sealer: MultiFernet,
    viewer: Actor,
    token: str,
    options: Options,
    saved: _Saved,
) -> Received:
    said = json.dumps([saved.sha256, options.meant], sort_keys=True)
    values = {
        **_of_token(sealer, viewer, token),
        "batch_id": uuid4(),
        "lea": viewer.lea,
        "name": options.name,
        "size": saved.size,
        "sha256": saved.sha256,
        "digest": hashlib.sha256(said.encode()).digest(),
        "options": options.meant,
        "state": BatchState.RECEIVED,
        "checks": options.check,
    }
    statement = insert_new(batches).values(values).on_conflict_do_nothing().returning(batches.c.batch_id)
    batch_id = (await database.execute(statement)).scalar_one_or_none()
    if batch_id is None:
        return await _again(database, sealer, viewer, token, values["digest"])
    for number, piece in enumerate(_pieces(saved.path)):
        await database.execute(insert(contents).values(batch_id=batch_id, piece=number, bytes=piece))
    return Received(batch_id, goes_on=True)


async def _again(
    database: AsyncConnection, sealer: MultiFernet, viewer: Actor, token: str, digest: bytes
) -> Received:
    """The batch from before. If it waits for a token, it goes on with this one."""
    same = (batches.c.lea == viewer.lea) & (batches.c.digest == digest)
    found: Row[Any] = (await database.execute(select(batches).where(same).with_for_update())).one()
    waits = found.state == BatchState.WAITING
    if waits:
        values = _of_token(sealer, viewer, token) | {"state": BatchState.SENDING}
        await database.execute(update(batches).where(same).values(values))
    return Received(found.batch_id, goes_on=waits)


def _of_token(sealer: MultiFernet, viewer: Actor, token: str) -> dict[str, Any]:
    """What a batch keeps of a token that was verified."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return {
        "sub": viewer.sub,
        "token": sealer.encrypt(token.encode()),
        "token_expires_at": datetime.fromtimestamp(claims["exp"], UTC),
    }


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
