"""The relay packs messages into Kafka's batches."""

from aiokafka import AIOKafkaProducer

from services.chassis.publishing.packing import Message, packed


def counts(*sizes: int) -> list[int]:
    """The number of messages in each batch of 1,000 bytes, for values of these sizes."""
    producer = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1", max_batch_size=1000)
    messages: list[Message] = [(b"1", b"x" * size, [("name", b"value")]) for size in sizes]
    return [count for _, count in packed(producer, messages)]


async def test_what_does_not_fit_begins_a_new_batch() -> None:
    """A message that does not fit starts a new batch. Each message is in exactly one batch."""
    assert counts(400, 400, 400, 10, 900) == [2, 2, 1]


async def test_a_message_larger_than_a_batch_has_one_of_its_own() -> None:
    """A message larger than a batch gets a batch of its own; Kafka decides whether it accepts it."""
    assert counts(10, 5000, 10) == [1, 1, 1]


async def test_nothing_is_no_batch() -> None:
    """Without messages there is no batch, because Kafka refuses an empty one."""
    assert counts() == []
