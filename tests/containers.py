"""The same two servers from their official images, through testcontainers."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from testcontainers.core.container import DockerContainer

from deploy.local.kafka import serves
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.postgres import create_database, plain
from deploy.local.waiting import run_blocking, wait_until

_START_SECONDS = 120


@dataclass(frozen=True)
class ContainerKafka:
    """Kafka behind a loopback port."""

    port: int

    @property
    def bootstrap(self) -> str:
        return f"{LOOPBACK}:{self.port}"


@dataclass(frozen=True)
class ContainerPostgres:
    """PostgreSQL behind a loopback port."""

    port: int
    secret: str

    def url(self, database: str = "postgres", role: str = "postgres", password: str | None = None) -> str:
        return f"postgresql+asyncpg://{role}:{password or self.secret}@{LOOPBACK}:{self.port}/{database}"

    def create(self, database: str, role: str, password: str) -> None:
        run_blocking(create_database(self.url(), database, role, password))


@contextmanager
def kafka_container(image: str) -> Iterator[ContainerKafka]:
    """A node that advertises the loopback port it is published on."""
    port = free_port()
    settings = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"CLIENTS://0.0.0.0:{port},CONTROLLER://localhost:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"CLIENTS://{LOOPBACK}:{port}",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "CLIENTS",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "100",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }
    container = _published(image, port, port)
    for name, value in settings.items():
        container = container.with_env(name, value)
    with container:
        _await(lambda: serves(port), "Kafka", container)
        yield ContainerKafka(port)


@contextmanager
def postgres_container(image: str) -> Iterator[ContainerPostgres]:
    """A server that takes connections on its loopback port."""
    server = ContainerPostgres(free_port(), secrets.token_hex(8))
    container = _published(image, 5432, server.port).with_env("POSTGRES_PASSWORD", server.secret)
    with container.with_command("postgres -c shared_preload_libraries=pg_stat_statements -c fsync=off"):
        _await(lambda: run_blocking(_answers(server.url())), "PostgreSQL", container)
        yield server


def _published(image: str, inside: int, port: int) -> DockerContainer:
    container = DockerContainer(image)
    ports: dict[str, Any] = container.ports
    ports[f"{inside}/tcp"] = (LOOPBACK, port)  # with_bind_ports would open it to the network
    return container


async def _answers(url: str) -> bool:
    try:
        connection = await asyncpg.connect(plain(url), timeout=2)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return False
    await connection.close()
    return True


def _await(condition: Callable[[], bool], name: str, container: DockerContainer) -> None:
    if not wait_until(condition, _START_SECONDS, every=0.2):
        out, err = container.get_logs()
        raise RuntimeError(f"{name} did not start in its container:\n{out.decode()}\n{err.decode()}")
