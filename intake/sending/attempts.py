"""Writes each command down before it is sent, and knows what was accepted before.

A record's newest attempt decides. If it was accepted with the same contents, nothing is sent again. If it
has no final outcome, it goes on under its id. A student who is on the record is not added once more. Else
there is a next attempt, with an id of its own.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row as Found
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.catalog import commands as known_commands
from contracts.errors import Finding
from contracts.message import Command
from contracts.outcome import Status
from intake.planning import Planned
from intake.tables import commands
from services.chassis.decoding.bodies import read_command

ADDED = "STU-002"
"""The rule that says that a student is on the record already."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A command of a row, as it is sent or was sent before.

    `already`: it was accepted before this batch. `status`, `findings`: its outcome so far. `command`: none if
    its parts make no command together; the findings say why.
    """

    planned: Planned
    command_id: UUID
    command: Command | None
    already: bool = False
    status: Status | None = None
    findings: tuple[Finding, ...] = ()


async def write_down(engine: AsyncEngine, batch_id: UUID, planned: Sequence[Planned]) -> list[Attempt]:
    """The attempts of some commands, in their order, all of them in the database."""
    records = [record_of(one) for one in planned]
    async with engine.begin() as database:
        newest = (
            select(commands)
            .where(commands.c.record.in_(records))
            .distinct(commands.c.record)
            .order_by(commands.c.record, commands.c.number.desc())
        )
        before = {found.record: found for found in (await database.execute(newest)).all()}
        made = [_attempt(batch_id, one, before.get(of)) for one, of in zip(planned, records, strict=True)]
        if new := [row for _, row in made if row is not None]:
            await database.execute(insert(commands), new)
    return [attempt for attempt, _ in made]


async def was_sent(engine: AsyncEngine, batch_id: UUID, planned: Planned) -> bool:
    """Whether the batch has sent such a command of the record."""
    wanted = select(commands.c.command_id).where(
        commands.c.batch_id == batch_id, commands.c.record == record_of(planned)
    )
    async with engine.connect() as database:
        return (await database.execute(wanted)).first() is not None


def _attempt(
    batch_id: UUID, planned: Planned, before: Found[Any] | None
) -> tuple[Attempt, Mapping[str, Any] | None]:
    """The attempt, and its row if it is a new one."""
    read = _read(planned)
    if not isinstance(read, Command):
        return Attempt(planned, planned.command_id(0), None, findings=read), None
    content = content_of(planned)
    if before is not None and _goes_on(before, batch_id, content):
        status = Status(before.status) if before.status else None
        already = status is Status.ACCEPTED and before.batch_id != batch_id
        findings = tuple(map(Finding.model_validate, before.findings))
        return Attempt(planned, before.command_id, read, already, status, findings), None
    number = before.attempt + 1 if before else 1
    command_id = planned.command_id(number)
    row = {
        "command_id": command_id,
        "batch_id": batch_id,
        "row": planned.row.number,
        "command": planned.step.command,
        "record": record_of(planned),
        "content": content,
        "attempt": number,
    }
    return Attempt(planned, command_id, read), row


def _goes_on(before: Found[Any], batch_id: UUID, content: bytes) -> bool:
    """Whether the newest attempt stands: it is this batch's, was accepted, or has no final outcome."""
    if any(one["code"] == ADDED for one in before.findings):
        return True
    stands = before.batch_id == batch_id or before.status != Status.REFUSED
    return bool(before.content == content and stands)


def _read(planned: Planned) -> Command | tuple[Finding, ...]:
    """The command, or why its parts make none together."""
    name = planned.step.command
    return read_command({name: known_commands()[name]}, name, json.dumps(planned.body).encode())


def record_of(planned: Planned) -> bytes:
    """A digest of what the command is about: LEA, record type, key, and the command's name."""
    row = planned.row
    said = (row.lea, row.record_type.name, row.row.key(row.record_type), planned.step.command)
    return hashlib.sha256(json.dumps(said).encode()).digest()


def content_of(planned: Planned) -> bytes:
    """A digest of the command's body."""
    return hashlib.sha256(json.dumps(planned.body, sort_keys=True).encode()).digest()
