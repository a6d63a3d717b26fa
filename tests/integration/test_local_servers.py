"""Kafka and PostgreSQL on a machine without containers."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from deploy.local.failure import Failure
from deploy.local.kafka import Kafka
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres, plain
from deploy.local.unprivileged import namespaces_allowed
from deploy.topics import Topic, create_topics
from tests.engines import engine

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user needs no such record")
pytestmark = pytest.mark.skipif(engine() != "local", reason="these servers are the containers' business here")


@pytest.fixture(scope="module")
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("own-postgres"), free_port(), dies_with_parent=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    port = free_port()
    server = Kafka(tmp_path_factory.mktemp("own-kafka"), port, free_port({port}), dies_with_parent=True)
    server.start()
    yield server
    server.stop()


async def _answer(url: str, question: str) -> object:
    connection = await asyncpg.connect(plain(url))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_a_commit_survives_a_crash_of_postgres(own_postgres: Postgres) -> None:
    """PostgreSQL keeps confirmed data when it is killed and started again."""
    await asyncio.to_thread(own_postgres.create, "kept", "kept", "secret")
    url = own_postgres.url("kept", "kept", "secret")
    await _answer(url, "create table note (said text)")
    await _answer(url, "insert into note values ('still here')")

    own_postgres.kill()
    await asyncio.to_thread(own_postgres.start)

    assert await _answer(url, "select said from note") == "still here"
    assert await _answer(url, "show fsync") == "on"
    assert await _answer(url, "show synchronous_commit") == "on"


async def test_a_role_opens_its_own_database_only(own_postgres: Postgres) -> None:
    """A service's role cannot open another service's database."""
    for name in ("mine", "theirs"):
        await asyncio.to_thread(own_postgres.create, name, name, "secret")

    assert await _answer(own_postgres.url("mine", "mine", "secret"), "select current_user") == "mine"
    for other in ("theirs", "postgres", "template1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _answer(own_postgres.url(other, "mine", "secret"), "select 1")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await _answer(own_postgres.url("theirs", "theirs", "wrong"), "select 1")


async def test_a_role_adds_the_extensions_its_rules_need(own_postgres: Postgres) -> None:
    """A service's role can install the PostgreSQL extensions that its tables need."""
    await asyncio.to_thread(own_postgres.create, "rules", "rules", "secret")
    url = own_postgres.url("rules", "rules", "secret")

    for extension in ("btree_gist", "pg_trgm"):
        await _answer(url, f"create extension {extension}")

    assert (
        await _answer(url, "select count(*) from pg_extension where extname in ('btree_gist', 'pg_trgm')")
        == 2
    )


async def test_making_a_database_again_keeps_what_is_in_it(own_postgres: Postgres) -> None:
    """Creating a database again keeps its data."""
    await asyncio.to_thread(own_postgres.create, "twice", "twice", "first")
    await _answer(own_postgres.url("twice", "twice", "first"), "create table note as select 1 as kept")

    await asyncio.to_thread(own_postgres.create, "twice", "twice", "second")

    assert await _answer(own_postgres.url("twice", "twice", "second"), "select kept from note") == 1


async def test_a_confirmed_message_survives_a_crash_of_kafka(own_kafka: Kafka) -> None:
    """Kafka keeps confirmed messages at their offsets when it is killed and started again."""
    await create_topics(own_kafka.bootstrap, [Topic("crash", partitions=1)])
    async with AIOKafkaProducer(bootstrap_servers=own_kafka.bootstrap, acks="all") as producer:
        kept = await producer.send_and_wait("crash", b"still here", partition=0)

    own_kafka.kill()
    await asyncio.to_thread(own_kafka.start)

    async with AIOKafkaConsumer(bootstrap_servers=own_kafka.bootstrap) as consumer:
        consumer.assign([TopicPartition("crash", 0)])
        await consumer.seek_to_beginning()
        message = await asyncio.wait_for(consumer.getone(), 30)
    assert (message.offset, message.value) == (kept.offset, b"still here")


async def test_topics_are_made_once_and_never_by_accident(own_kafka: Kafka) -> None:
    """A misspelt topic is an error. Creating the topics again changes nothing."""
    assert await create_topics(own_kafka.bootstrap, [Topic("made", partitions=3)]) == ["made"]
    assert await create_topics(own_kafka.bootstrap, [Topic("made", partitions=3)]) == []

    async with AIOKafkaProducer(bootstrap_servers=own_kafka.bootstrap, request_timeout_ms=1_000) as producer:
        assert await producer.partitions_for("made") == {0, 1, 2}
        with pytest.raises(KafkaError):
            await producer.send_and_wait("misspelt", b"")


@pytest.fixture
def no_namespaces(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that forbids user namespaces, as many containers do."""
    monkeypatch.setenv("PATH", "/nowhere")
    namespaces_allowed.cache_clear()
    yield
    namespaces_allowed.cache_clear()


@as_root
@pytest.mark.usefixtures("no_namespaces")
def test_root_without_namespaces_runs_postgres_as_nobody() -> None:
    """Without user namespaces root runs PostgreSQL as the account nobody."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = Postgres(Path(folder), free_port())
        server.start()
        assert server.process.identity is not None
        owner = psutil.Process(server.process.identity.pid).username()
        server.stop()

    assert owner == "nobody"


@as_root
@pytest.mark.usefixtures("no_namespaces")
def test_root_is_told_which_folder_keeps_postgres_out() -> None:
    """If PostgreSQL cannot enter a folder, the failure names the folder and the command that opens it."""
    with tempfile.TemporaryDirectory() as closed, pytest.raises(Failure) as failed:
        Postgres(Path(closed) / "home", free_port()).start()

    assert f"chmod o+x {Path(closed).resolve()}" in failed.value.remedy


def test_both_servers_listen_on_the_loopback_only(own_kafka: Kafka, own_postgres: Postgres) -> None:
    """Kafka and PostgreSQL listen on the loopback only."""
    for server in (own_kafka, own_postgres):
        assert server.process.identity is not None
        listening = [
            c.laddr.ip
            for c in psutil.Process(server.process.identity.pid).net_connections()
            if c.status == "LISTEN"
        ]
        assert listening
        assert set(listening) <= {"127.0.0.1", "::ffff:127.0.0.1"}
