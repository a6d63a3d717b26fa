"""Servers shared by the whole session, fresh names on them for each test, and which rules were broken."""

import secrets
from collections.abc import Callable, Iterator

import hypothesis  # noqa: F401 # or its plugin imports it as the last thing, where Python 3.11 may fail
import pytest

from contracts.errors import Finding, Rule
from tests.engines import KafkaServer, PostgresServer, engine, running_kafka, running_postgres

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


_told: set[str] = set()
_broken = Rule.broken


def _noted(rule: Rule, **facts: object) -> Finding:
    _told.add(rule.code)
    return _broken(rule, **facts)  # type: ignore[arg-type]


def pytest_sessionstart() -> None:
    """Note from here on which rules are broken."""
    Rule.broken = _noted  # type: ignore[method-assign,assignment]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """After all tests every rule was broken at least once; else the run fails, and says which was not."""
    chosen = session.config.option.file_or_dir or session.config.option.keyword
    if chosen or exitstatus != pytest.ExitCode.OK:
        return
    from services.reporting.domain.rules import NOT_COUNTED
    from tests.architecture.test_rules import RULES

    told_by_a_query = {rule.code for rule in NOT_COUNTED.values()}  # test_reporting_child_count meets each
    if never := sorted(RULES.keys() - _told - told_by_a_query):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        session.config.get_terminal_writer().line(f"\nno test broke {', '.join(never)}", red=True)
