"""Servers shared by the whole session, and fresh names on them for each test."""

import secrets
from collections.abc import Callable, Iterator

import hypothesis  # noqa: F401 # or its plugin imports it as the last thing, where Python 3.11 may fail
import pytest

from services.chassis.hosting.collecting import collect_rarely
from tests.databases import Databases
from tests.engines import KafkaServer, PostgresServer, engine, running_kafka, running_postgres

pytest_plugins = ["tests.returned", "tests.sharing"]

Database = Callable[[str], str]
"""Makes a database for a short name. Returns its postgresql+asyncpg URL."""


def pytest_configure() -> None:
    """Collect rarely, as a service does: most of what the tests make has no cycles."""
    collect_rarely()


def pytest_collection_finish() -> None:
    """Leave the collected tests out of every later search for cycles: they stay until the end."""
    collect_rarely()


def pytest_report_header() -> str:
    return f"Kafka and PostgreSQL: {engine()} (SER_TEST_ENGINE)"


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A real Kafka for the whole session. Use `topic_prefix` to isolate a test."""
    with running_kafka(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A real PostgreSQL for the whole session. Use `database` to isolate a test."""
    with running_postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def topic_prefix() -> str:
    """A prefix for topics and consumer groups that no other test has."""
    return f"t{secrets.token_hex(4)}."


@pytest.fixture(scope="session")
def databases(postgres: PostgresServer) -> Databases:
    """Makes databases on the session's PostgreSQL."""
    return Databases(postgres)


@pytest.fixture
def database(databases: Databases) -> Database:
    """Makes databases that no other test has: a service's name gets its newest schema, without rows."""
    return databases.make
