"""The HTTP door for commands.

The door puts a posted command onto the command topic, and reads its outcome from the ledger. It waits for the
outcome if the header `Prefer` says so.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts import catalog, errors
from contracts.access import Actor
from contracts.catalog import Entry
from contracts.envelope import Envelope, readable_trace
from contracts.message import Command
from contracts.outcome import Outcome, Status
from services.chassis.answering.components import SCHEMAS
from services.chassis.answering.dry_run import DryRun, DryRuns, foreseen, received
from services.chassis.answering.preferences import (
    DRY_RUN_APPLIED,
    PreferOfCommand,
    is_dry_run,
    seconds_of,
)
from services.chassis.answering.problems import Problem, documented
from services.chassis.answering.receipts import Receipt, receipts
from services.chassis.answering.requests import described_body, json_body
from services.chassis.answering.viewer import Viewer, bearer_token
from services.chassis.deciding.batch import Writes
from services.chassis.decoding.bodies import read_command
from services.chassis.decoding.decoder import fingerprint
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.settings import Settings

_CHECK_SECONDS = 0.25
_STATUS = {Status.ACCEPTED: 200, Status.REFUSED: 422, Status.HELD: 202}


@dataclass
class Door:
    """Takes commands from HTTP to Kafka, and outcomes from the ledger to the waiting request."""

    settings: Settings
    engine: AsyncEngine
    producer: AIOKafkaProducer
    _waiting: dict[str, set[asyncio.Event]] = field(default_factory=lambda: defaultdict(set))

    def written(self, writes: Writes) -> None:
        """Wake the requests that wait for the committed outcomes."""
        if self._waiting:
            for command_id in self._waiting.keys() & writes.ledger.keys():
                for event in self._waiting[command_id]:
                    event.set()

    async def post(self, entry: Entry, command: Command, envelope: Envelope) -> None:
        """Put a command on its topic. Returns when Kafka has confirmed it on all replicas.

        503: Kafka does not confirm it in time. The command may still arrive, so the sender sends it again
        under the same id. 413: as `body_of`.
        """
        value = self.body_of(command)
        try:
            async with asyncio.timeout(self.settings.post_seconds):
                await self.producer.send_and_wait(
                    entry.topic(self.settings.topic_prefix),
                    key=command.subject.encode(),
                    value=value,
                    headers=envelope.headers(),
                )
        except (KafkaError, TimeoutError) as failure:
            raise Problem(503, [errors.NOT_AVAILABLE.broken()]) from failure

    def body_of(self, command: Command) -> bytes:
        """The command as it goes onto its topic. Problem 413: with its defaults it is too large."""
        value = command.model_dump_json().encode()
        if len(value) > self.settings.max_body_bytes:
            raise Problem(413, [errors.TOO_LARGE.broken(limit=self.settings.max_body_bytes)])
        return value

    async def post_all(self, request: Request, commands: Mapping[UUID, Command]) -> None:
        """Put several commands of one request on their topics, each under its id.

        503: Kafka does not confirm one of them in time. The others may arrive, so the sender sends all again.
        """
        posts = (
            self.post(entry := catalog.entry_of(type(one)), one, envelope_of(entry, one, command_id, request))
            for command_id, one in commands.items()
        )
        await asyncio.gather(*posts)

    async def given(self, command_id: UUID) -> Receipt | None:
        """The outcome in the ledger. None: it has none yet."""
        async with self.engine.connect() as database:
            return (await receipts(database, [command_id])).get(command_id)

    async def wait(self, command_id: UUID, seconds: float) -> Receipt | None:
        """Wait for the final outcome. After `seconds`, returns the outcome so far, or None."""
        key, event = str(command_id), asyncio.Event()
        self._waiting[key].add(event)
        try:
            return await self._watch(command_id, event, asyncio.get_running_loop().time() + seconds)
        finally:
            self._waiting[key].discard(event)
            if not self._waiting[key]:
                del self._waiting[key]

    async def _watch(self, command_id: UUID, event: asyncio.Event, end: float) -> Receipt | None:
        while True:
            event.clear()
            given = await self.given(command_id)
            left = end - asyncio.get_running_loop().time()
            if left <= 0 or (given and given.outcome.status.final):
                return given
            try:
                await asyncio.wait_for(event.wait(), min(left, _CHECK_SECONDS))
            except TimeoutError:
                continue


def door_routes(service: ServiceDefinition) -> APIRouter:
    """A POST for each command of the service."""
    router = APIRouter()
    for entry in service.commands.values():
        _add_post(router, service, entry)
    return router


def _add_post(router: APIRouter, service: ServiceDefinition, entry: Entry) -> None:
    summary = " ".join((entry.model.__doc__ or "").split())

    async def post(
        request: Request,
        viewer: Viewer,
        command_id: Annotated[
            str | None, Header(description="UUID of the command; the same id has the same outcome.")
        ] = None,
        idempotency_key: Annotated[str | None, Header(description="The same as `Command-Id`.")] = None,
        prefer: PreferOfCommand = None,
    ) -> Response:
        identity = _command_id(command_id, idempotency_key)
        if is_dry_run(request):
            return await _tried(request, service, entry, viewer, identity)
        return await _posted(request, service, entry, viewer, identity, prefer)

    router.post(
        f"/commands/{entry.name}",
        name=entry.name,
        summary=summary.split(". ")[0].removesuffix("."),
        description=summary,
        status_code=202,
        response_model=None,
        openapi_extra=described_body(SCHEMAS + entry.name),
        responses=documented(401, 409, 413, 415, 503)
        | {
            200: {"model": Outcome | DryRun, "description": "Accepted"},
            202: {"description": "Received, or held. `Location` is the address of the outcome"},
            422: documented(422)[422]
            | {"model": Outcome | DryRun, "description": "Refused, with every broken rule"},
        },
    )(post)


async def _posted(
    request: Request,
    service: ServiceDefinition,
    entry: Entry,
    viewer: Actor,
    identity: UUID,
    prefer: str | None,
) -> Response:
    command = _readable(service, entry, await json_body(request))
    door: Door = request.app.state.door
    seconds = seconds_of(prefer)
    given = await door.given(identity)
    if given is None:
        await door.post(entry, command, envelope_of(entry, command, identity, request))
    if seconds and not (given and given.outcome.status.final):
        given = await door.wait(identity, seconds)
    if given and not _answers(given, entry, command, viewer):
        raise Problem(409, [errors.ID_REUSED.broken()])
    return _answer(identity, given.outcome if given else None)


async def _tried(
    request: Request, service: ServiceDefinition, entry: Entry, viewer: Actor, identity: UUID
) -> Response:
    """The answer to a dry run. Of a command that has its outcome, that outcome."""
    command = _readable(service, entry, await json_body(request))
    door: Door = request.app.state.door
    door.body_of(command)
    given = await door.given(identity)
    if given and not _answers(given, entry, command, viewer):
        raise Problem(409, [errors.ID_REUSED.broken()])
    if given:
        answer = foreseen(given.outcome)
    else:
        dry_runs: DryRuns = request.app.state.dry_runs
        envelope = envelope_of(entry, command, identity, request)
        (answer,) = await dry_runs.decide([received(entry, command, envelope, viewer)])
    return JSONResponse(answer.model_dump(mode="json"), _STATUS[answer.status], headers=DRY_RUN_APPLIED)


def _answers(given: Receipt, entry: Entry, command: Command, viewer: Actor) -> bool:
    """Whether an outcome belongs to this command and this viewer.

    If the token was not valid when Kafka received the command, the outcome has no scope.
    """
    return given.fingerprint == fingerprint(entry.name, command) and given.scope in ("", viewer.scope)


def _command_id(command_id: str | None, idempotency_key: str | None) -> UUID:
    """The command's id from either header; a new one without these headers."""
    named = {"command-id": command_id, "idempotency-key": idempotency_key}
    given = {_uuid(header, text) for header, text in named.items() if text}
    if len(given) > 1:
        raise Problem(422, [errors.IDS_DIFFER.broken(at="idempotency-key")])
    return given.pop() if given else uuid4()


def _uuid(header: str, given: str) -> UUID:
    try:
        return UUID(given.strip().strip('"'))  # RFC 8941 puts a text in a header in quotation marks
    except ValueError:
        raise Problem(422, [errors.ID_INVALID.broken(at=header)]) from None


def _readable(service: ServiceDefinition, entry: Entry, body: bytes) -> Command:
    read = read_command(service.commands, entry.name, body)
    if isinstance(read, tuple):
        raise Problem(422, read)
    return read


def envelope_of(entry: Entry, command: Command, command_id: UUID, request: Request) -> Envelope:
    """The headers of a command that a request sends: with its token, correlation and trace."""
    return Envelope(
        id=str(command_id),
        type=entry.name,
        source="/ser/http",
        subject=command.subject,
        time=datetime.now(UTC),
        schema=entry.schema_id,
        correlation=request.headers.get("correlation", str(command_id))[:200],
        traceparent=readable_trace(request.headers.get("traceparent"))
        or f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01",
        token=bearer_token(request),
    )


def _answer(command_id: UUID, outcome: Outcome | None) -> Response:
    where = f"/commands/{command_id}"
    if outcome is None:
        body: dict[str, Any] = {"command_id": str(command_id), "status": "received", "outcome": where}
        return JSONResponse(body, status_code=202, headers={"Location": where})
    return JSONResponse(outcome.model_dump(mode="json"), _STATUS[outcome.status], headers={"Location": where})
