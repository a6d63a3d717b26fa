"""What the campaigns share."""

import secrets
from collections.abc import Iterator

import pytest

from tests.conftest import Database
from tests.engines import KafkaServer, PostgresServer
from tests.fuzz.kafka_messages import Senders
from tests.fuzz.system import System, running_system


@pytest.fixture(scope="session")
def senders(tmp_path_factory: pytest.TempPathFactory) -> Senders:
    """Tokens, and a decoder for each service."""
    return Senders(tmp_path_factory.mktemp("senders"))


@pytest.fixture(scope="session")
def system(
    kafka: KafkaServer, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """The five services as processes, shared by all that is thrown at them."""
    prefix = f"f{secrets.token_hex(4)}."
    home = tmp_path_factory.mktemp("fuzz")
    with running_system(kafka, prefix, _databases(postgres), home) as running:
        yield running


def _databases(postgres: PostgresServer) -> Database:
    def make(name: str) -> str:
        unique = f"fuzz_{name}_{secrets.token_hex(4)}"
        postgres.create(unique, unique, unique)
        return postgres.url(unique, unique, unique)

    return make
