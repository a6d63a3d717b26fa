"""Databases of one PostgreSQL for tests: empty ones, and ones with the schema of a service."""

import secrets
from dataclasses import dataclass, field

import asyncpg
from pydantic import SecretStr

from contracts.catalog import SERVICES
from deploy.local.postgres import plain
from deploy.local.waiting import run_blocking
from services.chassis.hosting.settings import Settings
from services.chassis.keeping.migrations import upgrade_with
from tests.engines import PostgresServer


@dataclass(frozen=True)
class _Made:
    """A database with the one role that opens it."""

    database: str
    password: str
    url: str


@dataclass
class Databases:
    """Makes databases. A service's schema is made once; each further database is a copy of that one."""

    server: PostgresServer
    _schemas: dict[str, _Made] = field(default_factory=dict)

    def make(self, name: str) -> str:
        """A database that nobody else uses, as a postgresql+asyncpg URL. Only its role opens it.

        A service's name gets that service's newest schema, without rows; any other name gets no table.
        """
        if name not in SERVICES:
            return self._empty(name).url
        if name not in self._schemas:
            schema = self._empty(f"{name}_schema")
            run_blocking(upgrade_with(name, Settings(database=SecretStr(schema.url), token_keys="/unused")))
            self._schemas[name] = schema
        return self._copy(self._schemas[name], _unique(name))

    def _empty(self, name: str) -> _Made:
        unique, password = _unique(name), secrets.token_hex(8)
        self.server.create(unique, unique, password)
        return _Made(unique, password, self.server.url(unique, unique, password))

    def _copy(self, schema: _Made, name: str) -> str:
        run_blocking(_copied(plain(self.server.url()), schema.database, name))
        return self.server.url(name, schema.database, schema.password)


def _unique(name: str) -> str:
    return f"{name}_{secrets.token_hex(4)}"


async def _copied(superuser: str, schema: str, name: str) -> None:
    connection = await asyncpg.connect(superuser)
    try:
        await connection.execute(f'create database "{name}" template "{schema}" owner "{schema}"')
        await connection.execute(f'revoke connect, temporary on database "{name}" from public')
    finally:
        await connection.close()
