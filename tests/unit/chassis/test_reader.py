"""The reader takes events before commands."""

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.chassis.reading.consumer import _Reader

FACTS, COMMANDS = TopicPartition("facts", 0), TopicPartition("commands", 0)


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> dict[TopicPartition, int]:
    """How many records lie ready of each partition."""
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
    """How many are read of each topic."""
    reader = _Reader.__new__(_Reader)
    reader._commands = commands
    found = await reader.getmany(timeout_ms=1000, max_records=at_most)
    return {place.topic: len(records) for place, records in found.items()}


async def test_facts_come_before_commands(ready: dict[TopicPartition, int]) -> None:
    """However many commands there are, the facts they wait for are in the same batch."""
    ready |= {FACTS: 30, COMMANDS: 1000}

    assert await read({"commands"}) == {"facts": 30, "commands": 70}


async def test_a_flood_of_facts_does_not_stop_commands(ready: dict[TopicPartition, int]) -> None:
    """A snapshot of everybody's identities comes in, and commands are answered meanwhile."""
    ready |= {FACTS: 1000, COMMANDS: 1000}

    assert await read({"commands"}) == {"facts": 75, "commands": 25}


async def test_without_commands_a_batch_is_full_of_facts(ready: dict[TopicPartition, int]) -> None:
    """A service that decides nothing keeps no place for commands."""
    ready |= {FACTS: 1000}

    assert await read(set()) == {"facts": 100}
