"""How messages are put into batches."""

from aiokafka import AIOKafkaProducer

from services.chassis.publishing.packing import Message, packed


def counts(*sizes: int) -> list[int]:
    """How many messages are in each batch of a thousand bytes, with values of so many bytes."""
    producer = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1", max_batch_size=1000)
    messages: list[Message] = [(b"1", b"x" * size, [("name", b"value")]) for size in sizes]
    return [count for _, count in packed(producer, messages)]


async def test_what_does_not_fit_begins_a_new_batch() -> None:
    """Nothing is left out, and nothing is in two batches."""
    assert counts(400, 400, 400, 10, 900) == [2, 2, 1]


async def test_a_message_larger_than_a_batch_has_one_of_its_own() -> None:
    """Kafka says itself whether it takes it."""
    assert counts(10, 5000, 10) == [1, 1, 1]


async def test_nothing_is_no_batch() -> None:
    """An empty batch would be refused."""
    assert counts() == []
