"""A service's database and its queries, without Kafka."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from contracts.access import Role
from contracts.decision import AnyRecord
from contracts.message import Record
from deploy.local.home import Home
from deploy.local.issuer import Issuer
from services.chassis.answering.http import application
from services.chassis.deciding.batch import RecordRow, Writes
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.settings import Settings
from services.chassis.keeping.saving import save


def of_student(record: AnyRecord, student_id: str) -> AnyRecord:
    """The same record of another student, with new ids, since an id names one record in the whole state."""
    ids = {field: uuid5(value, student_id) for field, value in record if isinstance(value, UUID)}
    return record.model_copy(update={"student_id": student_id, **ids})


@dataclass
class ServiceQueries:
    """One service's database and its queries."""

    engine: AsyncEngine
    http: httpx.AsyncClient
    issuer: Issuer

    async def keep(self, *records: Record, by: str | None = None, at: datetime | None = None) -> None:
        """Save records in one transaction, as the service does. `by`, `at`: who changed them, and when."""
        rows = (RecordRow.of(record, by=by, at=at) for record in records)
        writes = Writes(records={row.key: row for row in rows})
        async with self.engine.begin() as database:
            await save(database, writes)

    async def violated_constraint(self, *records: Record) -> str:
        """The constraint by which PostgreSQL rejects these records. The test fails if it accepts them."""
        with pytest.raises(IntegrityError) as refusal:
            await self.keep(*records)
        assert refusal.value.orig is not None
        return str(getattr(refusal.value.orig.__cause__, "constraint_name", None))

    async def constraints(self) -> set[str]:
        """The names of the constraints and triggers on the tables records and contents."""
        query = text(
            "SELECT conname FROM pg_constraint WHERE conrelid IN ('records'::regclass, 'contents'::regclass)"
            " UNION SELECT tgname FROM pg_trigger"
            " WHERE tgrelid IN ('records'::regclass, 'contents'::regclass)"
        )
        async with self.engine.connect() as database:
            return set((await database.execute(query)).scalars())

    async def get(self, path: str, lea: str = "036", *roles: Role, **parameters: Any) -> httpx.Response:
        """The answer to a user of an LEA. Without `roles` the user is a reader."""
        token = self.issuer.token(lea, roles or (Role.READER,), "a.reader")
        headers = {"Authorization": f"Bearer {token}"}
        return await self.http.get(path, headers=headers, params=parameters)

    async def post(self, path: str, body: object, lea: str = "036", *roles: Role) -> httpx.Response:
        """The answer to a body that a user of an LEA posts. Without `roles` the user is a reader."""
        token = self.issuer.token(lea, roles or (Role.READER,), "a.reader")
        return await self.http.post(path, headers={"Authorization": f"Bearer {token}"}, json=body)

    async def put(self, path: str, body: Any, lea: str = "017", *roles: Role) -> httpx.Response:
        """The answer to bytes that a user of an LEA sends. Without `roles` the user is a writer."""
        token = self.issuer.token(lea, roles or (Role.WRITER,), "a.writer")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
        return await self.http.put(path, headers=headers, content=body)

    async def access_log(self) -> list[tuple[Any, ...]]:
        """The access log: scope, subject, what, and whether the service showed it; in order."""
        query = text("SELECT scope, subject, what, seen FROM access_log ORDER BY id")
        async with self.engine.connect() as database:
            return [tuple(row) for row in (await database.execute(query)).all()]


@asynccontextmanager
async def service_queries(service: ServiceDefinition, url: str, home: Path) -> AsyncIterator[ServiceQueries]:
    """Inside: the service answers queries in this process. The database at `url` has its newest schema."""
    issuer = Issuer(Home(home))
    settings = Settings(database=SecretStr(url), token_keys=str(issuer.make_keys()))
    engine = create_async_engine(url)
    app = application(service)
    app.state.engine, app.state.tokens = engine, Tokens(settings)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")
    try:
        yield ServiceQueries(engine, http, issuer)
    finally:
        await http.aclose()
        await engine.dispose()


def codes(answer: httpx.Response) -> list[str]:
    """The codes of the rules a refused request broke."""
    return [finding["code"] for finding in answer.json()["findings"]]
