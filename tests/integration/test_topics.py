"""Topics and their settings: SER creates them, and refuses topics with other settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from contracts.catalog import SERVICES, Kind
from contracts.topics import kinds, topic_settings
from deploy.local.failure import Failure
from deploy.topics import Topic, add_partitions, create_topics, system_topics
from services.chassis.hosting.run import parts
from services.chassis.reading.cluster import Cluster
from services.chassis.reading.topics import TopicsUnfit
from services.jurisdiction.app import SERVICE
from tests.engines import KafkaServer
from tests.integration.running import Bench, until

OTHERWISE = {
    "message.timestamp.type": "CreateTime",
    "compression.type": "producer",
    "cleanup.policy": "compact",
    "retention.ms": "604800000",
    "max.message.bytes": "2000000",
    "min.insync.replicas": "3",
}


@asynccontextmanager
async def admin_of(kafka: KafkaServer) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client that may change topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def cluster_of(kafka: KafkaServer) -> AsyncIterator[Cluster]:
    """Kafka's description of topics."""
    cluster = Cluster(kafka.bootstrap, "a test")
    await cluster.start()
    try:
        yield cluster
    finally:
        await cluster.stop()


async def change(kafka: KafkaServer, topic: str, **settings: str) -> None:
    """An operator changes a topic's setting, and waits until Kafka has it."""
    async with admin_of(kafka) as admin, cluster_of(kafka) as cluster:
        wanted = topic_settings(Kind.EVENT, 1) | settings
        (answer,) = await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, wanted)])
        assert {error for error, *_ in answer.resources} == {0}

        async def changed() -> bool | None:
            (found,) = await cluster.found([topic])
            return True if found.settings.items() >= wanted.items() else None

        await until(changed, "the topic is kept otherwise")


async def test_how_topics_are_kept(kafka: KafkaServer, topic_prefix: str) -> None:
    """Kafka keeps every topic for ever, sets the time of its messages, and stores them in a form for every
    client."""
    names = [topic.name for topic in system_topics(topic_prefix)]
    assert len(await create_topics(kafka.bootstrap, system_topics(topic_prefix))) == len(names)
    async with cluster_of(kafka) as cluster:
        found = {topic.name: topic for topic in await cluster.found(names)}
    assert found.keys() == set(names)
    for topic in found.values():
        assert topic.settings.items() >= topic_settings(kinds(topic_prefix)[topic.name], copies=1).items()
        assert topic.partitions == 4
        kept = topic.settings
        assert (kept["message.timestamp.type"], kept["retention.ms"]) == ("LogAppendTime", "-1")
        assert kept["compression.type"] == "uncompressed"
    kept_whole = {name for name, topic in found.items() if topic.settings["cleanup.policy"] == "delete"}
    assert kept_whole == {name for name, kind in kinds(topic_prefix).items() if kind is not Kind.HEARTBEAT}


def test_confirmed_copies() -> None:
    """With two brokers or more a confirmed message has two copies."""
    minimum = {copies: topic_settings(Kind.EVENT, copies)["min.insync.replicas"] for copies in (1, 2, 3)}
    assert minimum == {1: "1", 2: "2", 3: "2"}


@pytest.mark.parametrize("setting", OTHERWISE)
async def test_a_topic_kept_otherwise_is_refused(kafka: KafkaServer, topic_prefix: str, setting: str) -> None:
    """The creation of topics names each topic with a wrong setting and the right value."""
    topic = Topic(f"{topic_prefix}kept")
    async with admin_of(kafka) as admin:
        settings = topic_settings(Kind.EVENT, 1) | {setting: OTHERWISE[setting]}
        await admin.create_topics([NewTopic(topic.name, 4, 1, topic_configs=settings)])
    with pytest.raises(Failure) as refused:
        await create_topics(kafka.bootstrap, [topic])
    assert f"{topic.name} has {setting}={OTHERWISE[setting]}" in refused.value.what


async def test_another_number_of_partitions_is_refused(kafka: KafkaServer, topic_prefix: str) -> None:
    """SER refuses another number of partitions, since more partitions move keys."""
    await create_topics(kafka.bootstrap, [Topic(f"{topic_prefix}few", 2)])
    with pytest.raises(Failure, match="has 2 partitions, which must be 4") as refused:
        await create_topics(kafka.bootstrap, [Topic(f"{topic_prefix}few", 4)])
    assert "--add-partitions" in refused.value.remedy


async def test_a_service_refuses_topics_kept_otherwise(own_bench: Bench, kafka: KafkaServer) -> None:
    """Before it reads, a service names every topic with a wrong setting and what to do."""
    commands, outcomes = (f"{own_bench.prefix}jurisdiction.{kind}" for kind in ("commands", "outcomes"))
    await change(kafka, commands, **{"message.timestamp.type": "CreateTime"})
    await change(kafka, outcomes, **{"compression.type": "zstd"})
    with pytest.raises(TopicsUnfit) as unfit:
        async with parts(SERVICE, own_bench.settings("jurisdiction")):
            pass
    assert unfit.value.problems == (
        f"{commands} has message.timestamp.type=CreateTime, which must be LogAppendTime.",
        f"{outcomes} has compression.type=zstd, which must be uncompressed.",
    )
    assert "kafka-configs.sh" in unfit.value.remedies[0]


async def test_a_service_does_not_start_without_its_topics(own_bench: Bench, kafka: KafkaServer) -> None:
    """The check names a missing topic and one with fewer partitions than the others."""
    added, commands = (own_bench.prefix + name for name in ("StudentAdded", "jurisdiction.commands"))
    async with admin_of(kafka) as admin:
        await admin.delete_topics([added, commands])

        async def gone() -> bool | None:
            return None if {added, commands} & set(await admin.list_topics()) else True

        await until(gone, "two topics are gone")
    await create_topics(kafka.bootstrap, [Topic(commands, 1)])
    with pytest.raises(TopicsUnfit) as unfit:
        async with parts(SERVICE, own_bench.settings("jurisdiction")):
            pass
    assert unfit.value.problems == (
        f"{added} does not exist.",
        f"{commands} has 1 partitions, which must be 2.",
    )


async def test_partitions_are_added_by_name(kafka: KafkaServer, topic_prefix: str) -> None:
    """An operator who adds partitions learns to wait until all messages are read, and to choose a
    multiple."""
    await create_topics(kafka.bootstrap, system_topics(topic_prefix, 2))
    with pytest.raises(Failure, match="cannot become 3"):
        await add_partitions(kafka.bootstrap, 3, topic_prefix)
    commands = f"{topic_prefix}students.commands"
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
        await producer.send_and_wait(commands, b"{}", key=b"1000000001")
    with pytest.raises(Failure, match="students has still to read 1 records") as refused:
        await add_partitions(kafka.bootstrap, 4, topic_prefix)
    assert "Stop all senders" in refused.value.remedy
    async with admin_of(kafka) as admin:
        assert {len(topic["partitions"]) for topic in await admin.describe_topics([commands])} == {2}


async def test_nothing_unread_then_partitions_are_added(kafka: KafkaServer, topic_prefix: str) -> None:
    """After all messages are read, every topic gets the requested number of partitions."""
    assert SERVICES
    await create_topics(kafka.bootstrap, system_topics(topic_prefix, 2))
    assert await add_partitions(kafka.bootstrap, 4, topic_prefix) == 2
    names = [topic.name for topic in system_topics(topic_prefix)]
    async with admin_of(kafka) as admin:

        async def every_topic_has_them() -> bool | None:
            counts = {len(topic["partitions"]) for topic in await admin.describe_topics(names)}
            return True if counts == {4} else None

        await until(every_topic_has_them, "every topic has four partitions")
