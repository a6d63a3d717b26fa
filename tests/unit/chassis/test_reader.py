"""The reader takes events before commands."""

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.chassis.reading.consumer import _Reader

FACTS, COMMANDS = TopicPartition("facts", 0), TopicPartition("commands", 0)


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> dict[TopicPartition, int]:
    """The number of ready messages of each partition."""
    lying = {FACTS: 0, COMMANDS: 0}

    async def getmany(
        _: object, *places: TopicPartition, timeout_ms: int, max_records: int
    ) -> dict[TopicPartition, list[TopicPartition]]:
        found: dict[TopicPartition, list[TopicPartition]] = {}
        for place in places:
            taken = min(lying[place], max_records - sum(map(len, found.values())))
            lying[place] -= taken
            if taken:
                found[place] = [place] * taken
        return found

    monkeypatch.setattr(AIOKafkaConsumer, "getmany", getmany)
    monkeypatch.setattr(AIOKafkaConsumer, "assignment", lambda _: set(lying))
    return lying


async def read(commands: set[str], at_most: int = 100) -> dict[str, int]:
    """The number of messages read of each topic."""
    reader = _Reader.__new__(_Reader)
    reader._commands = commands
    found = await reader.getmany(timeout_ms=1000, max_records=at_most)
    return {place.topic: len(records) for place, records in found.items()}


async def test_facts_come_before_commands(ready: dict[TopicPartition, int]) -> None:
    """A batch has the facts that its commands wait for, with any number of commands."""
    ready |= {FACTS: 30, COMMANDS: 1000}

    assert await read({"commands"}) == {"facts": 30, "commands": 70}


async def test_a_flood_of_facts_does_not_stop_commands(ready: dict[TopicPartition, int]) -> None:
    """The service answers commands while it reads a large snapshot of identities."""
    ready |= {FACTS: 1000, COMMANDS: 1000}

    assert await read({"commands"}) == {"facts": 75, "commands": 25}


async def test_without_commands_a_batch_is_full_of_facts(ready: dict[TopicPartition, int]) -> None:
    """A batch of a service without commands is filled with events."""
    ready |= {FACTS: 1000}

    assert await read(set()) == {"facts": 100}
