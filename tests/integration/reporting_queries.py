"""Reporting on a real database, without Kafka: a test gives it events and reads its answers."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from contracts.access import STATE, Role
from contracts.message import Event
from services.chassis.decoding.messages import ReceivedEvent
from services.reporting import store
from services.reporting.app import SERVICE
from tests.integration.querying import ServiceQueries, service_queries
from tests.unit.reporting.events import COUNT_DAY, Publisher


@dataclass
class ReportingQueries:
    """Reporting's database, and its queries."""

    queries: ServiceQueries
    publisher: Publisher = field(default_factory=Publisher)

    async def receive(self, *batches: Iterable[ReceivedEvent]) -> list[str]:
        """Save batches, each in one transaction. Returns the ids of the new events."""
        fresh: list[str] = []
        for batch in batches:
            async with self.queries.engine.begin() as database:
                fresh.extend(await store.keep(database, list(batch)))
        return fresh

    async def receive_events(self, *events: Event) -> None:
        """Save events, numbered as their owners number them."""
        await self.receive(self.publisher.publish(*events))

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        async with self.queries.engine.connect() as database:
            return [tuple(row) for row in (await database.execute(text(query))).all()]

    async def get(self, path: str, by: str, *roles: Role, **parameters: Any) -> httpx.Response:
        """The answer to a user of the LEA `by`. Without `roles` the user is a reader."""
        token = self.queries.issuer.token(by, roles or (Role.READER,), "a.reader")
        headers = {"Authorization": f"Bearer {token}"}
        return await self.queries.http.get(path, headers=headers, params=parameters)

    async def get_for_state(self, path: str, **parameters: Any) -> Any:
        """The answer to the state office. The test fails if reporting refuses it."""
        answer = await self.get(path, STATE, Role.STATE, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def child_count(self, as_of: Any = COUNT_DAY, **parameters: Any) -> dict[str, Any]:
        """The state's child count."""
        found: dict[str, Any] = await self.get_for_state("/child-count", as_of=as_of, **parameters)
        return found


@asynccontextmanager
async def reporting_queries(url: str, home: Path) -> AsyncIterator[ReportingQueries]:
    """Reporting with an empty database at `url`."""
    async with service_queries(SERVICE, url, home) as queries:
        yield ReportingQueries(queries)
