"""Services on real Kafka and PostgreSQL: a test sends messages, gets outcomes, and reads topics."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.access import STATE, Role
from contracts.catalog import entry_of
from contracts.envelope import Envelope
from contracts.jurisdiction import RegisterSchoolSites
from contracts.message import Command, Event
from contracts.outcome import Outcome, Status
from deploy.local.home import Home
from deploy.local.issuer import Issuer
from deploy.topics import create_topics, system_topics
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.run import parts
from services.chassis.hosting.settings import Settings
from services.chassis.keeping.migrations import upgrade_with
from tests.unit.events import directory

TIMEOUT_SECONDS = 30.0
Found = TypeVar("Found")

Record: TypeAlias = "ConsumerRecord[bytes, bytes]"


async def until(
    look: Callable[[], Awaitable[Found | None]], what: str, seconds: float = TIMEOUT_SECONDS
) -> Found:
    """The first result of `look` that is not None. The test fails if there is none within `seconds`."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        if (found := await look()) is not None:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


@dataclass
class Bench:
    """Kafka, databases and a token issuer for the services of one test."""

    kafka: str
    prefix: str
    database: Callable[[str], str]
    home: Path
    producer: AIOKafkaProducer
    issuer: Issuer
    more: dict[str, Any] = field(default_factory=dict)

    def settings(self, service: str) -> Settings:
        """The settings of a service on this bench, with its own database."""
        url = self.database(service)
        return Settings(
            kafka=self.kafka,
            topic_prefix=self.prefix,
            database=SecretStr(url),
            token_keys=str(self.issuer.make_keys()),
            **self.more,
        )

    def token(self, lea: str = "017", *roles: Role, hours: float = 8) -> str:
        """A token of a user of an LEA. Without `roles` the user is a writer who may submit IEPs."""
        return self.issuer.token(lea, roles or (Role.WRITER, Role.IEP_SUBMITTER), "a.coordinator", hours)

    async def send(
        self, command: Command, *, lea: str = "017", under: str | None = None, token: str | None = None
    ) -> str:
        """Put a command on its topic, as an upstream system does. Returns its id."""
        command_id = under or str(uuid4())
        envelope = _envelope(command, command_id, token=token or self.token(lea))
        await self._put(entry_of(type(command)).topic(self.prefix), command, envelope)
        return command_id

    async def publish(self, event: Event, *, sequence: int = 1) -> None:
        """Put an event on its topic, as its owner does."""
        await self._put(
            entry_of(type(event)).topic(self.prefix), event, _envelope(event, str(uuid4()), sequence=sequence)
        )

    async def _put(self, topic: str, message: Command | Event, envelope: Envelope) -> None:
        body = message.model_dump_json().encode()
        await self.put(topic, message.subject.encode(), body, envelope.headers())

    async def put(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, Any]]
    ) -> None:
        """Put any bytes on any topic."""
        await self.producer.send_and_wait(topic, key=key, value=value, headers=list(headers))

    async def read(self, topic: str, enough: Callable[[list[Record]], bool]) -> list[Record]:
        """The messages of a topic from its beginning, read until `enough` is true."""
        consumer = AIOKafkaConsumer(
            self.prefix + topic, bootstrap_servers=self.kafka, auto_offset_reset="earliest", group_id=None
        )
        await consumer.start()
        try:
            records: list[Record] = []

            async def more() -> list[Record] | None:
                for batch in (await consumer.getmany(timeout_ms=50)).values():
                    records.extend(batch)
                return records if enough(records) else None

            return await until(more, f"enough on {topic}")
        finally:
            await consumer.stop()


@dataclass
class RunningService:
    """One running service."""

    bench: Bench
    engine: AsyncEngine
    http: httpx.AsyncClient
    app: FastAPI

    async def rows(self, query: str, **parameters: Any) -> list[Any]:
        """Rows of the service's database."""
        async with self.engine.connect() as database:
            return list((await database.execute(text(query), parameters)).all())

    async def final(self, command_id: str) -> Outcome:
        """The final outcome of a command; waits for it."""

        async def look() -> Outcome | None:
            rows = await self.rows(
                "SELECT outcome FROM ledger WHERE command_id = :id AND status <> 'held'", id=command_id
            )
            return Outcome.model_validate(rows[0][0]) if rows else None

        return await until(look, f"a final outcome of {command_id}")

    async def reads(self) -> dict[str, int]:
        """The number of messages that the service has read, by result."""
        return dict(await self.rows("SELECT result, sum(messages)::int FROM reads GROUP BY result"))


def _envelope(message: Command | Event, identity: str, **more: Any) -> Envelope:
    entry = entry_of(type(message))
    return Envelope(
        id=identity,
        type=entry.name,
        source="/test",
        subject=message.subject,
        time=datetime.now(UTC),
        schema=entry.schema_id,
        **more,
    )


@asynccontextmanager
async def bench(
    kafka: str, prefix: str, database: Callable[[str], str], home: Path, **more: Any
) -> AsyncIterator[Bench]:
    """Inside: a bench with all topics of the system under its own prefix."""
    await create_topics(kafka, system_topics(prefix, partitions=2))
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", max_request_size=4_000_000)
    await producer.start()
    try:
        yield Bench(kafka, prefix, database, home, producer, Issuer(Home(home)), more)
    finally:
        await producer.stop()


async def _register_sites(bench: Bench, jurisdiction: RunningService) -> None:
    """Register the school sites 001 to 005 of four LEAs, as the state office does."""
    for lea in ("017", "026", "036", "009"):
        sites = directory(lea).sites
        command = RegisterSchoolSites(lea=lea, sites=sites)
        command_id = await bench.send(command, token=bench.token(STATE, Role.STATE))
        outcome = await jurisdiction.final(command_id)
        assert outcome.status is Status.ACCEPTED, outcome


@asynccontextmanager
async def running(bench: Bench, *services: ServiceDefinition) -> AsyncIterator[list[RunningService]]:
    """Inside: the services run on a bench."""
    async with AsyncExitStack() as stack:
        started = []
        for service in services:
            settings = bench.settings(service.name)
            await upgrade_with(service.name, settings)
            _, app = await stack.enter_async_context(parts(service, settings))
            transport = httpx.ASGITransport(app)
            http = httpx.AsyncClient(
                transport=transport, base_url=f"http://{service.name}-{secrets.token_hex(2)}"
            )
            started.append(
                RunningService(bench, app.state.engine, await stack.enter_async_context(http), app)
            )
            if RegisterSchoolSites.__name__ in service.commands:
                await _register_sites(bench, started[-1])
        yield started
