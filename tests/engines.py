"""Real Kafka and real PostgreSQL for the tests: as processes of this machine, or in containers."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Protocol

from deploy.local.kafka import Kafka
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres

KAFKA_IMAGE = "apache/kafka:4.3.0"
POSTGRES_IMAGE = "postgres:18"


class KafkaServer(Protocol):
    """The part of Kafka that tests use."""

    @property
    def bootstrap(self) -> str: ...


class PostgresServer(Protocol):
    """The part of PostgreSQL that tests use: URLs, as superuser unless a role is named."""

    def url(self, database: str = ..., role: str = ..., password: str | None = ...) -> str: ...

    def create(self, database: str, role: str, password: str) -> None: ...


@cache
def engine() -> str:
    """`local` or `containers`: the value of SER_TEST_ENGINE, else containers if they are available."""
    chosen = os.environ.get("SER_TEST_ENGINE")
    if chosen not in (None, "", "local", "containers"):
        raise ValueError(f"SER_TEST_ENGINE is {chosen!r}; it may be 'local' or 'containers'")
    return chosen or ("containers" if _containers_ready() else "local")


def running_kafka(home: Path) -> AbstractContextManager[KafkaServer]:
    """Kafka for this session."""
    if engine() == "local":
        return _local_kafka(home)
    from tests.containers import kafka_container

    return kafka_container(KAFKA_IMAGE)


def running_postgres(home: Path) -> AbstractContextManager[PostgresServer]:
    """PostgreSQL for this session."""
    if engine() == "local":
        return _local_postgres(home)
    from tests.containers import postgres_container

    return postgres_container(POSTGRES_IMAGE)


@contextmanager
def _local_kafka(home: Path) -> Iterator[Kafka]:
    port = free_port()
    server = Kafka(home, port, free_port({port}), dies_with_parent=True)
    server.start()
    yield server
    server.stop()


@contextmanager
def _local_postgres(home: Path) -> Iterator[Postgres]:
    server = Postgres(home, free_port(), dies_with_parent=True, keeps_data=False)
    server.start()
    yield server
    server.stop()


def _containers_ready() -> bool:
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=5)
        for image in (KAFKA_IMAGE, POSTGRES_IMAGE):
            client.images.get(image)
    except DockerException:
        return False
    return True
