"""The one thing of a record that is left out of the random stream: a header's name that is not UTF-8."""

import secrets

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.topics import Topic, create_topics
from tests.engines import KafkaServer
from tests.fuzz.header_names import put_with_header_name


async def test_names_that_are_not_utf_8_cannot_be_read(kafka: KafkaServer) -> None:
    """Kafka takes such a record and aiokafka cannot read it; when it can, this limit is struck off."""
    topic = f"f{secrets.token_hex(4)}"
    await create_topics(kafka.bootstrap, [Topic(topic, partitions=1)])
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
        await producer.send_and_wait(topic, b"before", partition=0)
        await put_with_header_name(producer, topic, b"\xff\xfe")
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, 0)])
    await consumer.start()
    try:
        with pytest.raises(UnicodeDecodeError):
            await _read(consumer, 2)
    finally:
        await consumer.stop()


async def _read(consumer: AIOKafkaConsumer, count: int) -> None:
    while count > 0:
        found = await consumer.getmany(timeout_ms=10_000)
        assert found, "Kafka has no more"
        count -= sum(map(len, found.values()))
