"""Servers shared by the whole session, and fresh names on them for each test."""

import secrets
from collections.abc import Callable, Iterator

import hypothesis  # noqa: F401 # or its plugin imports it as the last thing, where Python 3.11 may fail
import pytest

from tests.engines import KafkaServer, PostgresServer, engine, running_kafka, running_postgres

pytest_plugins = ["tests.returned"]

Database = Callable[[str], str]
"""Makes a fresh database with a role of its own; takes a short name, gives its postgresql+asyncpg URL."""


def pytest_report_header() -> str:
    return f"Kafka and PostgreSQL: {engine()} (SER_TEST_ENGINE)"


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A real Kafka, started once; isolate a test by `topic_prefix`."""
    with running_kafka(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A real PostgreSQL, started once; isolate a test by `database`."""
    with running_postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def topic_prefix() -> str:
    """No other test has topics or consumer groups that begin like this."""
    return f"t{secrets.token_hex(4)}."


@pytest.fixture
def database(postgres: PostgresServer) -> Database:
    """A factory of empty databases, each opened by its own role only."""

    def make(name: str) -> str:
        unique = f"{name}_{secrets.token_hex(4)}"
        password = secrets.token_hex(8)
        postgres.create(unique, unique, password)
        return postgres.url(unique, unique, password)

    return make
