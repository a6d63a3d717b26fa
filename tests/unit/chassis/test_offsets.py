"""Which offsets a process commits when Kafka did not take them at once."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from pydantic import SecretStr

from services.chassis.consumer import Consumer
from services.chassis.lanes import Lanes
from services.chassis.settings import Settings
from services.jurisdiction.app import SERVICE

PLACE = TopicPartition("jurisdiction.commands", 0)


@dataclass
class _Kafka:
    """A broker that can be away; every partition is this process's."""

    away: bool = False
    committed: dict[TopicPartition, int] = field(default_factory=dict)

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if self.away:
            raise KafkaConnectionError
        self.committed.update(offsets)


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> _Kafka:
    """The broker the consumer below speaks to."""
    broker = _Kafka()
    monkeypatch.setattr(Consumer, "kafka", property(lambda _: broker))
    return broker


@pytest.fixture
def consumer() -> Consumer:
    """A consumer that is not started."""
    settings = Settings(database=SecretStr(""), token_public_key=Path())
    nothing = cast(Any, SimpleNamespace(take=None))
    return Consumer(SERVICE, settings, nothing, nothing, nothing)


def read_up_to(offset: int) -> Any:
    """A record after which so many are read."""
    return (SimpleNamespace(topic=PLACE.topic, partition=PLACE.partition, offset=offset - 1),)


async def test_what_kafka_did_not_take_is_committed_later(kafka: _Kafka, consumer: Consumer) -> None:
    """While the broker is away nothing is lost of how far a partition was read."""
    kafka.away = True
    await consumer._done(read_up_to(7), joined=0)
    kafka.away = False
    await consumer._commit()

    assert kafka.committed == {PLACE: 7}


async def test_offsets_from_before_a_rebalance_are_forgotten(kafka: _Kafka, consumer: Consumer) -> None:
    """A partition that was somebody else's meanwhile is not put back to where this process had left it."""
    kafka.away = True
    await consumer._done(read_up_to(7), joined=0)
    kafka.away = False
    kafka.committed[PLACE] = 50
    consumer._joining.on_partitions_assigned({PLACE})
    await consumer._commit()

    assert kafka.committed == {PLACE: 50}


async def test_a_batch_from_before_a_rebalance_is_not_committed_after_it(
    kafka: _Kafka, consumer: Consumer
) -> None:
    """While the batch was under way its partition was somebody else's, who may have read further."""
    kafka.committed[PLACE] = 50
    consumer._joining.on_partitions_assigned({PLACE})
    await consumer._done(read_up_to(7), joined=0)

    assert kafka.committed == {PLACE: 50}


async def test_what_failed_in_a_part_is_told_by_its_name(kafka: _Kafka, consumer: Consumer) -> None:
    """Why reading stopped stands in the log and at `/health/ready`: it is what failed, not where."""

    async def failing(_: object) -> None:
        raise KafkaConnectionError

    consumer._lanes = Lanes(failing, consumer._fail)
    with pytest.raises(KafkaConnectionError):
        await consumer._handle(())

    assert isinstance(consumer.failure, KafkaConnectionError)
    assert kafka.committed == {}
