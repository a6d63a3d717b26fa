"""Kafka takes offsets only from a process that it knows as a member of the group."""

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalGenerationError, UnknownMemberIdError

from deploy.topics import create_topics, system_topics
from services.chassis.reading.cluster import member_of
from tests.engines import KafkaServer
from tests.integration.test_topics import cluster_of


async def test_a_former_member_commits_nothing(kafka: KafkaServer, topic_prefix: str) -> None:
    """Kafka refuses the offsets of a process that has left its group, also when nobody else is in it."""
    topic, *_ = await create_topics(kafka.bootstrap, system_topics(topic_prefix))
    group, place = f"{topic_prefix}members", TopicPartition(topic, 0)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka.bootstrap, group_id=group)
    async with cluster_of(kafka) as cluster:
        await consumer.start()
        try:
            member = member_of(consumer)
            await cluster.commit(group, member, {place: 7})
        finally:
            await consumer.stop()
        with pytest.raises((UnknownMemberIdError, IllegalGenerationError)):
            await cluster.commit(group, member, {place: 9})
        assert await cluster.committed(group) == {place: 7}
