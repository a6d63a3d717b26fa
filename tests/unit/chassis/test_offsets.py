"""Which offsets a process commits, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, UnknownMemberIdError
from pydantic import SecretStr

from services.chassis.hosting.settings import Settings
from services.chassis.reading.cluster import Member
from services.chassis.reading.consumer import Consumer
from services.chassis.reading.offsets import Offsets
from services.chassis.reading.worker import Stopping
from services.jurisdiction.app import SERVICE

PLACE = TopicPartition("jurisdiction.commands", 0)


@dataclass
class _Kafka:
    """A broker that can be down. This process reads every partition.

    `_coordinator` is where aiokafka keeps how the process takes part in its group.
    """

    away: bool = False
    knows: str = "the process"
    reached: int = 7
    committed: dict[TopicPartition, int] = field(default_factory=dict)
    _coordinator: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(member_id="the process", generation=1)
    )

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    async def position(self, place: TopicPartition) -> int:
        return self.reached

    async def commit(self, member: Member, offsets: Mapping[TopicPartition, int]) -> None:
        if self.away:
            raise KafkaConnectionError
        if member.id != self.knows:
            raise UnknownMemberIdError
        self.committed.update(offsets)

    def forgets(self, joined_again_as: str) -> None:
        """Kafka loses its log. aiokafka notices, and asks for a new membership."""
        self.knows = joined_again_as
        self._coordinator.member_id, self._coordinator.generation = "", -1


@pytest.fixture
def kafka() -> _Kafka:
    """The broker."""
    return _Kafka()


@pytest.fixture
def offsets(kafka: _Kafka) -> Offsets:
    """The offsets of a process that has just joined."""
    offsets = Offsets(cast(Any, lambda: kafka), kafka.commit)
    offsets.on_partitions_assigned({PLACE})
    return offsets


def read_up_to(offset: int) -> Any:
    """A message after which the offset is this number."""
    return (SimpleNamespace(topic=PLACE.topic, partition=PLACE.partition, offset=offset - 1),)


async def test_what_kafka_did_not_take_is_committed_later(kafka: _Kafka, offsets: Offsets) -> None:
    """If Kafka is down, the process commits its offsets later."""
    kafka.away = True
    await offsets.safe(read_up_to(7), offsets.generation)
    kafka.away = False
    await offsets.commit()

    assert kafka.committed == {PLACE: 7}


async def test_offsets_from_before_a_rebalance_are_forgotten(kafka: _Kafka, offsets: Offsets) -> None:
    """A process that gets a partition back never moves its offset backward."""
    kafka.away = True
    await offsets.safe(read_up_to(7), offsets.generation)
    kafka.away = False
    kafka.committed[PLACE] = 50
    offsets.on_partitions_assigned({PLACE})
    await offsets.commit()

    assert kafka.committed == {PLACE: 50}


async def test_a_batch_from_before_a_rebalance_is_not_committed_after_it(
    kafka: _Kafka, offsets: Offsets
) -> None:
    """After a rebalance the process does not commit a batch from before: another process may have read
    further."""
    kafka.committed[PLACE], before = 50, offsets.generation
    offsets.on_partitions_assigned({PLACE})
    await offsets.safe(read_up_to(7), before)

    assert kafka.committed == {PLACE: 50}


async def test_offsets_of_a_lost_log_are_not_committed(kafka: _Kafka, offsets: Offsets) -> None:
    """After Kafka has lost its log, a process never commits how far it had read the old log. It would skip
    the first messages of the new log."""
    kafka.forgets(joined_again_as="a new member")
    await offsets.safe(read_up_to(7), offsets.generation)
    await offsets.on_partitions_revoked({PLACE})
    await offsets.passed(cast(Any, kafka))
    kafka._coordinator.member_id, kafka._coordinator.generation = "a new member", 1
    await offsets.commit()
    assert kafka.committed == {}

    kafka.reached = 0
    offsets.on_partitions_assigned({PLACE})
    await offsets.passed(cast(Any, kafka))
    await offsets.commit()
    assert kafka.committed == {PLACE: 0}


async def test_kafka_is_told_now_and_then(kafka: _Kafka, offsets: Offsets) -> None:
    """The process commits offsets about once a second, not after each batch; housekeeping commits the last
    ones."""
    await offsets.safe(read_up_to(7), offsets.generation)
    await offsets.safe(read_up_to(8), offsets.generation)
    assert kafka.committed == {PLACE: 7}

    await offsets.commit()
    assert kafka.committed == {PLACE: 8}


async def test_what_failed_in_a_part_is_told_by_its_name() -> None:
    """The log and `/health/ready` name the error that stopped reading."""

    async def failing(_: object) -> None:
        raise KafkaConnectionError

    settings = Settings(database=SecretStr(""), token_keys="")
    nothing = cast(Any, None)
    consumer = Consumer(
        SERVICE, settings, cast(Any, SimpleNamespace(take=failing)), nothing, nothing, nothing
    )
    with pytest.raises(KafkaConnectionError):
        await consumer._handle(())

    assert isinstance(consumer.failure, KafkaConnectionError)


async def test_a_rebalance_is_told_what_is_safe_first(kafka: _Kafka, offsets: Offsets) -> None:
    """Before a rebalance the process commits its finished offsets, so that the next process starts there."""
    await offsets.safe(read_up_to(7), offsets.generation)
    await offsets.safe(read_up_to(8), offsets.generation)
    await offsets.on_partitions_revoked({PLACE})

    assert kafka.committed == {PLACE: 8}


async def test_a_process_that_stops_tells_its_offsets_whatever_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that stops commits its finished batches, even if a later batch is unfinished."""
    settings = Settings(database=SecretStr(""), token_keys="")
    nothing, happened = cast(Any, None), list[str]()
    consumer = Consumer(SERVICE, settings, cast(Any, SimpleNamespace(take=None)), nothing, nothing, nothing)

    async def left(**_: object) -> None:
        raise Stopping

    async def committed() -> None:
        happened.append("committed")

    async def stopped() -> None:
        happened.append("stopped")

    monkeypatch.setattr(consumer._lanes, "wait", left)
    monkeypatch.setattr(consumer._offsets, "commit", committed)
    monkeypatch.setattr(consumer.broker, "stop", stopped)
    await consumer.stop()

    assert happened == ["committed", "stopped"]
