"""Starts one Kafka and one PostgreSQL for all measurements, and the measured programs on them."""

import asyncio
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaConsumer
from pydantic import SecretStr
from rich.console import Console

from benchmarks.meter import Meter, metering
from deploy.demo.api_client import Tokens
from deploy.demo.display import phase
from deploy.local.component import Component
from deploy.local.failure import Failure
from deploy.local.home import TREE, Home
from deploy.local.issuer import Issuer
from deploy.local.kafka import Kafka
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres, plain
from deploy.local.process import Process, dying_with_parent
from deploy.local.service import ServiceProcess
from deploy.topics import create_topics, system_topics
from services.chassis.hosting.settings import Settings
from services.chassis.keeping.migrations import upgrade_with


@dataclass(frozen=True)
class Place:
    """Topics and a database for one measured program, which no other program uses."""

    name: str
    kafka: str
    prefix: str
    database: str
    keys: Path

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a process that works here."""
        return {
            "SER_KAFKA": self.kafka,
            "SER_TOPIC_PREFIX": self.prefix,
            "SER_DATABASE": self.database,
            "SER_TOKEN_KEYS": str(self.keys),
        }

    @asynccontextmanager
    async def reading(self, *topics: str, since: str) -> AsyncIterator[AIOKafkaConsumer]:
        """A consumer without a group. It reads these topics from their `earliest` or `latest` message."""
        consumer = AIOKafkaConsumer(
            *(self.prefix + topic for topic in topics),
            bootstrap_servers=self.kafka,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset=since,
        )
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()


@dataclass
class Servers:
    """Both servers, running, and the places on them."""

    home: Home
    kafka: Kafka
    postgres: Postgres
    screen: Console
    places: list[str] = field(default_factory=list)

    @cached_property
    def issuer(self) -> Issuer:
        """Signs the tokens of every place."""
        issuer = Issuer(self.home)
        issuer.make_keys()
        return issuer

    @cached_property
    def tokens(self) -> Tokens:
        """The tokens by LEA. Each is signed once."""
        return Tokens(self.issuer)

    async def place(self, name: str, service: str = "") -> Place:
        """A new place with all topics. `service`: its database has the tables of this service."""
        async with phase(self.screen, f"{name}: topics and database", None, lambda: (0, "")):
            return await self._place(name, service)

    async def _place(self, name: str, service: str) -> Place:
        self.places.append(name)
        unique = f"{name}_{len(self.places)}"
        secret = secrets.token_hex(8)
        await asyncio.to_thread(self.postgres.create, unique, unique, secret)
        await create_topics(self.kafka.bootstrap, system_topics(f"{unique}."))
        url = self.postgres.url(unique, unique, secret)
        if service:
            settings = Settings(database=SecretStr(url), token_keys=str(self.issuer.keys))
            await upgrade_with(service, settings)
        return Place(unique, self.kafka.bootstrap, f"{unique}.", url, self.issuer.keys)

    @asynccontextmanager
    async def rival(self, place: Place, module: str, *words: str) -> AsyncIterator[Process]:
        """Start a program of `benchmarks.rivals`. It ends with the context."""
        process = Process(module, self.home.log(place.name))
        argv = [sys.executable, "-m", f"benchmarks.rivals.{module}", *words]
        process.start([*_DYING, *argv], env=_inherited() | place.settings, cwd=TREE)
        try:
            yield process
        finally:
            await asyncio.to_thread(process.end)

    @asynccontextmanager
    async def service(self, name: str, place: Place) -> AsyncIterator[ServiceProcess]:
        """Launch one of SER's services without waiting for it. It ends with the context."""
        service = ServiceProcess(
            name, free_port(), place.settings, self.home.log(place.name), dies_with_parent=True
        )
        service.launch()
        try:
            yield service
        finally:
            await asyncio.to_thread(service.stop)

    def metering(self, process: Process) -> AbstractAsyncContextManager[Meter]:
        """A meter for a measured process and both servers."""
        return metering(service=process, kafka=self.kafka.process, postgres=self.postgres.process)

    async def settle(self, place: Place) -> None:
        """Run VACUUM ANALYZE and CHECKPOINT, so that the measurement pays for no earlier work.

        Autovacuum does the same after a minute. Empty tables are left out, as autovacuum leaves them out: if
        PostgreSQL has statistics of an empty table, it plans for an empty table until the next ANALYZE.
        """
        async with phase(self.screen, "VACUUM and CHECKPOINT", None, lambda: (0, "")):
            await self._settle(place)

    async def _settle(self, place: Place) -> None:
        own = await asyncpg.connect(plain(place.database))
        for (table,) in await own.fetch(_FILLED):
            await own.execute(f'VACUUM (ANALYZE, SKIP_DATABASE_STATS) "{table}"')
        await own.close()
        superuser = await asyncpg.connect(plain(self.postgres.url()))
        await superuser.execute("CHECKPOINT")
        await superuser.close()


_FILLED = "SELECT relname FROM pg_stat_user_tables WHERE n_live_tup > 0"
_DYING = dying_with_parent(signal.SIGKILL)


def _inherited() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(TREE)}


@asynccontextmanager
async def running(screen: Console) -> AsyncIterator[Servers]:
    """Start both servers in a temporary directory. They end with the context. Failure: one did not start."""
    with temporary_home() as home:
        ports = home.ports(["kafka", "kafka-controller", "postgres"])
        kafka = Kafka(
            home.root / "kafka",
            ports["kafka"],
            ports["kafka-controller"],
            log=home.log("kafka"),
            dies_with_parent=True,
        )
        postgres = Postgres(
            home.root / "postgres", ports["postgres"], log=home.log("postgres"), dies_with_parent=True
        )
        try:
            async with phase(screen, "Kafka and PostgreSQL", None, lambda: (0, "starting")):
                await asyncio.to_thread(kafka.launch)
                await asyncio.to_thread(postgres.start)
                await asyncio.to_thread(kafka.wait)
            yield Servers(home, kafka, postgres, screen)
        finally:
            async with phase(screen, "Kafka and PostgreSQL", None, lambda: (0, "stopping")):
                await asyncio.to_thread(_stop, postgres, kafka)


@contextmanager
def temporary_home() -> Iterator[Home]:
    """A temporary run directory. Other users may enter it: PostgreSQL may run as another user."""
    with tempfile.TemporaryDirectory(prefix="ser-bench-") as folder:
        Path(folder).chmod(0o711)
        home = Home(Path(folder), well_known=False)
        home.make()
        yield home


def _stop(*parts: Component) -> None:
    for part in parts:
        part.stop()


def died(process: Process) -> Failure:
    """The failure to raise if the measured process has ended by itself."""
    return Failure(f"{process.name} {process.ending}:\n{process.last_lines()}", f"Its log was {process.log}.")
