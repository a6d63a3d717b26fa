"""The five services as processes on real Kafka and PostgreSQL, with one student."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from contracts import catalog, examples
from contracts.access import STATE, Role
from contracts.catalog import Entry
from contracts.envelope import Envelope
from deploy.local.home import Home
from deploy.local.issuer import Issuer
from deploy.local.ports import free_port
from deploy.local.service import ServiceProcess as Process
from deploy.local.waiting import run_blocking
from deploy.seeding import registrations, seed
from deploy.topics import create_topics, system_topics
from services.chassis.hosting.settings import Settings
from services.chassis.keeping.migrations import upgrade_with
from tests.architecture.system import SERVICES
from tests.conftest import Database
from tests.engines import KafkaServer
from tests.fuzz.kafka_messages import STUDENT

PARTITIONS = 2
_SOME_LIFE = (
    *("IdentityAssigned", "AddStudent", "ClaimJurisdiction", "SaveGuardian", "SaveProfile"),
    *("RequestEvaluation", "RecordParentDecision", "CompleteEvaluation", "DetermineEligibility"),
    *("DraftIEP", "SaveIEPForms", "MakeIEPOfficial", "SubmitIEP", "AddService"),
)
_BEARERS: dict[str, tuple[str, Sequence[Role]]] = {
    "owner": ("017", tuple(Role)[:5]),
    "other LEA": ("026", tuple(Role)[:5]),
    "state": (STATE, (Role.STATE, Role.READER)),
}
Headers = Sequence[tuple[str, bytes]]


@dataclass
class System:
    """Five processes and their addresses."""

    kafka: str
    prefix: str
    issuer: Issuer
    processes: dict[str, Process]
    databases: dict[str, str]

    def token(self, who: str) -> str:
        """The token of a sender; blank for an unknown one."""
        lea, roles = _BEARERS[who]
        return self.issuer.token(lea, roles, who.replace(" ", "."))

    def headers(self, entry: Entry, student: str, *, sequence: int = 1, who: str = "owner") -> Headers:
        """The headers of a valid message with a new id."""
        envelope = Envelope(
            id=str(uuid4()),
            type=entry.name,
            source="/test",
            subject=student,
            time=datetime.now(UTC),
            schema=entry.schema_id,
            token=self.token(who),
            sequence=sequence,
        )
        return envelope.headers()

    async def rows(self, service: str, query: str, **parameters: Any) -> list[Any]:
        """Rows of a service's database."""
        engine = create_async_engine(self.databases[service], poolclass=NullPool)
        async with engine.connect() as database:
            found = (await database.execute(text(query), parameters)).all()
        await engine.dispose()
        return list(found)

    def memory(self) -> dict[str, int]:
        """The memory of each process, in megabytes."""
        return {name: psutil.Process(self._pid(name)).memory_info().rss >> 20 for name in self.processes}

    def _pid(self, name: str) -> int:
        identity = self.processes[name].process.identity
        assert identity is not None
        return identity.pid

    def fallen(self) -> dict[str, str]:
        """The services whose process has ended, with the end of their logs."""
        return {
            name: service.process.last_lines(30)
            for name, service in self.processes.items()
            if not service.process.alive
        }

    def register_sites(self) -> None:
        """Registers the school sites of every LEA, as the state office does."""
        run_blocking(seed(self.processes["jurisdiction"].url, self.token("state"), registrations()))

    async def live_a_little(self, producer: AIOKafkaProducer) -> None:
        """Sends the student of the examples through the system, from the identity to the first service."""
        for name in _SOME_LIFE:
            entry = {**catalog.commands(), **catalog.events()}[name]
            body = json.dumps(examples.example(entry.schema_id)).encode()
            await producer.send_and_wait(
                entry.topic(self.prefix),
                key=STUDENT.encode(),
                value=body,
                headers=self.headers(entry, STUDENT),
            )


@contextmanager
def running_system(
    kafka: KafkaServer, prefix: str, database: Database, home: Path, **more: str
) -> Iterator[System]:
    """Inside: the five services are ready."""
    run_blocking(create_topics(kafka.bootstrap, system_topics(prefix, PARTITIONS)))
    issuer = Issuer(Home(home))
    databases = {name: database(name) for name in SERVICES}
    processes = {
        name: Process(
            name,
            free_port(),
            _environment(kafka, prefix, url, issuer) | more,
            home / f"{name}.log",
            dies_with_parent=True,
        )
        for name, url in databases.items()
    }
    for name, url in databases.items():
        run_blocking(
            upgrade_with(name, Settings(database=SecretStr(url), token_keys=str(issuer.make_keys())))
        )
        processes[name].launch()
    try:
        for process in processes.values():
            process.wait()
        system = System(kafka.bootstrap, prefix, issuer, processes, databases)
        system.register_sites()
        yield system
    finally:
        for process in processes.values():
            process.stop()


def _environment(kafka: KafkaServer, prefix: str, url: str, issuer: Issuer) -> dict[str, str]:
    return {
        "SER_KAFKA": kafka.bootstrap,
        "SER_TOPIC_PREFIX": prefix,
        "SER_DATABASE": url,
        "SER_TOKEN_KEYS": str(issuer.keys),
        "SER_HOLD_SECONDS": "300",
        "SER_DEAD_LETTERS_PER_MINUTE": "1000000000",
    }
