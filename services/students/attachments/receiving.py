"""Takes an upload: the bytes go to a temporary file, are judged and scanned, then go to the store.

The table `uploads` has a row before the store has the bytes. So the sweep finds every byte that no command
names, whenever a process was killed.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.access import Actor, Role
from contracts.attachments import LARGEST_ATTACHMENT, MediaType
from contracts.codes import LEAS
from contracts.dates import day_at
from contracts.errors import NOT_OWNER, ROLE_MISSING, Rule
from contracts.facts import owner
from contracts.message import OfStudent
from contracts.types import AttachmentId, Sha256, StudentId
from services.chassis.answering.problems import Forbidden, NotFound, Problem
from services.chassis.answering.queries import known
from services.students.attachments.blobs import StoreAway, blobs_at
from services.students.attachments.kinds import Refused, kind_of
from services.students.attachments.scanning import ScannerAway, virus_in
from services.students.attachments.settings import AttachmentSettings
from services.students.domain import STORED, rules
from services.students.domain.ownership import student_missing
from services.students.store import UPLOAD_BEGUN, UPLOAD_DONE

PREFIX = "ser-upload-"
"""The name of a temporary directory begins so."""

_MEGABYTE = 1024 * 1024


class Uploaded(OfStudent):
    """What the service received. A command that names the attachment repeats hash, size and kind."""

    attachment_id: AttachmentId
    sha256: Sha256
    size: int
    media_type: MediaType


@dataclass(frozen=True, slots=True)
class _Received:
    sha256: str
    size: int


async def receive(
    engine: AsyncEngine, student_id: StudentId, attachment_id: AttachmentId, body: AsyncIterator[bytes]
) -> Uploaded:
    """Keep the bytes of an upload. Problem: SER keeps no such file, or the store does not answer."""
    settings = AttachmentSettings()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        path = Path(folder) / "file"
        received = await _saved(path, body)
        kind = await _judged(path, settings)
        upload = Uploaded(
            student_id=student_id,
            attachment_id=attachment_id,
            sha256=received.sha256,
            size=received.size,
            media_type=kind,
        )
        await _stored(engine, upload, path, settings)
        return upload


async def _saved(path: Path, body: AsyncIterator[bytes]) -> _Received:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        async for piece in body:
            size += len(piece)
            if size <= LARGEST_ATTACHMENT:
                digest.update(piece)
                file.write(piece)
    if size > LARGEST_ATTACHMENT:  # said at the end: a sender that still sends would not read it
        raise _problem(413, rules.FILE_TOO_LARGE, limit=LARGEST_ATTACHMENT // _MEGABYTE)
    if not size:
        raise _problem(422, rules.FILE_EMPTY)
    return _Received(digest.hexdigest(), size)


async def _judged(path: Path, settings: AttachmentSettings) -> MediaType:
    try:
        kind = await asyncio.to_thread(kind_of, path)
        virus = await virus_in(path, settings)
    except Refused as refused:
        raise _problem(422, refused.rule) from None
    except ScannerAway:
        raise _problem(503, rules.SCANNER_AWAY) from None
    if virus is not None:
        raise _problem(422, rules.INFECTED, virus=virus)
    return kind


async def _stored(engine: AsyncEngine, upload: Uploaded, path: Path, settings: AttachmentSettings) -> None:
    """Keep the bytes, between the two marks in the table `uploads`."""
    row = upload.model_dump(mode="json")
    async with engine.begin() as database:
        await database.execute(UPLOAD_BEGUN, row)
    try:
        await blobs_at(settings.store).put(upload.sha256, path)
    except StoreAway:
        raise _problem(503, rules.STORE_AWAY) from None
    async with engine.begin() as database:
        await database.execute(UPLOAD_DONE, row)


def _problem(status: int, rule: Rule, **facts: object) -> Problem:
    return Problem(status, [rule.broken(at=None, **facts)])


async def check_sender(engine: AsyncEngine, viewer: Actor, student_id: StudentId) -> None:
    """Problem: the viewer may not write the student's record, so the service reads nothing of the body."""
    async with engine.connect() as database:
        facts = await known(database, student_id, STORED)
    today = day_at(datetime.now(UTC))
    if not viewer.has(Role.WRITER):
        raise Forbidden(ROLE_MISSING.broken(role=Role.WRITER))
    if lacking := student_missing(facts, today):
        raise NotFound(lacking)
    lea = owner(facts, today)
    if lea is not None and lea != viewer.lea:
        raise Forbidden(NOT_OWNER.broken(owner=LEAS.label(lea)))
