"""The dry run of several commands in one request, each after those before it."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from contracts import catalog
from contracts.access import Actor
from contracts.errors import Finding
from contracts.message import Command, Value
from contracts.outcome import Status
from services.chassis.answering.door import Door, envelope_of
from services.chassis.answering.dry_run import DryRun, DryRuns, received
from services.chassis.answering.problems import documented
from services.chassis.answering.requests import body_as, described_body, printable
from services.chassis.answering.viewer import Viewer
from services.chassis.decoding.bodies import read_command
from services.chassis.decoding.messages import ReceivedCommand
from services.chassis.hosting.definition import ServiceDefinition

_MOST_COMMANDS = 100


class TriedCommand(Value):
    """A command to try."""

    command: str = Field(description="Its name.")
    body: Mapping[str, Any] = Field(description="Its body, as it is posted to its own address.")


class TriedCommands(Value):
    """Commands to try, in order."""

    commands: tuple[TriedCommand, ...] = Field(min_length=1, max_length=_MOST_COMMANDS)


class DryRunAnswers(Value):
    """The answers, in the order of the commands."""

    answers: tuple[DryRun, ...]


def dry_run_routes(service: ServiceDefinition) -> APIRouter:
    """A POST for the dry run of several commands."""
    router = APIRouter()

    @router.post(
        "/commands/dry-run",
        summary=f"What up to {_MOST_COMMANDS} commands would get now, one after another; nothing changes",
        openapi_extra=described_body(TriedCommands),
        responses=documented(401, 413, 415, 422, 503),
    )
    async def dry_run(
        request: Request,
        viewer: Viewer,
        tried: Annotated[TriedCommands, Depends(body_as(TriedCommands))],
    ) -> DryRunAnswers:
        """Each command finds the record as the accepted ones before it would leave it. SER refuses a command
        that it cannot read, and tries the others."""
        return DryRunAnswers(answers=tuple(await _tried(request, service, viewer, tried.commands)))

    return router


async def _tried(
    request: Request, service: ServiceDefinition, viewer: Actor, commands: Sequence[TriedCommand]
) -> Sequence[DryRun]:
    read = [read_command(service.commands, one.command, json.dumps(one.body).encode()) for one in commands]
    readable = [_received(request, viewer, one) for one in read if isinstance(one, Command)]
    dry_runs: DryRuns = request.app.state.dry_runs
    decided = iter(await dry_runs.decide(readable) if readable else ())
    return [
        next(decided) if isinstance(found, Command) else _unreadable(one.command, found)
        for one, found in zip(commands, read, strict=True)
    ]


def _received(request: Request, viewer: Actor, command: Command) -> ReceivedCommand:
    door: Door = request.app.state.door
    door.body_of(command)
    entry = catalog.entry_of(type(command))
    return received(entry, command, envelope_of(entry, command, uuid4(), request), viewer)


def _unreadable(name: str, findings: tuple[Finding, ...]) -> DryRun:
    return DryRun(command=printable(name), subject="", status=Status.REFUSED, findings=findings)
