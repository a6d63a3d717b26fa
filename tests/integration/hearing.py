"""Reporting on a real database, without Kafka: what it hears, what it keeps, and what it answers."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from contracts.access import STATE, Role
from contracts.message import Event
from services.chassis.decoding.messages import ReceivedEvent
from services.reporting import store
from services.reporting.app import SERVICE
from tests.integration.reading import Reading, reading
from tests.unit.reporting.events import COUNT_DAY, Publisher


@dataclass
class Hearing:
    """Reporting's database, and its queries."""

    desk: Reading

    async def hear(self, *batches: Iterable[ReceivedEvent]) -> list[str]:
        """Keep batches, a transaction each; the ids of what was new."""
        fresh: list[str] = []
        for batch in batches:
            async with self.desk.engine.begin() as database:
                fresh.extend(await store.keep(database, list(batch)))
        return fresh

    async def learn(self, *events: Event) -> None:
        """Keep events, numbered as their owners would."""
        await self.hear(Publisher().publish(*events))

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        async with self.desk.engine.connect() as database:
            return [tuple(row) for row in (await database.execute(text(query))).all()]

    async def asked(self, path: str, by: str, *roles: Role, **parameters: Any) -> httpx.Response:
        """The answer to somebody of the LEA `by`: a reader, unless other roles are given."""
        token = self.desk.issuer.token(by, roles or (Role.READER,), "a.reader")
        headers = {"Authorization": f"Bearer {token}"}
        return await self.desk.http.get(path, headers=headers, params=parameters)

    async def tells(self, path: str, **parameters: Any) -> Any:
        """The answer to the state; the test fails if it is refused."""
        answer = await self.asked(path, STATE, Role.STATE, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def counts(self, as_of: Any = COUNT_DAY, **parameters: Any) -> dict[str, Any]:
        """The state's child count."""
        found: dict[str, Any] = await self.tells("/child-count", as_of=as_of, **parameters)
        return found


@asynccontextmanager
async def hearing(url: str, home: Path) -> AsyncIterator[Hearing]:
    """Reporting with an empty database at `url`."""
    async with reading(SERVICE, url, home) as desk:
        yield Hearing(desk)
