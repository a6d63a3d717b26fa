"""Certification of federal files: the state says that a file is right, and SER keeps it byte for byte."""

import asyncio
from datetime import date, datetime
from hashlib import sha256
from typing import Literal

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor, Role
from contracts.errors import ROLE_MISSING, SSN_SHAPED, Finding
from contracts.social_security import looks_like_one
from services.chassis.answering.http import NotFound
from services.chassis.answering.viewing import admit
from services.reporting.domain.federal.rules import (
    CHANGED,
    COMMENT_MISSING,
    NOT_CERTIFIABLE,
    NOT_CERTIFIED,
    NUMBERS_MOVED,
)
from services.reporting.domain.federal.text import Format
from services.reporting.queries.federal import Made, Wanted, make, specification_of, without_errors
from services.reporting.queries.moment import one_moment, today
from services.reporting.store import certified as store

_WHAT = "federal files"


class Certify(BaseModel):
    """The file that the state certifies: the digest of the numbers somebody looked at, and the format."""

    digest: str = Field(pattern="^[0-9a-f]{64}$", description="`digest` of the file.")
    format: Literal["csv", "tab", "txt"] = "csv"
    comment: str | None = Field(default=None, min_length=1, max_length=2000)


class Certification(BaseModel):
    """A certified file: who certified it, when, as of which day, known at which moment, and its hash."""

    version: int
    name: str
    format: Format = Field(validation_alias="form")
    as_of: date
    known_at: datetime
    read_through: datetime = Field(description="No event through this moment was missing.")
    events: int
    rows: int
    students: int
    digest: str = Field(description="The SHA-256 of the data records.")
    sha256: str = Field(description="The SHA-256 of the whole file.")
    warnings: list[str] = Field(description="What the checks found.")
    comment: str | None
    certified_by: str
    certified_at: datetime


async def certify(viewer: Actor, database: AsyncConnection, wanted: Wanted, wish: Certify) -> Certification:
    """Certify a file as its next version. Forbidden: any role but the state's.

    Problem: a check found an error, events are missing, the day is to come, the numbers are others than those
    somebody looked at, or a remarkable change has no comment.
    """
    if not viewer.has(Role.STATE):
        refusal = ROLE_MISSING.broken(role=Role.STATE)
        await admit(database, viewer, subject="", what=_WHAT, refusal=refusal)
    key = store.Key(wanted.file, wanted.year, wanted.level)
    await one_moment(database)
    version = 1 + await store.last_version(database, key)
    made = await make(viewer, database, wanted, Format(wish.format), certifies=True)
    without_errors([*made.errors, *_refusals(made, wish)])
    text = (await asyncio.to_thread(made.draft.file.text, Format(wish.format))).encode()
    try:
        kept = await store.keep(database, key, _stamp(made, wish, version, text), viewer.sender, text)
    except store.AlreadyCertified:
        without_errors([NOT_CERTIFIABLE.broken(problem="somebody else certified it at the same moment")])
        raise
    return Certification.model_validate(dict(kept))


def _refusals(made: Made, wish: Certify) -> list[Finding]:
    found = []
    if not made.basis.certified:
        found.append(NOT_CERTIFIABLE.broken(problem="events are missing"))
    if made.draft.population.as_of > today():
        found.append(NOT_CERTIFIABLE.broken(problem="the day of the file is to come"))
    if made.digest != wish.digest:
        found.append(NUMBERS_MOVED.broken(at="digest"))
    changed = any(one.code == CHANGED.code for check in made.checks for one in check.findings)
    if changed and wish.comment is None:
        found.append(COMMENT_MISSING.broken(at="comment"))
    if wish.comment and looks_like_one(wish.comment):
        found.append(SSN_SHAPED.broken(at="comment"))
    return found


def _stamp(made: Made, wish: Certify, version: int, text: bytes) -> store.Stamp:
    assert made.basis.read_through is not None, "a certified basis has the moment through which it was read"
    return store.Stamp(
        version=version,
        name=made.draft.file.name,
        form=wish.format,
        as_of=made.draft.population.as_of,
        known_at=made.made_at,
        read_through=made.basis.read_through,
        events=made.basis.events,
        rows=len(made.draft.file.rows),
        students=made.draft.children,
        digest=made.digest,
        sha256=sha256(text).hexdigest(),
        warnings=[f"{one.code} {one.message}" for check in made.checks for one in check.findings],
        comment=wish.comment,
    )


async def certifications(viewer: Actor, database: AsyncConnection, wanted: Wanted) -> list[Certification]:
    """The certified versions of a file, newest first. Forbidden: an LEA."""
    await _admit(viewer, database)
    key = _known(wanted)
    return [Certification.model_validate(dict(row)) for row in await store.certified(database, key)]


async def certified_text(
    viewer: Actor, database: AsyncConnection, wanted: Wanted, version: int
) -> store.Content:
    """A certified file as it was, byte for byte.

    Forbidden: an LEA. NotFound: nobody certified the version.
    """
    await _admit(viewer, database)
    found = await store.content(database, _known(wanted), version)
    if found is None:
        raise NotFound(NOT_CERTIFIED.broken(at="version", version=version))
    return found


def _known(wanted: Wanted) -> store.Key:
    specification_of(wanted)
    return store.Key(wanted.file, wanted.year, wanted.level)


async def _admit(viewer: Actor, database: AsyncConnection) -> None:
    """Forbidden, and logged, unless the viewer sees every LEA."""
    if not viewer.everywhere:
        refusal = ROLE_MISSING.broken(role=Role.STATE)
        await admit(database, viewer, subject="", what=_WHAT, refusal=refusal)
