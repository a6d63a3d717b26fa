"""Puts commands on their topics, and asks the services for the outcomes of those that are on the way.

Intake asks, rather than reads the topics of outcomes: a process that was restarted has to ask in any case.
One request asks for all commands of a service that have a token.
"""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID

import httpx
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.catalog import Entry, entry_of
from contracts.envelope import Envelope
from contracts.message import Command
from contracts.outcome import Outcome
from intake.settings import Settings
from services.chassis.keeping.failures import AWAY

log = structlog.get_logger()

_SAVE = text(
    "UPDATE commands SET status = saved.status, findings = CAST(saved.findings AS jsonb)"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:findings AS text[]))"
    " AS saved (command_id, status, findings) WHERE commands.command_id = saved.command_id"
)
_MOST_IDS = 500
_ASK_SECONDS = 0.05
_AGAIN_SECONDS = 20.0
_PAUSE_SECONDS = 1.0
_REQUEST_SECONDS = 10.0


class TokenExpired(Exception):
    """The sender's token is no longer valid. The same file, sent again, brings a new one."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """The sender's token and when it expires."""

    token: str
    expires_at: datetime

    def check(self) -> None:
        """TokenExpired: it is no longer valid."""
        if datetime.now(UTC) >= self.expires_at:
            raise TokenExpired


def _future() -> "asyncio.Future[Outcome]":
    return asyncio.get_running_loop().create_future()


@dataclass
class OnTheWay:
    """A command that was sent. `first`: its first outcome, maybe that it is held; `final`: its last."""

    command_id: UUID
    command: Command
    bearer: Bearer
    correlation: str
    first: "asyncio.Future[Outcome]" = field(default_factory=_future)
    final: "asyncio.Future[Outcome]" = field(default_factory=_future)
    sent_at: float = 0.0

    @property
    def entry(self) -> Entry:
        """The command in the catalog."""
        return entry_of(type(self.command))

    def settle(self, outcome: Outcome) -> None:
        """Tell those who wait for the outcome."""
        for future in (self.first, self.final) if outcome.status.final else (self.first,):
            if not future.done():
                future.set_result(outcome)

    def fail(self, failure: Exception) -> None:
        """Tell those who wait that no outcome can be had."""
        for future in (self.first, self.final):
            if not future.done():
                future.set_exception(failure)
                future.exception()  # else asyncio complains about a failure that nobody waits for


class Dispatch:
    """Sends commands and brings their outcomes. An outcome is in the database before anybody hears of it."""

    def __init__(
        self, settings: Settings, engine: AsyncEngine, producer: AIOKafkaProducer, client: httpx.AsyncClient
    ) -> None:
        self._settings, self._engine = settings, engine
        self._producer, self._client = producer, client
        self._on_the_way: dict[UUID, OnTheWay] = {}
        self._some = asyncio.Event()
        self._held: set[UUID] = set()

    async def send(self, sent: OnTheWay) -> None:
        """Send a command. TokenExpired: its token is no longer valid."""
        sent.bearer.check()
        self._on_the_way[sent.command_id] = sent
        await self._put(sent)
        self._some.set()

    def forget(self, sent: OnTheWay) -> None:
        """No longer ask for the outcome of a command."""
        self._on_the_way.pop(sent.command_id, None)
        self._held.discard(sent.command_id)
        if not self._on_the_way:
            self._some.clear()

    async def profile(self, student_id: str, bearer: Bearer) -> Mapping[str, Any] | None:
        """The profile that a student has today. None: the sender's LEA may not see the record.

        TokenExpired: the token is no longer valid. OSError: the service does not answer.
        """
        bearer.check()
        url = f"{self._settings.address_of('students')}/students/{student_id}"
        headers = {"Authorization": f"Bearer {bearer.token}"}
        try:
            answer = await self._client.get(
                url, headers=headers, timeout=_REQUEST_SECONDS, follow_redirects=True
            )
        except httpx.HTTPError as failure:
            raise OSError("students does not answer") from failure
        if answer.status_code in (httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND):
            return None
        if not answer.is_success:
            raise OSError(f"students answers {answer.status_code}")
        found: Mapping[str, Any] = answer.json()["profile"] or {}
        return found

    async def run(self) -> None:
        """Ask for outcomes until cancelled."""
        while True:
            await self._some.wait()
            await asyncio.sleep(_ASK_SECONDS)
            try:
                await self._round()
            except AWAY as failure:
                log.warning("the database does not answer", error=type(failure).__name__)
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _round(self) -> None:
        groups: dict[tuple[str, str], list[OnTheWay]] = defaultdict(list)
        for sent in self._on_the_way.values():
            groups[sent.entry.owner, sent.bearer.token].append(sent)
        asked = [
            self._ask(service, token, some)
            for (service, token), members in groups.items()
            for some in _in_parts(members)
        ]
        answers = [one for found in await asyncio.gather(*asked) for one in found]
        news = [one for one in answers if one.status.final or one.command_id not in self._held]
        if news:
            await self._save(news)
        for outcome in news:
            self._tell(outcome)
        await self._send_again()

    async def _ask(self, service: str, token: str, some: Sequence[OnTheWay]) -> list[Outcome]:
        """The outcomes that a service has. A service that does not answer is asked in the next round."""
        url = f"{self._settings.address_of(service)}/commands/outcomes"
        body = {"ids": [str(one.command_id) for one in some]}
        headers = {"Authorization": f"Bearer {token}"}
        try:
            answer = await self._client.post(url, json=body, headers=headers, timeout=_REQUEST_SECONDS)
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                for one in some:
                    one.fail(TokenExpired())
                return []
            answer.raise_for_status()
        except httpx.HTTPError as failure:
            log.warning("a service does not answer", service=service, error=type(failure).__name__)
            return []
        found: Mapping[str, object] = answer.json()["outcomes"]
        return [Outcome.model_validate(one) for one in found.values() if one]

    async def _save(self, outcomes: Sequence[Outcome]) -> None:
        values = {
            "ids": [one.command_id for one in outcomes],
            "statuses": [one.status.value for one in outcomes],
            "findings": [
                json.dumps([finding.model_dump(mode="json") for finding in one.findings]) for one in outcomes
            ],
        }
        async with self._engine.begin() as database:
            await database.execute(_SAVE, values)

    def _tell(self, outcome: Outcome) -> None:
        if sent := self._on_the_way.get(outcome.command_id):
            if outcome.status.final:
                self.forget(sent)
            else:
                self._held.add(outcome.command_id)
            sent.settle(outcome)

    async def _send_again(self) -> None:
        """Send commands again that have no outcome for long: Kafka may have lost them."""
        now = time.monotonic()
        for sent in list(self._on_the_way.values()):
            if sent.command_id not in self._held and now - sent.sent_at > _AGAIN_SECONDS:
                await self._put(sent)

    async def _put(self, sent: OnTheWay) -> None:
        """Put a command on its topic. If Kafka does not take it now, it is sent again later."""
        sent.sent_at = time.monotonic()
        envelope = Envelope(
            id=str(sent.command_id),
            type=sent.entry.name,
            source="/ser/intake",
            subject=sent.command.subject,
            time=datetime.now(UTC),
            schema=sent.entry.schema_id,
            correlation=sent.correlation,
            token=sent.bearer.token,
        )
        try:
            async with asyncio.timeout(self._settings.post_seconds):
                await self._producer.send_and_wait(
                    sent.entry.topic(self._settings.topic_prefix),
                    key=sent.command.subject.encode(),
                    value=sent.command.model_dump_json().encode(),
                    headers=envelope.headers(),
                )
        except (KafkaError, TimeoutError) as failure:
            log.warning("Kafka does not take a command now", error=type(failure).__name__)


def _in_parts(members: Iterable[OnTheWay]) -> Iterable[Sequence[OnTheWay]]:
    left = iter(members)
    while some := list(islice(left, _MOST_IDS)):
        yield some
